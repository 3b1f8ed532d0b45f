/*
 * Steps: how many edges the allocator's code has gone through. A measure of time that is the same in every
 * run, on any machine. Counted only where the allocator is compiled with -fsanitize-coverage=trace-pc (replay
 * builds).
 */
#ifndef FUZZ_STEPS_H
#define FUZZ_STEPS_H

#include <stdbool.h>
#include <stdint.h>

void steps_begin(uint64_t limit, void (*exceeded)(void)); /* counts from 0; `exceeded` once above the limit */
uint64_t steps_taken(void);                               /* since steps_begin */
bool steps_active(void);                                  /* a step has ever been counted */

#endif
