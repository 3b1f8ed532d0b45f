/*
 * All schedules of a small program, depth first: a run repeats the choices of the one before up to the last that has
 * an alternative left, takes that, and from there on always the first choice, which is to go on. Choices are who runs
 * and whether an interrupt strikes; a CPU that was switched to makes a step before it is asked, so that no schedule
 * comes twice. Leaves out which values stale loads return.
 */
#include "sim_state.h"

enum { CHOICES = 1 << 16 }; /* in one run; beyond, the exploration is not complete */

static struct {
    uint16_t taken, alternatives;
} path[CHOICES];

static struct {
    size_t length;                    /* choices of the last run, then those to be repeated */
    size_t position;                  /* choices made in this run */
    unsigned preemptions, interrupts; /* left in this run */
    bool cut;                         /* something was left out */
} search;

/* The n-th thing, from 0, that can happen before the step; false when there are no more. */
static bool alternative(const struct sim_cpu *cpu, bool free_choice, unsigned n, struct decision *decision)
{
    decision->action = OVERRIDE_SWITCH;
    for (unsigned other = 0; (free_choice || search.preemptions > 0) && other < sim.cpus; other++) {
        decision->argument = other;
        if (other != cpu->number && !sim.cpu[other].done && n-- == 0)
            return true;
    }
    decision->action = OVERRIDE_INTERRUPT;
    for (unsigned handler = 0; search.interrupts > 0 && handler < SCHEDULE_HANDLERS; handler++) {
        decision->argument = handler;
        if (sim_may_interrupt(cpu, handler) && n-- == 0)
            return true;
    }
    return false;
}

bool explore_decide(const struct sim_cpu *cpu, struct decision *decision)
{
    const bool free_choice = sim.free_choice;
    unsigned count = 1, taken; /* choice 0 is to go on */

    sim.free_choice = false;
    while (alternative(cpu, free_choice, count - 1, decision))
        count++;
    if (count == 1)
        return false;
    if (search.position == CHOICES) {
        search.cut = true;
        return false;
    }
    if (search.position == search.length) {
        path[search.length].taken = 0;
        path[search.length++].alternatives = (uint16_t)count;
    }
    search.cut |= path[search.position].alternatives != count; /* not the same program as before */
    taken = path[search.position++].taken;
    if (taken == 0 || !alternative(cpu, free_choice, taken - 1, decision))
        return false;
    if (decision->action == OVERRIDE_INTERRUPT)
        search.interrupts--;
    else if (!free_choice)
        search.preemptions--;
    return true;
}

/* On to the next schedule; false when that was the last. */
static bool advance(void)
{
    search.cut |= search.position != search.length;
    search.length = search.position;
    while (search.length > 0 && path[search.length - 1].taken + 1 == path[search.length - 1].alternatives)
        search.length--;
    if (search.length == 0)
        return false;
    path[search.length - 1].taken++;
    return true;
}

uint64_t sim_explore(unsigned preemptions, unsigned interrupts, bool (*once)(void *context), void *context,
                     bool *complete)
{
    uint64_t runs = 0;
    bool goes_on = true, more = true;

    search.length = 0;
    search.cut = false;
    sim.exploring = true;
    while (more && goes_on) {
        search.position = 0;
        search.preemptions = preemptions;
        search.interrupts = interrupts;
        goes_on = once(context);
        runs++;
        more = advance();
    }
    sim.exploring = false;
    *complete = !more && !search.cut;
    return runs;
}
