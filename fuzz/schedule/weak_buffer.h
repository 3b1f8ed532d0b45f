/*
 * Stores that wait: each CPU may keep a few of its relaxed and release stores to itself for a while. It reads them, the
 * others do not; they become visible in another order than they were executed in, and than stores of other CPUs to the
 * same location. That is all that weak.h, whose stores become visible at once, cannot show (2+2W).
 *
 * Never weaker than C11: a release store does not overtake what was stored before it; stores of one CPU to one location
 * keep their order; a read-modify-write of a location comes after the CPU's own stores to it, a releasing one and a
 * releasing fence after all of them. In places stronger: no store waits longer than the call that made it, and none is
 * visible to some CPUs before others. Do not mix plain and atomic stores to one location: the plain ones do not wait.
 */
#ifndef FUZZ_WEAK_BUFFER_H
#define FUZZ_WEAK_BUFFER_H

#include "sim_step.h"

void buffer_begin(void);
/* Whether the running CPU's store may wait, and the schedule wants it to: then it does. */
bool buffer_keep(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site);
/* What the running CPU itself has stored there and nobody else sees yet. */
bool buffer_find(const void *at, uint64_t *value);
/* The running CPU's stores that have waited long enough; those that may not wait for what is done to `at` now. */
void buffer_release_due(void);
void buffer_release_before(const void *at, enum sim_order order);
void buffer_release_all(void);
bool buffer_waits(void); /* any */

#endif
