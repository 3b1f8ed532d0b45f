/*
 * The callback that counts steps. This file must not be instrumented itself: it would call itself for ever.
 */
#include "steps.h"

static uint64_t steps;
static uint64_t steps_limit = UINT64_MAX;
static void (*steps_exceeded)(void);
static bool steps_seen;

/* Weak, because libFuzzer brings its own; where that is linked nothing is compiled to call it. */
__attribute__((weak)) void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
    steps_seen = true;
    if (++steps > steps_limit) {
        steps_limit = UINT64_MAX; /* the report may call the allocator again */
        steps_exceeded();
    }
}

void steps_begin(uint64_t limit, void (*exceeded)(void))
{
    steps = 0;
    steps_limit = limit;
    steps_exceeded = exceeded;
}

uint64_t steps_taken(void)
{
    return steps;
}

bool steps_active(void)
{
    return steps_seen;
}
