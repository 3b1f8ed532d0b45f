/*
 * Sites known by an address in the program instead of by the preprocessor. Their ids are distances from the program's
 * start, so they are the same in each run of one build; what they are called is looked up only when asked for.
 */
#ifndef FUZZ_SIM_SITE_H
#define FUZZ_SIM_SITE_H

#include "sim.h"

/* The site of the call that returns to `address`. */
const struct sim_site *sim_site_at(const void *address);

/* Makes sure that file, line and function are filled in ("?" and 0 without debug information). Slow the first time
 * for each site that came from an address: for printing only. */
void sim_site_name(const struct sim_site *site);

#endif
