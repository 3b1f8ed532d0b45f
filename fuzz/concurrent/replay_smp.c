/*
 * The replayer of concurrent programs, outside any engine: traces them, makes them small, lists what they reach, or runs
 * every schedule of them up to a bound. What is traced is run twice, and both runs must agree. Exit status 0: allowed by
 * the contract; 1: a failure; 2: a file could not be read. Sequential programs are `replay`'s.
 */
#include "replay_smp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../run/input.h"
#include "../run/planted.h"
#include "../run/reach.h"

static const char usage[] =
    "usage: replay-smp [--quiet] FILE...\n"
    "       replay-smp --minimize IN OUT.ops [ID]\n"
    "       replay-smp --sequential IN OUT.ops\n"
    "       replay-smp --reach FILE...\n"
    "       replay-smp --exhaustive PREEMPTIONS [--interrupts COUNT] FILE...\n"
    "  FILE  a concurrent program (.ops text or an engine's bytes)\n"
    "  --sequential  the same operations one after another, if they fail so; exit 1: they do not\n"
    "  --reach  list the reach marks of concurrent runs that the files together hit and miss\n";

static struct program program; /* one at a time; large */

static bool read_program(const char *path)
{
    struct memory_map map = {0};
    const enum input_kind kind = input_read(path, &program, &map);

    free((void *)(uintptr_t)map.regions);
    if (kind == INPUT_PROGRAM && program.concurrent)
        return true;
    if (kind != INPUT_BAD)
        fprintf(stderr, "replay-smp: %s: is no concurrent program: use `make replay INPUT=%s`\n", path, path);
    return false;
}

/* ---- replaying ---- */

static int tell(const char *path, bool quiet, const struct concurrent_result *result)
{
    if (quiet)
        printf("%s: ", path);
    else if (result->refused)
        printf("start refused: %s\n", result->refused);
    if (result->verdict == RUN_FAILED)
        printf("FAIL %s\n", failure_infos[result->failure].id);
    else if (result->verdict == RUN_SKIPPED)
        printf("skipped: %s%s%s\n", result->skipped, quiet && result->refused ? ": " : "",
               quiet && result->refused ? result->refused : "");
    else
        printf(quiet ? "ok hash 0x%016" PRIx64 "\n" : "hash 0x%016" PRIx64 "\nok\n", result->hash);
    fflush(stdout);
    return result->verdict == RUN_FAILED ? FAILED : RIGHT;
}

static int replay(const char *path, bool quiet)
{
    struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_REPLAY, .input = path},
                                         .audit = AUDIT_REPLAY};
    static struct concurrent_result first, second;

    if (!read_program(path))
        return UNREADABLE;
    run_concurrent(&program, allocator_to_run(), &options, &first);
    options.run.report = stderr;
    options.run.trace = quiet ? NULL : stdout;
    run_concurrent(&program, allocator_to_run(), &options, &second);
    if (first.hash != second.hash || first.failure != second.failure) {
        second.verdict = RUN_FAILED;
        second.failure = FAIL_L09;
        fprintf(stderr,
                "FAIL L09 nondeterministic: allocator=0x%016" PRIx64 " and 0x%016" PRIx64
                " model=one-hash: make replay INPUT=%s\n",
                first.hash, second.hash, path);
    }
    return tell(path, quiet, &second);
}

/* ---- reach marks ---- */

static int reach_of(const char *path, struct reached *reached)
{
    static const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_REPLAY}};
    static struct concurrent_result result;

    if (!read_program(path))
        return UNREADABLE;
    run_concurrent(&program, allocator_to_run(), &options, &result);
    reached_add(reached);
    return RIGHT;
}

/* ---- all schedules ---- */

/* The schedule that failed becomes a program that can be replayed. */
static int write_failure(const char *path, const struct concurrent_result *result)
{
    char name[4096];

    snprintf(name, sizeof(name), "%s.failed.ops", path);
    program.schedule = result->sim.taken;
    if (minimize_write(&program, name))
        printf("%s: FAIL %s: make replay INPUT=%s\n", path, failure_infos[result->failure].id, name);
    return FAILED;
}

static int exhaust(const char *path, unsigned preemptions, unsigned interrupts)
{
    static struct exhausted all;

    if (!read_program(path))
        return UNREADABLE;
    exhaust_concurrent(&program, allocator_to_run(), preemptions, interrupts, &all);
    if (all.result.verdict == RUN_FAILED)
        return write_failure(path, &all.result);
    printf("%s: %" PRIu64 " schedules with at most %u preemptions and %u interrupts: %s\n", path, all.runs,
           preemptions, interrupts,
           all.result.verdict == RUN_SKIPPED ? all.result.skipped
           : all.complete                    ? "complete"
                                             : "not complete");
    return all.complete ? RIGHT : FAILED;
}

/* ---- the command line ---- */

static int complain(void)
{
    fputs(usage, stderr);
    return UNREADABLE;
}

static int worse(int a, int b)
{
    return a == FAILED || b == FAILED ? FAILED : a > b ? a : b;
}

int main(int argc, char **argv)
{
    enum { REPLAY, QUIET, REACH, EXHAUSTIVE } mode = REPLAY;
    unsigned preemptions = 0, interrupts = 0;
    static struct reached reached;
    int first = 1, status = RIGHT;

    if ((argc == 4 || argc == 5) && strcmp(argv[1], "--minimize") == 0)
        return read_program(argv[2]) ? tool_minimize(&program, argv[2], argv[3], argv[4]) : UNREADABLE;
    if (argc == 4 && strcmp(argv[1], "--sequential") == 0)
        return read_program(argv[2]) ? tool_sequential(&program, argv[2], argv[3]) : UNREADABLE;
    for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
        if (strcmp(argv[first], "--quiet") == 0) {
            mode = QUIET;
        } else if (strcmp(argv[first], "--reach") == 0) {
            mode = REACH;
        } else if (strcmp(argv[first], "--exhaustive") == 0 && first + 1 < argc) {
            mode = EXHAUSTIVE;
            preemptions = (unsigned)strtoul(argv[++first], NULL, 10);
        } else if (strcmp(argv[first], "--interrupts") == 0 && first + 1 < argc) {
            interrupts = (unsigned)strtoul(argv[++first], NULL, 10);
        } else {
            fprintf(stderr, "replay-smp: unknown option %s\n", argv[first]);
            return complain();
        }
    }
    if (first == argc)
        return complain();
    for (; first < argc; first++)
        status = worse(status, mode == EXHAUSTIVE ? exhaust(argv[first], preemptions, interrupts)
                               : mode == REACH    ? reach_of(argv[first], &reached)
                                                  : replay(argv[first], mode == QUIET));
    if (mode == REACH)
        reached_print(&reached, true);
    return status;
}
