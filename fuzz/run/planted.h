/* The allocator to run: the one under test or, when a campaign checks its own pipeline, that one with a fault planted. */
#ifndef FUZZ_PLANTED_H
#define FUZZ_PLANTED_H

#include "../allocators/allocator.h"

/* With PMM_PLANTED_FAULT in the environment: double frees are accepted, and totals of some maps are one too high. */
const struct allocator *allocator_to_run(void);

#endif
