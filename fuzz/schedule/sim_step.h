/*
 * The parts of a step: memory at any size and alignment, what is noted of it, the clock. Inline, because this is
 * where a simulation spends its time.
 */
#ifndef FUZZ_SIM_STEP_H
#define FUZZ_SIM_STEP_H

#include <string.h>

#include "sim_state.h"
#include "feedback.h"
#include "sim_location.h"
#include "weak.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline)) /* the size and kind become constants */
#define APART         static __attribute__((noinline))             /* the way around it saves no registers */

/* ---- memory ---- */

ALWAYS_INLINE uint64_t read_memory(const void *at, unsigned bytes)
{
    uint64_t value = 0;

    switch (bytes) { /* sizes that the compiler knows become one instruction */
    case 1:
        memcpy(&value, at, 1);
        break;
    case 2:
        memcpy(&value, at, 2);
        break;
    case 4:
        memcpy(&value, at, 4);
        break;
    default:
        memcpy(&value, at, 8);
    }
    return value;
}

ALWAYS_INLINE void write_memory(void *at, unsigned bytes, uint64_t value)
{
    switch (bytes) {
    case 1:
        memcpy(at, &value, 1);
        break;
    case 2:
        memcpy(at, &value, 2);
        break;
    case 4:
        memcpy(at, &value, 4);
        break;
    default:
        memcpy(at, &value, 8);
    }
}

ALWAYS_INLINE uint64_t combine(uint64_t before, uint64_t operand, enum sim_kind kind)
{
    switch (kind) {
    case SIM_AND:
        return before & operand;
    case SIM_OR:
        return before | operand;
    case SIM_ADD:
        return before + operand;
    case SIM_XOR:
        return before ^ operand;
    default:
        return operand;
    }
}

/* ---- a step ---- */

/* What is known of a step when it is over. */
struct step {
    const struct sim_site *site;
    const void *at;
    uint64_t before, after;
    enum sim_kind kind;
    enum sim_order order;
    bool failed, stale, aba, waits;
};

/* sim_step.c: to the listener, if there is one, and to TSan, which sees the order of plain accesses by it. */
void sim_tell(const struct step *step);
void sim_tell_sanitizer(const struct step *step);

ALWAYS_INLINE void finish(struct step step)
{
    struct sim_cpu *cpu = sim.running;
    struct sim_call *call = &cpu->calls[cpu->depth];

    if (sim.work->event) {
        const struct step told = step; /* otherwise it need not be in memory at all */

        sim_tell(&told);
    }
#ifdef FIBER_TSAN
    sim_tell_sanitizer(&step);
#endif
    if (call->steps++ == 0)
        call->began = sim.now;
    sim.now++;
    sim.top->steps++;
    cpu->key++;
    cpu->stale = 0;
    cpu->fail = false;
    cpu->waits = false;
    if (sim.solo && ++sim.solo_steps > sim.solo_limit)
        sim_stop(SIM_STUCK);
}

ALWAYS_INLINE void note_read(struct location *location, const struct sim_site *site)
{
    feedback_read(location, site);
    location->read[sim_context()] = (uint32_t)sim.now + 1;
}

ALWAYS_INLINE void note_write(struct location *location, const struct sim_site *site, bool changed)
{
    const uint32_t time = (uint32_t)sim.now + 1;

    location->writer = (uint16_t)sim_context();
    location->writer_site = site->id;
    location->read[sim_context()] = time;
    if (changed)
        location->changed = time;
}

/* What the input or the base strategy chooses of a step itself; 0 and false outside weak mode. */
unsigned sim_choose_stale(const struct weak_history *history, enum sim_order order, const struct sim_site *site);
bool sim_choose_failure(void);
/* Outside mode BUFFERS only the input does. One in `odds` waits until it must (hold 0), one at most `longest` steps. */
bool sim_choose_waiting(unsigned odds, unsigned longest, unsigned *hold);

#endif
