/*
 * Before a step: whose turn it is. In this order: the end of a hold, overrides for this very step, the base strategy;
 * none of them while all others are frozen, and round robin once half of the steps are used up.
 */
#include "sim_state.h"
#include "feedback.h"
#include "strategy_decide.h"

enum { FAIR_QUANTUM = 4 }; /* steps in a row */

/* ---- acting ---- */

static void go_solo(void)
{
    sim_record(OVERRIDE_SOLO, 0, 0);
    sim.solo = true;
    sim.solo_depth = sim.running->depth;
    sim.solo_steps = 0;
}

/* Carries out what an override or the base strategy wants; what is not possible is left out. */
static void act(enum override_action action, unsigned argument, uint32_t hold, bool base)
{
    struct sim_cpu *cpu = sim.running;

    if (sim.solo && action != OVERRIDE_STALE && action != OVERRIDE_FAIL && action != OVERRIDE_BUFFER)
        return;
    switch (action) {
    case OVERRIDE_SWITCH:
        if (argument < sim.cpus && argument != cpu->number && !sim.cpu[argument].done) {
            sim_record_switch(argument, hold, base);
            sim_switch_to(&sim.cpu[argument], false);
        }
        return;
    case OVERRIDE_INTERRUPT:
        if (sim_may_interrupt(cpu, argument)) {
            sim_record(OVERRIDE_INTERRUPT, argument, 0);
            sim_interrupt(argument);
        }
        return;
    case OVERRIDE_STALE:
        cpu->stale = (uint8_t)argument;
        return;
    case OVERRIDE_FAIL:
        cpu->fail = true;
        return;
    case OVERRIDE_BUFFER:
        cpu->waits = true;
        cpu->hold = (uint16_t)hold;
        return;
    case OVERRIDE_SOLO:
        go_solo();
        return;
    case OVERRIDE_ACTIONS:
        return;
    }
}

/* The next override of this CPU: carried out if its step has come, passed over if it never came. */
static void strike(struct sim_cpu *cpu)
{
    const struct override *override = &sim.schedule->overrides[cpu->order[cpu->next++]];
    const bool due = cpu->due == cpu->key;

    cpu->due = SIM_NEVER;
    if (cpu->next < cpu->overrides) {
        const struct override *next = &sim.schedule->overrides[cpu->order[cpu->next]];

        cpu->due = (uint64_t)next->operation << 32 | next->step;
    }
    if (due)
        act(override->action, override->argument, override->hold, false);
}

/* ---- choosing ---- */

static bool decide(const struct sim_cpu *cpu, struct decision *decision)
{
    if (sim.exploring)
        return explore_decide(cpu, decision);
    return sim.schedule->strategy != STRATEGY_EXPLICIT && strategy_decide(decision);
}

static void take_fair_turn(struct sim_cpu *cpu)
{
    unsigned next = cpu->number;

    if (sim.now >= sim.step_limit)
        sim_stop(SIM_LIVELOCK);
    if (sim.now - sim.fair_turn_began < FAIR_QUANTUM)
        return;
    sim.fair_turn_began = sim.now;
    do
        next = (next + 1) % sim.cpus;
    while (sim.cpu[next].done);
    if (next != cpu->number)
        sim_switch_to(&sim.cpu[next], false);
}

void sim_point(const struct sim_site *site)
{
    struct sim_cpu *cpu = sim.running;

    cpu->fresh |= cpu->site != NULL; /* the first step: as whoever let it begin wanted */
    cpu->site = site;
    for (;;) {
        if (sim.solo) {
            while (cpu->key >= cpu->due)
                strike(cpu);
            return;
        }
        if (sim.now >= sim.fair_from) {
            take_fair_turn(cpu);
            return;
        }
        if (sim.top->limit && sim.top->steps >= sim.top->limit) {
            struct sim_cpu *back = sim_unwind();

            if (back && back != cpu)
                sim_switch_to(back, false);
        } else if (cpu->key >= cpu->due) {
            strike(cpu);
        } else {
            struct decision decision;

            if (!cpu->fresh || !sim.top->base)
                return;
            cpu->fresh = false;
            if (!decide(cpu, &decision))
                return;
            act(decision.action, decision.argument, 0, true);
            cpu->fresh |= sim.exploring && decision.action == OVERRIDE_INTERRUPT;
        }
    }
}
