/*
 * The same failure under another schedule: a program without an operation often still fails, but not when its
 * decisions are those that were taken with it. First all schedules of no and of one preemption, then seeds of the
 * strategies, PCT more often than the others because its schedules have few switches, then all schedules of two.
 */
#include "minimize.h"

enum { PREEMPTIONS = 2, INTERRUPTS = 2 };

struct search {
    struct minimizer *minimizer;
    uint64_t left; /* runs */
    bool found;
    struct sim_result sim;
};

/* Whether to go on. */
static bool look(void *context)
{
    static struct concurrent_result result;
    struct search *search = context;
    const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ},
                                               .audit = minimize_extra(search->minimizer)->audit};

    search->minimizer->runs++;
    run_concurrent(search->minimizer->candidate, minimize_extra(search->minimizer)->allocator, &options, &result);
    search->found =
        result.verdict == RUN_FAILED && result.failure == search->minimizer->wanted.id && result.sim.complete;
    search->sim = result.sim;
    return !search->found && --search->left > 0;
}

static unsigned interrupts_of(const struct program *program)
{
    unsigned count = 0;

    for (size_t i = 0; i < program->schedule.override_count; i++)
        count += program->schedule.overrides[i].action == OVERRIDE_INTERRUPT;
    return count < INTERRUPTS ? count : INTERRUPTS;
}

static void look_everywhere(struct search *search, unsigned preemptions)
{
    struct schedule *schedule = &search->minimizer->candidate->schedule;
    const unsigned interrupts = interrupts_of(search->minimizer->best);
    bool complete;

    schedule->strategy = STRATEGY_EXPLICIT;
    schedule->override_count = 0;
    schedule->modes = 0;
    sim_explore(preemptions, interrupts, look, search, &complete);
}

static void look_at_random(struct search *search, uint64_t first, uint64_t seeds, unsigned modes)
{
    static const enum strategy strategies[] = {STRATEGY_PCT, STRATEGY_STICKY, STRATEGY_PCT, STRATEGY_RANDOM};
    struct schedule *schedule = &search->minimizer->candidate->schedule;

    schedule->override_count = 0;
    schedule->modes = modes;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        schedule->strategy = strategies[seed % 4];
        schedule->seed = seed;
        if (!look(search))
            return;
    }
}

bool minimize_search(struct minimizer *minimizer, uint64_t first, uint64_t most)
{
    const struct schedule before = minimizer->candidate->schedule;
    const unsigned weak = minimizer->best->schedule.modes & (SCHEDULE_WEAK | SCHEDULE_BUFFERS);
    const bool all = !weak && minimize_extra(minimizer)->audit !=
                                  AUDIT_IN_STEPS; /* an audit that is a simulation, too, has choices */
    const unsigned modes = weak | (interrupts_of(minimizer->best) ? SCHEDULE_INTERRUPTS : 0u) |
                           (minimizer->wanted.id == FAIL_L07 ? SCHEDULE_SOLO : 0u);
    struct search search = {.minimizer = minimizer, .left = most};

    for (unsigned preemptions = 0; preemptions < PREEMPTIONS && all && search.left && !search.found; preemptions++)
        look_everywhere(&search, preemptions);
    if (search.left && !search.found)
        look_at_random(&search, first, most / 2, modes);
    if (search.left && !search.found && all)
        look_everywhere(&search, PREEMPTIONS);
    minimizer->candidate->schedule = search.found ? search.sim.taken : before;
    if (!search.found)
        return false;
    minimizer->candidate->schedule.seed = 0;
    return minimize_try(minimizer);
}
