/*
 * Makes a failing concurrent program small: first its schedule explicit, so that everything that was decided can be
 * dropped one by one; then CPUs, operations, decisions, memory, operands, until no single change leaves the same
 * failure; and then changes that need another schedule altogether. A run counts only if it fails with the same id.
 */
#include "minimize.h"

#include <string.h>

enum { SEEDS_PER_CHANGE = 1000, SEEDS_IN_ALL = 4000 };

static enum failure_id judge(const void *context, const struct program *program, FILE *report, void *extra)
{
    struct concurrent_extra *asked = extra;
    const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ, .report = report},
                                               .audit = asked->audit};
    static struct concurrent_result result;

    run_concurrent(program, context, &options, &result);
    asked->sim = result.sim;
    return result.verdict == RUN_FAILED ? result.failure : FAIL_NONE;
}

/* The decisions of the run in place of the strategy that made them. */
static void make_explicit(struct minimizer *minimizer)
{
    if (!minimize_sim(minimizer)->complete)
        return;
    minimize_again(minimizer);
    minimizer->candidate->schedule = minimize_sim(minimizer)->taken;
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
    struct sim_result sim = *minimize_sim(minimizer);

    for (uint64_t seed = 0; seed < SEEDS_IN_ALL && minimizer->best->schedule.strategy != STRATEGY_EXPLICIT; seed++) {
        minimize_again(minimizer);
        reseed(minimizer->candidate, seed);
        if (!minimize_try(minimizer) || !minimize_sim(minimizer)->complete)
            continue;
        if (!sim.complete || minimize_sim(minimizer)->taken.override_count < sim.taken.override_count) {
            shortest = *minimizer->best;
            sim = *minimize_sim(minimizer);
        }
    }
    *minimizer->best = shortest;
    *minimize_sim(minimizer) = sim;
}

/* Under the least audit that sees the failure. */
static bool fails_at_first(struct minimizer *minimizer, enum failure_id wanted)
{
    struct concurrent_extra *ask = worker_extra(minimizer->worker);

    ask->allocator = minimize_extra(minimizer)->allocator;
    for (ask->audit = AUDIT_CHEAP;; ask->audit++) {
        minimize_again(minimizer);
        if (minimize_try(minimizer))
            return wanted == FAIL_NONE || wanted == minimizer->wanted.id;
        if (ask->audit == AUDIT_IN_STEPS)
            return false;
    }
}

static void minimize(struct minimizer *minimizer)
{
    do { /* fewer calls first: then the decisions are few enough to be listed */
        minimizer->progress = false;
        minimize_lists(minimizer);
    } while (minimizer->progress);
    choose_seed(minimizer);
    make_explicit(minimizer);
    do {
        minimizer->progress = false;
        minimize_lists(minimizer);
        minimize_operands(minimizer);
        minimize_schedule(minimizer);
        minimize_map(minimizer);
    } while (minimizer->progress);
    minimize_deep(minimizer);
}

bool minimize_concurrent(struct program *program, const struct allocator *allocator, enum failure_id wanted,
                         unsigned millis, struct minimized *result)
{
    const struct worker_job job = {judge, allocator, sizeof(struct concurrent_extra), millis};
    static struct concurrent_extra of_best;
    struct minimizer minimizer = {
        .worker = worker_open(&job), .best = program, .extra = &of_best, .extra_size = sizeof(of_best)};
    bool fails;

    if (!minimizer.worker)
        return false;
    of_best.allocator = allocator;
    minimizer.candidate = worker_program(minimizer.worker);
    fails = fails_at_first(&minimizer, wanted);
    if (fails)
        minimize(&minimizer);
    worker_close(minimizer.worker);
    *result = (struct minimized){minimizer.wanted, minimizer.runs};
    return fails;
}

struct concurrent_size concurrent_size(const struct program *program)
{
    struct concurrent_size size = {.cpus = program->cpus};

    for (size_t i = 0; i < program->operation_count; i++)
        size.operations += !operation_directs(&program->operations[i]);
    for (size_t i = 0; i < program->schedule.override_count; i++) {
        const enum override_action action = program->schedule.overrides[i].action;

        size.preemptions += action == OVERRIDE_SWITCH;
        size.stale += action == OVERRIDE_STALE;
        size.interrupts += action == OVERRIDE_INTERRUPT;
    }
    return size;
}
