/* Every schedule of a program, up to a bound of preemptions and interrupts: not luck, but proof within the bound. */
#include "concurrent.h"

struct exhausting {
    const struct program *program;
    const struct allocator *allocator;
    struct concurrent_result *result;
};

/* Whether to go on. */
static bool run_once(void *context)
{
    static const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ},
                                                      .audit = AUDIT_BY_STATE};
    const struct exhausting *all = context;

    run_concurrent(all->program, all->allocator, &options, all->result);
    return all->result->verdict == RUN_OK;
}

void exhaust_concurrent(struct program *program, const struct allocator *allocator, unsigned preemptions,
                        unsigned interrupts, struct exhausted *exhausted)
{
    struct exhausting all = {program, allocator, &exhausted->result};

    program->schedule.strategy = STRATEGY_EXPLICIT;
    program->schedule.modes = 0;
    program->schedule.override_count = 0;
    exhausted->runs = sim_explore(preemptions, interrupts, run_once, &all, &exhausted->complete);
}
