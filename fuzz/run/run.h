/*
 * Runs a program on an allocator and the model side by side and says whether they agree. What happens after
 * each operation is in run_*.c and compare.c; this is the outside view that targets, tests and tools use.
 */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../../reference/model.h"
#include "../allocators/allocator.h"
#include "../program/program.h"

#define RUN_FRAMES_FUZZ   UINT64_C(4096)      /* most managed frames an engine plays with: 16 MiB */
#define RUN_FRAMES_REPLAY (UINT64_C(1) << 28) /* the same for replays: 1 TiB */

enum failure_id {
    FAIL_NONE,
#define FAILURE(id, name, meaning) FAIL_##id,
#include "failures.def"
#undef FAILURE
    FAIL_COUNT
};

struct failure_info {
    const char *id, *name, *meaning;
};
extern const struct failure_info failure_infos[FAIL_COUNT];

struct run;

/* Looks on: for what explains a run. Both may ask, and change nothing. */
struct run_watcher {
    void *context;
    void (*before)(void *context, const struct run *run); /* the start, each operation, the end */
    void (*failed)(void *context, const struct run *run);
};

struct run_options {
    uint64_t frame_limit;              /* maps with more managed frames are skipped */
    FILE *report;                      /* where a failure is told; NULL: nowhere */
    FILE *trace;                       /* one line per operation; NULL: none */
    const char *input;                 /* the file to name in the command that replays; NULL: not known */
    bool thorough;                     /* everything compared after each operation: the earliest symptom is named */
    const struct run_watcher *watcher; /* NULL: nobody looks on */
};

enum run_verdict { RUN_OK, RUN_FAILED, RUN_SKIPPED };

struct run_result {
    enum run_verdict verdict;
    enum failure_id failure; /* FAIL_NONE unless failed */
    const char *skipped;     /* why, when skipped */
    uint64_t hash;           /* of the whole trace; the same for every compiler */
    const char *refused;     /* the code with which the start was refused, rightly; NULL: it was not */
};

/* Deterministic; leaves nothing behind. A program without operations gets the deep check of the start. */
struct run_result run_program(const struct program *program, const struct allocator *allocator,
                              const struct run_options *options);

/* What a program starts an allocator with; points into the program. Of a raw table the map is not read yet. */
struct start run_start_of(const struct program *program);

/*
 * A map of any size (whole_map.c): starts on it, compares, allocates and frees all of it or, when it is too
 * large for a bool per frame, samples. `entries` in any order; *totals is filled in unless skipped.
 */
struct run_result run_whole_map(const struct memory_map *map, const struct allocator *allocator,
                                const struct run_options *options, struct map_totals *totals);

/* "op=7 alloc s3" of the run under way, for crash handlers; returns what snprintf would, 0 when none is. */
int run_position(char *text, size_t size);

#endif
