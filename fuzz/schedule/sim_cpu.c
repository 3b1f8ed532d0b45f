/* Simulated CPUs: their lists and calls, interrupts, and the switch from one CPU to another. */
#include "sim_state.h"
#include "feedback.h"
#include "weak_buffer.h"

/* ---- calls ---- */

static void end_call(struct sim_cpu *cpu)
{
    const struct sim_call *call = &cpu->calls[cpu->depth];

    if (sim.weak)
        buffer_release_all();
    if (call->steps > sim.result.longest_call)
        sim.result.longest_call = call->steps;
    if (sim.solo && cpu->depth <= sim.solo_depth)
        sim.solo = false;
}

static void begin_call(struct sim_cpu *cpu)
{
    cpu->calls[cpu->depth] = (struct sim_call){sim.now, 0};
}

void sim_call_begins(void)
{
    if (!sim.active)
        return;
    end_call(sim.running);
    begin_call(sim.running);
}

uint64_t sim_call_began(void)
{
    const struct sim_cpu *cpu = sim.running;

    if (!sim.active || cpu->calls[cpu->depth].steps == 0)
        return sim.now;
    return cpu->calls[cpu->depth].began;
}

/* ---- CPUs ---- */

void sim_switch_to(struct sim_cpu *target, bool fresh)
{
    struct sim_cpu *from = sim.running;

    feedback_switch(from->site, target->site);
    sim.result.switches++;
    target->fresh = fresh;
    sim.running = target;
    fiber_switch(from->fiber, target->fiber);
}

struct sim_cpu *sim_unwind(void)
{
    while (sim.top != sim.holds) {
        struct sim_cpu *back = &sim.cpu[sim.top--->back];

        if (!back->done)
            return back;
    }
    return NULL;
}

bool sim_may_interrupt(const struct sim_cpu *cpu, unsigned handler)
{
    return handler < SCHEDULE_HANDLERS && sim.work->interrupt && !(sim.work->idle_handlers >> handler & 1) &&
           !cpu->masked && cpu->handlers >> handler == 0;
}

void sim_interrupt(unsigned handler)
{
    struct sim_cpu *cpu = sim.running;
    const struct sim_site *site = cpu->site;

    feedback_interrupt(site, handler);
    cpu->depth++;
    cpu->handlers = (uint8_t)(cpu->handlers | 1u << handler);
    begin_call(cpu);
    sim.work->interrupt(sim.work->context, cpu->number, handler);
    end_call(cpu);
    cpu->handlers = (uint8_t)(cpu->handlers & ~(1u << handler));
    cpu->depth--;
    cpu->site = site;
}

static void leave_the_living(const struct sim_cpu *cpu)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < sim.alive_count; i++)
        if (sim.alive[i] != cpu->number)
            sim.alive[kept++] = sim.alive[i];
    sim.alive_count = kept;
}

/*
 * After an operation others may run before the stores that still wait are seen: a point without a step. Not between two
 * calls of one operation, nor after a handler: there the next step has the same number, and what is recorded for one
 * would strike the other.
 */
static void end_waiting(const struct sim_cpu *cpu)
{
    if (!buffer_waits())
        return;
    sim_point(cpu->site);
    sim.top->decided = sim.top->steps + 1; /* a hold that ended after as many steps would end before this */
}

/* The list of a CPU; then whoever was promised to go on, or else the lowest that is not done. */
struct fiber *sim_run_cpu(void *argument)
{
    struct sim_cpu *cpu = argument;
    struct sim_cpu *next;

    for (size_t operation = 0; operation < sim.work->operations[cpu->number]; operation++) {
        cpu->key = (uint64_t)operation << 32;
        begin_call(cpu);
        sim.work->run(sim.work->context, cpu->number, operation);
        if (sim.weak)
            end_waiting(cpu);
        end_call(cpu);
    }
    cpu->done = true;
    leave_the_living(cpu);
    if (sim.alive_count == 0)
        return sim.caller;
    next = sim_unwind();
    if (!next)
        next = &sim.cpu[sim.alive[0]];
    next->fresh = true;
    sim.free_choice = true;
    sim.running = next;
    return next->fiber;
}
