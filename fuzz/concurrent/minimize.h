/* The minimiser of concurrent programs at work: what its files share. */
#ifndef FUZZ_CONCURRENT_MINIMIZE_H
#define FUZZ_CONCURRENT_MINIMIZE_H

#include "concurrent.h"

struct minimizer {
    const struct allocator *allocator;
    struct program *best;      /* the smallest that fails so far */
    struct program *candidate; /* the best with a change */
    enum failure_id failure;
    struct sim_result sim; /* of the best */
    uint64_t runs;
    enum audit_depth audit; /* the least that sees the failure */
    bool progress;          /* since it was last reset */
};

/* The candidate becomes the best if it fails in the same way. */
bool minimize_try(struct minimizer *minimizer);
/* The same under any of many seeds, unless its schedule is explicit. */
bool minimize_try_seeds(struct minimizer *minimizer);
/* The candidate is the best again, to be changed. */
void minimize_again(struct minimizer *minimizer);

/* Each goes on until no change of its kind is left. */
void minimize_lists(struct minimizer *minimizer);    /* minimize_lists.c: CPUs, operations, their operands */
void minimize_schedule(struct minimizer *minimizer); /* minimize_schedule.c: overrides */
void minimize_memory(struct minimizer *minimizer);   /* minimize_lists.c: the map */

void minimize_drop_operation(struct program *program, size_t index); /* minimize_lists.c; decisions follow */
void minimize_drop_cpu(struct program *program, unsigned cpu);

/* minimize_search.c: the candidate fails in the same way under some schedule: all of few preemptions, then random ones
 * from seed `first` on, `most` runs. Then it is the best, with the decisions of that schedule. */
bool minimize_search(struct minimizer *minimizer, uint64_t first, uint64_t most);
/* minimize_deep.c: fewer CPUs, operations and decisions, each change under many schedules of its own. */
void minimize_deep(struct minimizer *minimizer);

#endif
