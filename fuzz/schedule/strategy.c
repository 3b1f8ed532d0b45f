/*
 * Base strategies, see strategy.h. One draw a step says everything at once: whether to interrupt, whether to switch,
 * and where to.
 */
#include "strategy.h"
#include "sim_state.h"

enum {
    STICKY_ODDS = 8,     /* one step in so many goes to another CPU */
    INTERRUPT_ODDS = 64, /* and so many is interrupted */
    LEAST_STEPS = 8,     /* an operation takes that many, times a power of two up to 8: a guess for PCT and solo */
};

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

static unsigned choose_pct(struct strategy_state *state)
{
    unsigned best = sim.running->number;

    while (sim.now >= state->next_change) {
        state->priority[best] = state->lowest--;
        state->change++;
        state->next_change = state->change < state->change_count ? state->changes[state->change] : SIM_NEVER;
    }
    for (unsigned cpu = 0; cpu < sim.cpus; cpu++)
        if (!sim.cpu[cpu].done && state->priority[cpu] > state->priority[best])
            best = cpu;
    return best;
}

static unsigned choose_cpu(struct strategy_state *state, uint32_t draw)
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

bool strategy_decide(struct decision *decision)
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
