/*
 * Weak memory by C11: which older value a load may still return, and what synchronises with what.
 *
 * Every location keeps its last stores, every CPU a clock with one component a CPU. A load may go back to any store
 * that nothing newer hides: nothing that happens before the load has written or read a newer one; and sequentially
 * consistent operations and fences keep one order, the order of execution. Stores become visible in the order in
 * which they are executed, unless weak_buffer.h keeps them.
 *
 * Never weaker than C11, in places stronger: sequentially consistent fences synchronise with each other, a load
 * cannot return a value that is stored later (load buffering), and without buffers stores of one location are ordered as
 * executed (no 2+2W).
 */
#ifndef FUZZ_WEAK_H
#define FUZZ_WEAK_H

#include "sim_location.h"

void weak_begin(void);

/* A step of `location`, whose newest value is `newest`: call before the others. */
struct weak_history *weak_step(const struct location *location, uint64_t newest);

/* The most stores that a load of this order may go back; then the load itself. */
unsigned weak_reach(const struct weak_history *history, enum sim_order order);
uint64_t weak_peek(const struct weak_history *history, unsigned back); /* its value, before it is decided */
uint64_t weak_load(struct weak_history *history, enum sim_order order, unsigned back);
/* Read, modify, write: also what comes of a load of the newest value in one step with the store. */
void weak_store(struct weak_history *history, enum sim_order order, uint64_t value);
void weak_modify(struct weak_history *history, enum sim_order order, uint64_t value);
void weak_fence(enum sim_order order);

/* A store that is executed now and becomes visible later: what it releases, and which step it is. */
struct weak_stamp {
    uint32_t release[SIM_CPUS];
    uint32_t step;
    uint64_t fenced;
};
void weak_stamp(struct weak_stamp *stamp, enum sim_order order);
void weak_store_stamped(struct weak_history *history, const struct weak_stamp *stamp, uint64_t value);

/* The last step of a CPU that the running one knows of (everything up to it happened before), or has made itself. */
uint32_t weak_known(unsigned cpu);

/* weak_plain.c: plain accesses, sim_frame_give and the like. `run` counts runs. */
void weak_begin_plain(uint32_t run);

#endif
