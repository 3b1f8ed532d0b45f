/*
 * The target of concurrent programs: bytes to a program and a schedule, run on simulated CPUs, its history judged.
 * Inputs that are sequential programs are other targets'.
 */
#include "engine.h"

#include <sys/stat.h>

#include "../concurrent/concurrent.h"
#include "../schedule/feedback.h"

static struct program program; /* large, and decoding sets all of it that counts */
uint64_t engine_points;

/* `make corpus` wants inputs that reach edges of their own: those that only mix the steps anew are thousands. */
static bool edges_alone(void)
{
    static enum { UNASKED, NO, YES } asked;

    if (asked == UNASKED)
        asked = getenv("PMM_WITHOUT_FEEDBACK") ? YES : NO;
    return asked == YES;
}

/* Told of a file, a target is a replayer, and goes as deep as one. */
static enum audit_depth audit_depth = AUDIT_BY_TURNS;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct stat status;

    for (int i = 1; i < *argc; i++)
        if ((*argv)[i][0] != '-' && stat((*argv)[i], &status) == 0 && S_ISREG(status.st_mode))
            audit_depth = AUDIT_REPLAY;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct concurrent_result result;
    const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ, .report = stderr},
                                               .audit = audit_depth};

    program_decode(&program, bytes, length);
    if (!program.concurrent)
        return -1;
    run_concurrent(&program, allocator_to_run(), &options, &result);
    engine_points += result.sim.steps;
    if (result.verdict == RUN_FAILED)
        abort();
    if (edges_alone())
        feedback_begin();
    return result.verdict == RUN_SKIPPED ? -1 : 0;
}

const char *__asan_default_options(void)
{
    return engine_asan_options;
}
