/* Base strategies, see strategy.h: how a run of each begins. */
#include "strategy.h"
#include "sim_state.h"

enum { LEAST_STEPS = 8 /* an operation takes that many, times a power of two up to 8: a guess for PCT and solo */ };

/* The splitmix64 finaliser: seeds that differ in one bit give unrelated numbers; never 0. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return x ? x : 1;
}

/* Random priorities, and the steps at which they change, in order. */
static void begin_pct(struct strategy_state *state, unsigned depth, unsigned cpus, uint32_t span)
{
    for (unsigned i = 0; i < cpus; i++) {
        const unsigned other = strategy_below(state, i + 1);

        state->priority[i] = state->priority[other];
        state->priority[other] = (int)i + 1;
    }
    state->lowest = 0;
    state->change = 0;
    state->change_count = depth - 1;
    for (unsigned i = 0; i < state->change_count; i++) {
        uint64_t at = strategy_below(state, span);
        unsigned place = i;

        for (; place > 0 && state->changes[place - 1] > at; place--)
            state->changes[place] = state->changes[place - 1];
        state->changes[place] = at;
    }
    state->next_change = state->change_count ? state->changes[0] : SIM_NEVER;
}

void strategy_begin(struct strategy_state *state, const struct schedule *schedule, const struct sim_work *work)
{
    uint32_t operations = 0;
    uint32_t span;

    state->random = mix(schedule->seed);
    state->solo_at = SIM_NEVER;
    if (schedule->strategy != STRATEGY_PCT && !(schedule->modes & SCHEDULE_SOLO))
        return;
    for (unsigned cpu = 0; cpu < work->cpus; cpu++)
        operations += (uint32_t)work->operations[cpu];
    span = operations * ((uint32_t)LEAST_STEPS << strategy_below(state, 4)) + 1;
    if (schedule->modes & SCHEDULE_SOLO)
        state->solo_at = strategy_below(state, span);
    if (schedule->strategy == STRATEGY_PCT)
        begin_pct(state, 1 + (unsigned)(schedule->seed % STRATEGY_DEPTH), work->cpus, span);
}
