/*
 * The replayer: runs programs (text or bytes) and memory maps outside any engine and tells what happened, line by
 * line. Exit status 0: all agreed with the model; 1: one failed; 2: one could not be read.
 */
#include <string.h>

#include "../run/crash.h"
#include "../run/reach.h"
#include "../run/planted.h"
#include "../run/run.h"
#include "../run/input.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
    "usage: replay [--thorough] [--quiet | --reach] FILE...\n"
    "  FILE        a program (.ops text or an engine's bytes) or a memory map (.map)\n"
    "  --thorough  compare everything after each operation, on maps of up to 64 blocks\n"
    "  --quiet     one line a file instead of the trace\n"
    "  --reach     list the reach marks that the files together hit and miss, but for concurrent\n"
    "              programs: their marks are replay-smp's\n";

enum mode { MODE_TRACE, MODE_QUIET, MODE_REACH };

struct session {
    enum mode mode;
    const char *own_path;
    int folder; /* length of the folder in it, with the slash */
    struct reached reached;
    bool thorough;
    bool failed;
    bool unreadable;
};

static void print_result(const struct session *session, const char *path, struct run_result result)
{
    if (session->mode == MODE_QUIET)
        printf("%s: ", path);
    if (session->mode == MODE_TRACE && result.refused)
        printf("start refused: %s\n", result.refused);
    if (session->mode == MODE_QUIET || session->mode == MODE_TRACE) {
        if (result.verdict == RUN_FAILED)
            printf("FAIL %s\n", failure_infos[result.failure].id);
        else if (result.verdict == RUN_SKIPPED)
            printf("skipped: %s\n", result.skipped);
        else if (session->mode == MODE_QUIET)
            printf("ok hash 0x%016" PRIx64 "%s%s\n", result.hash, result.refused ? " start refused: " : "",
                   result.refused ? result.refused : "");
        else
            printf("hash 0x%016" PRIx64 "\nok\n", result.hash);
    }
    fflush(stdout);
}

/* The map target sees the map of a program alone, so a replay looks at it in depth as well. */
static struct run_result replay_program(struct session *session, struct program *program,
                                        const struct run_options *options)
{
    struct run_options silent = *options;
    struct run_result result = run_program(program, allocator_to_run(), options);
    struct run_result start;

    reached_add(&session->reached);
    if (result.verdict != RUN_OK || program->operation_count == 0)
        return result;
    program->operation_count = 0;
    silent.trace = NULL;
    start = run_program(program, allocator_to_run(), &silent);
    reached_add(&session->reached);
    start.hash = result.hash;
    return start;
}

static void print_totals(const struct map_totals *totals)
{
    printf("managed %" PRIu64 " frames: dma %" PRIu64 ", dma32 %" PRIu64 ", normal %" PRIu64 "; whole blocks %" PRIu64
           "\n",
           totals->managed, totals->zone_managed[ZONE_DMA], totals->zone_managed[ZONE_DMA32],
           totals->zone_managed[ZONE_NORMAL], totals->whole_blocks);
}

/* Concurrent programs need the allocator built for simulated CPUs: the program beside this one has it. */
static void replay_concurrent(struct session *session, const char *path)
{
    char sibling[4096];
    int status = 0;
    pid_t child;

    if (session->mode == MODE_REACH)
        return;
    snprintf(sibling, sizeof(sibling), "%.*sreplay-smp", session->folder, session->own_path);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        if (session->mode == MODE_QUIET)
            execl(sibling, sibling, "--quiet", path, (char *)NULL);
        else
            execl(sibling, sibling, path, (char *)NULL);
        fprintf(stderr, "replay: %s: is a concurrent program, and %s is missing: run `make` to build it\n", path,
                sibling);
        _exit(2);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 2)
        session->unreadable = true;
    else
        session->failed |= WEXITSTATUS(status) != 0;
}

static void replay_file(struct session *session, const char *path)
{
    static struct program program;
    const struct run_options options = {
        .frame_limit = RUN_FRAMES_REPLAY,
        .report = stderr,
        .trace = session->mode == MODE_TRACE ? stdout : NULL,
        .input = path,
        .thorough = session->thorough,
    };
    struct memory_map map = {0};
    struct map_totals totals;
    struct run_result result;
    enum input_kind kind = input_read(path, &program, &map);

    if (kind == INPUT_BAD) {
        session->unreadable = true;
        return;
    }
    if (kind == INPUT_PROGRAM && program.concurrent) {
        replay_concurrent(session, path);
        return;
    }
    if (kind == INPUT_MAP) {
        result = run_whole_map(&map, allocator_to_run(), &options, &totals);
        reached_add(&session->reached);
    } else {
        result = replay_program(session, &program, &options);
    }
    print_result(session, path, result);
    if (kind == INPUT_MAP && session->mode == MODE_TRACE && result.verdict == RUN_OK)
        print_totals(&totals);
    if (result.verdict == RUN_FAILED)
        session->failed = true;
    free((void *)map.regions);
}

int main(int argc, char **argv)
{
    static struct session session;
    const char *slash = strrchr(argv[0], '/');
    int first = 1;

    session.own_path = argv[0];
    session.folder = slash ? (int)(slash + 1 - argv[0]) : 0;
    for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
        if (strcmp(argv[first], "--quiet") == 0) {
            session.mode = MODE_QUIET;
        } else if (strcmp(argv[first], "--thorough") == 0) {
            session.thorough = true;
        } else if (strcmp(argv[first], "--reach") == 0) {
            session.mode = MODE_REACH;
        } else {
            fprintf(stderr, "replay: unknown option %s\n%s", argv[first], usage);
            return 2;
        }
    }
    if (first == argc) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* a crash loses no line of the trace */
    crash_report_position();
    for (int i = first; i < argc; i++)
        replay_file(&session, argv[i]);
    if (session.mode == MODE_REACH)
        reached_print(&session.reached, false);
    if (session.failed && session.mode != MODE_REACH)
        return 1;
    return session.unreadable ? 2 : 0;
}
