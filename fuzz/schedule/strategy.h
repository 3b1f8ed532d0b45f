/*
 * Base strategies: who runs where no override speaks, drawn from the seed. They decide (strategy_decide.h), the
 * simulator acts.
 */
#ifndef FUZZ_STRATEGY_H
#define FUZZ_STRATEGY_H

#include "sim.h"

enum { STRATEGY_DEPTH = 5 }; /* PCT: at most so many different priorities a CPU goes through */

struct strategy_state {
    uint64_t random;
    uint64_t next_change, changes[STRATEGY_DEPTH]; /* PCT: steps at which the running CPU falls behind all others */
    uint64_t solo_at;
    unsigned change, change_count;
    int priority[SIM_CPUS];
    int lowest;
};

struct decision {
    enum override_action action;
    unsigned argument;
};

void strategy_begin(struct strategy_state *state, const struct schedule *schedule, const struct sim_work *work);

/* xorshift64*: its upper half is good enough to choose by. */
static inline uint32_t strategy_random(struct strategy_state *state)
{
    uint64_t x = state->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    state->random = x;
    return (uint32_t)((x * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

/* In [0, bound). */
static inline uint32_t strategy_below(struct strategy_state *state, uint32_t bound)
{
    return (uint32_t)(((uint64_t)strategy_random(state) * bound) >> 32);
}

#endif
