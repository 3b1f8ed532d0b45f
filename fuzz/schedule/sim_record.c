/*
 * The schedule as it was taken: every decision as an override, so that STRATEGY_EXPLICIT repeats the run. A switch
 * that is soon taken back is one override with a hold, not two.
 *
 * Why that repeats it: the base strategy's switches push and pop the same holds as overrides do, so who goes on when
 * a CPU is done follows from the record alone; and a switch back becomes a hold only when nothing else was decided
 * after as many steps of it, because in the replay the hold ends before anything else is looked at.
 */
#include "sim_state.h"

void sim_record_begin(const struct schedule *schedule)
{
    struct sim_result *result = &sim.result;

    result->complete = true;
    result->taken.strategy = STRATEGY_EXPLICIT;
    result->taken.modes = sim.weak ? SCHEDULE_WEAK : 0;
    result->taken.seed = schedule->seed;
    result->taken.override_count = 0;
}

uint8_t sim_record(enum override_action action, unsigned argument, uint32_t hold)
{
    const struct sim_cpu *cpu = sim.running;
    struct sim_result *result = &sim.result;
    const uint64_t operation = cpu->key >> 32;
    const uint64_t step = cpu->key & UINT32_MAX;
    const size_t index = result->taken.override_count;

    if (!result->complete)
        return SIM_NOT_RECORDED;
    if (index == SCHEDULE_OVERRIDES || step > UINT16_MAX || operation > UINT8_MAX) {
        result->complete = false;
        return SIM_NOT_RECORDED;
    }
    result->taken.overrides[index] =
        (struct override){cpu->number, (uint8_t)operation, (uint16_t)step, action, (uint8_t)argument, (uint16_t)hold};
    result->taken.override_count++;
    sim.top->decided = sim.top->steps + 1;
    return (uint8_t)index;
}

/* Whether this switch of the base strategy only takes back the one before. */
static bool ends_a_hold(unsigned target)
{
    const struct sim_hold *top = sim.top;

    return top != sim.holds && top->back == target && top->steps && top->steps <= UINT16_MAX &&
           top->decided != top->steps + 1 && sim.result.complete;
}

void sim_record_switch(unsigned target, uint32_t limit, bool base)
{
    uint8_t taken;

    if (base && ends_a_hold(target)) {
        sim.result.taken.overrides[sim.top->taken].hold = (uint16_t)sim.top->steps;
        sim.top--;
        return;
    }
    taken = sim_record(OVERRIDE_SWITCH, target, limit);
    if (base && taken == SIM_NOT_RECORDED)
        return; /* nothing is to be repeated any more */
    *++sim.top = (struct sim_hold){(uint8_t)target, sim.running->number, base, taken, limit, 0, 0};
}
