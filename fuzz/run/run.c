/*
 * A program from start to end: each operation through one table of functions, each followed by the
 * comparison, and at the end everything is freed and must be as after the start.
 */
#include "state.h"

#include <stdlib.h>

enum { DRAINED_AT_END = 64 }; /* most calls in which the end takes all of the memory: engines do it each time */

static const operation_function operations[OPERATION_COUNT] = {
#define OPERATION(name, text, a, b, c, doc) operation_##name,
#include "../program/operations.def"
#undef OPERATION
};

static void tell_watcher(const struct run *run)
{
    const struct run_watcher *watcher = run->options->watcher;

    if (watcher)
        watcher->before(watcher->context, run);
}

/* Most blocks of a map that is compared in full after each operation. */
enum { THOROUGH_BLOCKS = 64 };

static bool look_around(struct run *run, enum failure_id as)
{
    return !run->options->thorough || run->totals.blocks > THOROUGH_BLOCKS || compare_everything(run, as);
}

static bool run_operations(struct run *run)
{
    const struct program *program = run->program;

    for (size_t i = 0; i < program->operation_count; i++) {
        const struct operation *operation = &program->operations[i];

        run->position = i;
        run->outcome = (struct outcome){.acted = false, .address = UINT64_MAX};
        tell_watcher(run);
        if (!operations[operation->kind](run, operation))
            return false;
        trace_operation(run, operation);
        if (!look_around(run, FAIL_NONE))
            return false;
    }
    return true;
}

static bool finish(struct run *run)
{
    uint64_t count = 0;

    run->position = AT_END;
    tell_watcher(run);
    return free_everything(run, &count) && take_and_give_all(run, DRAINED_AT_END) && give_later(run, DRAINED_AT_END);
}

struct start run_start_of(const struct program *program)
{
    struct start start = {.cpus = program->cpus};

    start.map = (struct memory_map){
        .regions = program->regions,
        .count = program->raw ? 0 : program->region_count,
        .reserved_below = program->reserved_below,
        .managed_below = program->managed_below,
        .reserved = program->reserved.list,
        .reserved_count = program->reserved.count,
        .later = program->later.list,
        .later_count = program->later.count,
    };
    if (program->raw)
        start.table = program_table(program);
    start.placed = program->placed;
    start.place_above = program->place_above;
    start.place_below = program->place_below;
    return start;
}

void run_begin(struct run *run, const struct allocator *allocator, const struct run_options *options)
{
    *run = (struct run){.allocator = allocator, .options = options, .position = AT_START};
    reach_reset();
    run_enter(run);
}

struct run_result run_end(struct run *run)
{
    struct run_result result = {RUN_OK, run->failure, run->skipped, run->hash};

    if (run->failure != FAIL_NONE)
        result.verdict = RUN_FAILED;
    else if (run->skipped)
        result.verdict = RUN_SKIPPED;
    if (run->self)
        run->allocator->stop(run->self);
    run_enter(NULL);
    if (run->model)
        model_delete(run->model);
    free(run->pool.frames);
    free(run->snapshot);
    return result;
}

struct run_result run_program(const struct program *program, const struct allocator *allocator,
                              const struct run_options *options)
{
    struct run run;

    run_begin(&run, allocator, options);
    run.program = program;
    run.start = run_start_of(program);
    tell_watcher(&run);
    if (run_open(&run) && look_around(&run, FAIL_S01) && (program->operation_count > 0 || start_deep_check(&run)) &&
        run_operations(&run))
        finish(&run);
    return run_end(&run);
}
