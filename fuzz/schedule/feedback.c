/*
 * Feedback counters, see feedback.h, and how the engines feel them: libFuzzer as extra counters, AFL++ as coverage
 * guards of our own that the linker puts beside the compiler's, as for the reach marks. Each is hit once a run.
 */
#include "feedback.h"

/* Not volatile, the compiler would see stores that nobody reads. */
__attribute__((section("__libfuzzer_extra_counters"))) volatile uint8_t sim_feedback[SIM_FEEDBACK];

/* Given numbers at start-up by AFL++ where its code is linked in, otherwise 0. */
__attribute__((section("__sancov_guards"), used)) static uint32_t guards[SIM_FEEDBACK];

__attribute__((weak)) void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

static uint16_t hits[SIM_FEEDBACK];
static size_t hit_count;

/* Forgets the last run: what it hit, not the whole array. */
void feedback_begin(void)
{
    while (hit_count > 0)
        sim_feedback[hits[--hit_count]] = 0;
}

void feedback_first(uint32_t index)
{
    if (hit_count == SIM_FEEDBACK) /* an engine has cleared the counters meanwhile */
        feedback_begin();
    sim_feedback[index] = 1;
    hits[hit_count++] = (uint16_t)index;
    if (guards[index] && __sanitizer_cov_trace_pc_guard)
        __sanitizer_cov_trace_pc_guard(&guards[index]);
}
