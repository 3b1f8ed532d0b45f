/*
 * What the engines' targets share: one input, decoded, run and judged; a failure is told on stderr and aborts, which
 * is how engines learn of it. Keeps nothing between two inputs.
 */
#ifndef FUZZ_ENGINE_H
#define FUZZ_ENGINE_H

#include <stdlib.h>

#include "../run/planted.h"
#include "../run/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
const char *__asan_default_options(void);

/* smp.c: scheduling points gone through so far, for throughput.c; other targets have none. */
__attribute__((weak)) extern uint64_t engine_points;

/* Returns what LLVMFuzzerTestOneInput does: -1 keeps an input that was skipped out of the corpus. */
static inline int engine_run(const struct program *program)
{
    const struct run_options options = {.frame_limit = RUN_FRAMES_FUZZ, .report = stderr};
    struct run_result result;

    if (program->concurrent) /* the target smp's */
        return -1;
    result = run_program(program, allocator_to_run(), &options);

    if (result.verdict == RUN_FAILED)
        abort();
    return result.verdict == RUN_SKIPPED ? -1 : 0;
}

/* Speed: a small quarantine stays in the cache. Leaks are looked for in replays. */
static const char engine_asan_options[] = "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:"
                                          "malloc_context_size=4:detect_leaks=0:detect_stack_use_after_return=0";

#endif
