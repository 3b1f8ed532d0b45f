/* The minimiser of concurrent programs at work: what its files share, beyond fuzz/minimize. */
#ifndef FUZZ_CONCURRENT_MINIMIZE_H
#define FUZZ_CONCURRENT_MINIMIZE_H

#include "../minimize/minimize.h"
#include "concurrent.h"

/* Asked and answered beside the program. */
struct concurrent_extra {
    bool thorough;         /* asked: the whole audit in each run */
    struct sim_result sim; /* answered: how it went */
};

static inline struct sim_result *minimize_sim(struct minimizer *minimizer) /* of the best */
{
    return &((struct concurrent_extra *)minimizer->extra)->sim;
}

/* The candidate, under its own schedule and any of many seeds, unless its schedule is explicit. */
bool minimize_try_seeds(struct minimizer *minimizer);

/* Each goes on until no change of its kind is left. */
void minimize_lists(struct minimizer *minimizer);    /* minimize_lists.c: CPUs, operations */
void minimize_schedule(struct minimizer *minimizer); /* minimize_schedule.c: overrides */

#endif
