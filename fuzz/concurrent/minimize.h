/* The minimiser of concurrent programs at work: what its files share, beyond fuzz/minimize. */
#ifndef FUZZ_CONCURRENT_MINIMIZE_H
#define FUZZ_CONCURRENT_MINIMIZE_H

#include "../minimize/minimize.h"
#include "concurrent.h"

/* Asked and answered beside the program. */
struct concurrent_extra {
    const struct allocator *allocator; /* for searches without the worker */
    enum audit_depth audit;            /* asked: the least that sees the failure */
    struct sim_result sim;             /* answered: how it went */
};

static inline struct concurrent_extra *minimize_extra(struct minimizer *minimizer) /* of the best */
{
    return minimizer->extra;
}

static inline struct sim_result *minimize_sim(struct minimizer *minimizer)
{
    return &minimize_extra(minimizer)->sim;
}

/* The candidate, under its own schedule and any of many seeds, unless its schedule is explicit. */
bool minimize_try_seeds(struct minimizer *minimizer);

/* Each goes on until no change of its kind is left. */
void minimize_lists(struct minimizer *minimizer);    /* minimize_lists.c: CPUs, operations */
void minimize_schedule(struct minimizer *minimizer); /* minimize_schedule.c: overrides */

void minimize_drop_operation(struct program *program, size_t index); /* minimize_lists.c; decisions follow */
void minimize_drop_cpu(struct program *program, unsigned cpu);
/* What the CPU does first is done before all of them begin. False: nothing, or the set-up is full. */
bool minimize_begin_alone(struct program *program, unsigned cpu);

/*
 * minimize_search.c: the candidate fails in the same way under some schedule: all of few preemptions, then random ones
 * from seed `first` on, `most` runs, in this process. Then it is the best, with the decisions of that schedule.
 */
bool minimize_search(struct minimizer *minimizer, uint64_t first, uint64_t most);
/*
 * minimize_deep.c: fewer CPUs, operations and decisions, each change under many schedules of its own. Not where the
 * process would not survive it.
 */
void minimize_deep(struct minimizer *minimizer);

#endif
