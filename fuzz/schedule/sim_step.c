/* What a step leaves to choice, and its telling; see sim_step.h. */
#include "sim_step.h"

enum { FAIL_ODDS = 8 }; /* a weak compare-and-swap fails for nothing, where the base strategy may choose */

void sim_tell(const struct step *step)
{
    const struct sim_cpu *cpu = sim.running;
    const uint64_t number = cpu->key & UINT32_MAX;
    const struct sim_event event = {
        .site = step->site,
        .address = step->at,
        .before = step->before,
        .after = step->after,
        .cpu = cpu->number,
        .depth = cpu->depth,
        .operation = (uint8_t)(cpu->key >> 32),
        .step = (uint16_t)(number < UINT16_MAX ? number : UINT16_MAX),
        .kind = step->kind,
        .order = step->order,
        .failed = step->failed,
        .stale = step->stale,
        .waits = step->waits,
        .aba = step->aba,
    };

    sim.active = false; /* the listener may look at the memory */
    sim.work->event(sim.work->context, &event);
    sim.active = true;
}

#ifdef FIBER_TSAN
#include <sanitizer/tsan_interface_atomic.h>

/* The operation has been carried out: again, so that it changes nothing. */
void sim_tell_sanitizer(const struct step *step)
{
    static const __tsan_memory_order orders[] = {
        __tsan_memory_order_relaxed, __tsan_memory_order_acquire, __tsan_memory_order_release,
        __tsan_memory_order_acq_rel, __tsan_memory_order_seq_cst,
    };
    const int order = (int)orders[step->order]; /* as today's header takes it */
    volatile __tsan_atomic64 *at = (volatile __tsan_atomic64 *)(uintptr_t)step->at;

    if (step->kind == SIM_FENCE)
        __tsan_atomic_thread_fence(order);
    else if (step->kind == SIM_LOAD || step->failed)
        __tsan_atomic64_load(at, order);
    else if (step->kind == SIM_STORE)
        __tsan_atomic64_store(at, (__tsan_atomic64)step->after, order);
    else
        __tsan_atomic64_fetch_add(at, 0, order);
}
#endif

/* Whether the base strategy may choose how this step ends. */
static bool base_chooses(void)
{
    return (sim.schedule->modes & (SCHEDULE_WEAK | SCHEDULE_BUFFERS)) &&
           sim.schedule->strategy != STRATEGY_EXPLICIT && !sim.exploring && !sim.solo && sim.now < sim.fair_from;
}

unsigned sim_choose_stale(const struct weak_history *history, enum sim_order order, const struct sim_site *site)
{
    const struct sim_cpu *cpu = sim.running;
    unsigned reach, back;

    if (!cpu->stale && !base_chooses())
        return 0;
    reach = weak_reach(history, order);
    if (cpu->stale)
        back = cpu->stale < reach ? cpu->stale : reach;
    else
        back = reach ? strategy_below(&sim.strategy, reach + 1) : 0;
    if (back) {
        sim_record(OVERRIDE_STALE, back, 0);
        feedback_hit(FEEDBACK_STALE, site->id, 0);
    }
    return back;
}

bool sim_choose_failure(void)
{
    const bool fails = sim.running->fail || (base_chooses() && strategy_below(&sim.strategy, FAIL_ODDS) == 0);

    if (fails)
        sim_record(OVERRIDE_FAIL, 0, 0);
    return fails;
}

bool sim_choose_waiting(unsigned odds, unsigned longest, unsigned *hold)
{
    const struct sim_cpu *cpu = sim.running;
    unsigned draw;

    *hold = cpu->hold;
    if (!cpu->waits) {
        if (!(sim.schedule->modes & SCHEDULE_BUFFERS) || !base_chooses())
            return false;
        draw = strategy_below(&sim.strategy, odds);
        if (draw > 1)
            return false;
        *hold = draw ? 1 + strategy_below(&sim.strategy, longest) : 0;
    }
    sim_record(OVERRIDE_BUFFER, 0, *hold);
    return true;
}
