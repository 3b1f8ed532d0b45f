/*
 * Makes a failing concurrent program small: first its schedule explicit, so that everything that was decided can be
 * dropped one by one; then CPUs, operations, decisions, memory, operands, until no single change leaves the same
 * failure; and then changes that need another schedule altogether. A run counts only if it fails with the same id.
 */
#include "minimize.h"

#include <string.h>

enum { SEEDS_PER_CHANGE = 1000, SEEDS_IN_ALL = 4000 };

static struct program candidate; /* being changed; large */

bool minimize_try(struct minimizer *minimizer)
{
    const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ}, .audit = minimizer->audit};
    static struct concurrent_result result;

    minimizer->runs++;
    run_concurrent(minimizer->candidate, minimizer->allocator, &options, &result);
    if (result.verdict != RUN_FAILED || (minimizer->failure != FAIL_NONE && result.failure != minimizer->failure))
        return false;
    minimizer->failure = result.failure;
    minimizer->sim = result.sim;
    *minimizer->best = *minimizer->candidate;
    minimizer->progress = true;
    return true;
}

void minimize_again(struct minimizer *minimizer)
{
    *minimizer->candidate = *minimizer->best;
}

/* The decisions of the run in place of the strategy that made them. */
static void make_explicit(struct minimizer *minimizer)
{
    if (!minimizer->sim.complete)
        return;
    minimize_again(minimizer);
    minimizer->candidate->schedule = minimizer->sim.taken;
    minimizer->candidate->schedule.strategy = STRATEGY_EXPLICIT;
    minimizer->candidate->schedule.seed = 0;
    minimizer->candidate->schedule.modes &= SCHEDULE_WEAK;
    minimize_try(minimizer);
}

/* Another strategy and seed in place of all decisions. */
static void reseed(struct program *program, uint64_t seed)
{
    program->schedule.strategy = STRATEGY_RANDOM + seed % (STRATEGY_COUNT - STRATEGY_RANDOM);
    program->schedule.seed = seed;
    program->schedule.override_count = 0;
}

/* While a strategy decides, a change moves all decisions: the smaller program fails under another seed. */
bool minimize_try_seeds(struct minimizer *minimizer)
{
    if (minimize_try(minimizer))
        return true;
    if (minimizer->candidate->schedule.strategy == STRATEGY_EXPLICIT)
        return false;
    for (uint64_t seed = 0; seed < SEEDS_PER_CHANGE; seed++) {
        reseed(minimizer->candidate, seed);
        if (minimize_try(minimizer))
            return true;
    }
    return false;
}

/* Of the seeds under which the program fails, the one with the shortest story is where to begin. */
static void choose_seed(struct minimizer *minimizer)
{
    struct program shortest = *minimizer->best;
    struct sim_result sim = minimizer->sim;

    for (uint64_t seed = 0; seed < SEEDS_IN_ALL && minimizer->best->schedule.strategy != STRATEGY_EXPLICIT; seed++) {
        minimize_again(minimizer);
        reseed(minimizer->candidate, seed);
        if (!minimize_try(minimizer) || !minimizer->sim.complete)
            continue;
        if (!sim.complete || minimizer->sim.taken.override_count < sim.taken.override_count) {
            shortest = *minimizer->best;
            sim = minimizer->sim;
        }
    }
    *minimizer->best = shortest;
    minimizer->sim = sim;
}

bool minimize_concurrent(struct program *program, const struct allocator *allocator, enum failure_id *failure,
                         uint64_t *runs)
{
    struct minimizer minimizer = {.allocator = allocator, .best = program, .candidate = &candidate};

    minimize_again(&minimizer);
    for (minimizer.audit = AUDIT_CHEAP; !minimize_try(&minimizer); minimizer.audit++)
        if (minimizer.audit == AUDIT_IN_STEPS)
            return false;
    do { /* fewer calls first: then the decisions are few enough to be listed */
        minimizer.progress = false;
        minimize_lists(&minimizer);
    } while (minimizer.progress);
    choose_seed(&minimizer);
    make_explicit(&minimizer);
    do {
        minimizer.progress = false;
        minimize_lists(&minimizer);
        minimize_schedule(&minimizer);
        minimize_memory(&minimizer);
    } while (minimizer.progress);
    minimize_deep(&minimizer);
    *failure = minimizer.failure;
    *runs = minimizer.runs;
    return true;
}

struct concurrent_size concurrent_size(const struct program *program)
{
    struct concurrent_size size = {.cpus = program->cpus};

    for (size_t i = 0; i < program->operation_count; i++)
        size.operations +=
            program->operations[i].kind != OPERATION_CPU && program->operations[i].kind != OPERATION_HANDLER;
    for (size_t i = 0; i < program->schedule.override_count; i++) {
        const enum override_action action = program->schedule.overrides[i].action;

        size.preemptions += action == OVERRIDE_SWITCH;
        size.stale += action == OVERRIDE_STALE;
        size.interrupts += action == OVERRIDE_INTERRUPT;
    }
    return size;
}
