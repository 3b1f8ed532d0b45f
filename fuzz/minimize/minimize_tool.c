/*
 * minimize: a failing program in, the smallest that fails in the same way out; and what explains it. Concurrent programs
 * are handed to replay-smp, which lies beside it. Exit status 0: done; 1: the program does not fail (so); 2: a file
 * cannot be read or written.
 */
#include "minimize.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../run/input.h"
#include "../run/planted.h"
#include "explain.h"

static const char usage[] = "usage: minimize IN OUT.ops [ID]\n"
                            "       minimize --explain IN FOLDER [ID]\n"
                            "  IN      a program (.ops text or an engine's bytes) that fails\n"
                            "  ID      only this failure counts, such as F02; left out: the first that comes\n"
                            "  FOLDER  where test.c (for core/ alone) and moment.json (both states) go\n";

enum { DONE, FINE, UNREADABLE };

static struct program program; /* large */

const char *__asan_default_options(void);
const char *__asan_default_options(void) /* a report's words are needed, not its symbols: tries die by thousands */
{
    return "symbolize=0:detect_leaks=0:print_legend=0:print_full_thread_history=0";
}

static int hand_on(const char *own_path, char **arguments)
{
    const char *slash = strrchr(own_path, '/');
    char sibling[4096];

    snprintf(sibling, sizeof(sibling), "%.*sreplay-smp", slash ? (int)(slash + 1 - own_path) : 0, own_path);
    execl(sibling, sibling, "--minimize", arguments[0], arguments[1], arguments[2], (char *)NULL);
    fprintf(stderr, "minimize: %s: is a concurrent program, and %s is missing: run `make` to build it\n",
            arguments[0], sibling);
    return UNREADABLE;
}

static int minimize(const char *own_path, char **arguments)
{
    const size_t operations = program.operation_count, entries = program.region_count;
    struct minimized minimized;

    if (program.concurrent)
        return hand_on(own_path, arguments);
    if (!minimize_sequential(&program, allocator_to_run(), failure_by_name(arguments[2]), HANG_MILLIS, &minimized)) {
        printf("%s: does not fail%s%s\n", arguments[0], arguments[2] ? " with " : "",
               arguments[2] ? arguments[2] : "");
        return FINE;
    }
    if (!minimize_write(&program, arguments[1]))
        return UNREADABLE;
    printf("%s %s: operations %zu, were %zu; map entries %zu, were %zu; %" PRIu64 " runs: %s\n",
           failure_infos[minimized.failure.id].id,
           minimized.failure.kind[0] ? minimized.failure.kind : failure_infos[minimized.failure.id].name,
           program.operation_count, operations, program.region_count, entries, minimized.runs, arguments[1]);
    return DONE;
}

int main(int argc, char **argv)
{
    const bool explained = argc > 1 && strcmp(argv[1], "--explain") == 0;
    char **arguments = argv + (explained ? 2 : 1);
    const int count = argc - (int)(arguments - argv);
    struct memory_map map = {0};
    enum input_kind kind;

    if (count != 2 && count != 3) {
        fputs(usage, stderr);
        return UNREADABLE;
    }
    kind = input_read(arguments[0], &program, &map);
    free((void *)(uintptr_t)map.regions);
    if (kind == INPUT_MAP)
        fprintf(stderr, "minimize: %s: is a memory map: write its entries as `map` lines of a program\n",
                arguments[0]);
    if (kind != INPUT_PROGRAM)
        return UNREADABLE;
    if (!explained)
        return minimize(argv[0], arguments);
    return explain(&program, allocator_to_run(), failure_by_name(arguments[2]), arguments[1]) ? DONE : FINE;
}
