/*
 * What the base strategies decide before a step; a header, because every step asks. One draw says everything at once:
 * whether to interrupt, whether to switch, and where to.
 */
#ifndef FUZZ_STRATEGY_DECIDE_H
#define FUZZ_STRATEGY_DECIDE_H

#include "sim_state.h"

enum {
    STICKY_ODDS = 8,     /* one step in so many goes to another CPU */
    INTERRUPT_ODDS = 64, /* and so many is interrupted */
};

static inline unsigned choose_pct(struct strategy_state *state)
{
    unsigned best = sim.running->number;

    while (sim.now >= state->next_change) {
        state->priority[best] = state->lowest--;
        state->change++;
        state->next_change = state->change < state->change_count ? state->changes[state->change] : SIM_NEVER;
    }
    for (unsigned i = 0; i < sim.alive_count; i++)
        if (state->priority[sim.alive[i]] > state->priority[best])
            best = sim.alive[i];
    return best;
}

static inline unsigned choose_cpu(struct strategy_state *state, uint32_t draw)
{
    const unsigned alive = sim.alive_count;
    const unsigned self = sim.running->number;
    unsigned other;

    switch (sim.schedule->strategy) {
    case STRATEGY_RANDOM:
        return sim.alive[((uint64_t)draw * alive) >> 32];
    case STRATEGY_STICKY:
        if (draw % STICKY_ODDS != 0 || alive == 1)
            return self;
        other = sim.alive[((uint64_t)draw * (alive - 1)) >> 32];
        return other == self ? sim.alive[alive - 1] : other;
    case STRATEGY_PCT:
        return choose_pct(state);
    default:
        return self;
    }
}

/* False: the step is made. */
static inline bool strategy_decide(struct decision *decision)
{
    struct strategy_state *state = &sim.strategy;
    const unsigned modes = sim.schedule->modes;
    const uint32_t draw = strategy_random(state);

    if ((modes & SCHEDULE_INTERRUPTS) && draw / STICKY_ODDS % INTERRUPT_ODDS == 0) {
        decision->action = OVERRIDE_INTERRUPT;
        decision->argument = draw >> 16 & 1;
        return true;
    }
    if (sim.now >= state->solo_at) {
        state->solo_at = SIM_NEVER;
        decision->action = OVERRIDE_SOLO;
        decision->argument = 0;
        return true;
    }
    decision->action = OVERRIDE_SWITCH;
    decision->argument = choose_cpu(state, draw);
    return decision->argument != sim.running->number;
}

#endif
