/* The simulation from outside: a run's start and end. Nothing is allocated after the first run. */
#include "sim_state.h"
#include "feedback.h"
#include "sim_location.h"
#include "weak_buffer.h"

#include <string.h>

struct sim sim;

void sim_stop(enum sim_end end)
{
    sim.result.end = end;
    sim.result.cpu = sim.running->number;
    fiber_switch(sim.running->fiber, sim.caller);
    __builtin_unreachable(); /* an abandoned fiber begins anew */
}

/* Its overrides in the order of their steps; those of one step stay as listed. */
static void sort_overrides(const struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->override_count; i++) {
        const struct override *override = &schedule->overrides[i];
        const uint64_t key = (uint64_t) override->operation << 32 | override->step;
        struct sim_cpu *cpu = &sim.cpu[override->cpu];
        unsigned place;

        if (override->cpu >= sim.cpus)
            continue;
        place = cpu->overrides++;
        for (; place > 0; place--) {
            const struct override *before = &schedule->overrides[cpu->order[place - 1]];

            if (((uint64_t)before->operation << 32 | before->step) <= key)
                break;
            cpu->order[place] = cpu->order[place - 1];
        }
        cpu->order[place] = (uint8_t)i;
        sim.weak |= override->action == OVERRIDE_STALE || override->action == OVERRIDE_BUFFER;
    }
    for (unsigned i = 0; i < SIM_CPUS; i++) {
        const struct override *first = &schedule->overrides[sim.cpu[i].order[0]];

        sim.cpu[i].due = sim.cpu[i].overrides ? (uint64_t)first->operation << 32 | first->step : SIM_NEVER;
    }
}

static void begin_cpu(struct sim_cpu *cpu, unsigned number)
{
    struct fiber *fiber = cpu->fiber;

    memset(cpu, 0, offsetof(struct sim_cpu, order));
    cpu->fiber = fiber ? fiber : fiber_create();
    cpu->number = (uint8_t)number;
    cpu->done = number >= sim.cpus || sim.work->operations[number] == 0;
    if (!cpu->done) {
        fiber_synchronize(sim.caller, cpu->fiber);
        fiber_arm(cpu->fiber, sim_run_cpu, cpu);
        sim.alive[sim.alive_count++] = (uint8_t)number;
    }
}

static void begin_run(const struct sim_work *work, const struct schedule *schedule)
{
    sim.work = work;
    sim.schedule = schedule;
    sim.region = (uintptr_t)work->region;
    sim.cpus = work->cpus < SIM_CPUS ? work->cpus : SIM_CPUS;
    sim.weak = schedule->modes & (SCHEDULE_WEAK | SCHEDULE_BUFFERS);
    sim.solo = false;
    sim.free_choice = true;
    sim.now = 0;
    sim.step_limit = work->step_limit ? work->step_limit : SIM_STEPS;
    sim.solo_limit = work->solo_limit ? work->solo_limit : sim.step_limit;
    sim.fair_from = sim.step_limit / 2;
    sim.fair_turn_began = sim.fair_from;
    sim.top = sim.holds;
    sim.holds[0] = (struct sim_hold){0, 0, true, SIM_NOT_RECORDED, 0, 0, 0};
    memset(&sim.result, 0, offsetof(struct sim_result, taken));
    if (!sim.caller)
        sim.caller = fiber_of_caller();
    sim.alive_count = 0;
    for (unsigned i = 0; i < SIM_CPUS; i++)
        begin_cpu(&sim.cpu[i], i);
    sort_overrides(schedule);
    sim_record_begin(schedule);
    strategy_begin(&sim.strategy, schedule, work);
    feedback_begin();
    location_begin();
    if (sim.weak) {
        weak_begin();
        buffer_begin();
    }
}

struct sim_result sim_run(const struct sim_work *work, const struct schedule *schedule)
{
    begin_run(work, schedule);
    if (sim.alive_count > 0) {
        sim.running = &sim.cpu[sim.alive[0]];
        sim.running->fresh = true;
        sim.active = true;
        fiber_switch(sim.caller, sim.running->fiber);
        sim.active = false;
    }
    for (unsigned i = 0; i < sim.cpus; i++)
        if (work->operations[i] && sim.cpu[i].done)
            fiber_synchronize(sim.caller, sim.cpu[i].fiber);
    sim.result.steps = sim.now;
    sim.now = 0;
    return sim.result;
}

uint64_t sim_now(void)
{
    return sim.now;
}

unsigned sim_cpu(void)
{
    return sim.active ? sim.running->number : sim.idle_cpu;
}

void sim_set_cpu(unsigned cpu)
{
    sim.idle_cpu = cpu;
}

unsigned sim_depth(void)
{
    return sim.active ? sim.running->depth : 0;
}
