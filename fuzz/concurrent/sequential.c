/*
 * Whether a concurrent program fails without its schedule: its set-up alone, or the same operations one after another, as
 * an ordinary sequential program compared with the model after each. First in the order in which the calls of its own run
 * ended, then CPU by CPU. What fails so is no finding of concurrency. On a right allocator none of them can fail.
 */
#include "state.h"

#include <string.h>

enum { BULK_CALLS = 4, ORDERS = 24 /* of four CPUs */ };

struct flattening {
    const struct program *from;
    struct program *to;
    struct plan plan;
    uint32_t told[LIST_COUNT]; /* operations of each list that are in `to` */
    unsigned cpu;              /* that `to` is at */
};

static enum failure_id run_either(const void *context, const struct program *program, FILE *report, void *extra)
{
    const struct run_options run = {.frame_limit = RUN_FRAMES_FUZZ, .report = report, .thorough = true};
    const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ, .report = report},
                                               .audit = AUDIT_REPLAY};
    struct concurrent_result *result = extra; /* told back, unless it crashes */

    if (!program->concurrent)
        return run_program(program, context, &run).failure;
    run_concurrent(program, context, &options, result);
    return result->failure;
}

/* ---- one program ---- */

static void append(struct program *program, struct operation operation)
{
    if (program->operation_count < PROGRAM_OPERATIONS)
        program->operations[program->operation_count++] = operation;
}

static void append_from(struct flattening *flattening, unsigned cpu, unsigned list, unsigned position)
{
    struct operation operation = *flattening->plan.lists[list][position];
    const bool bulk = operation.kind == OPERATION_FILL && list != LIST_SETUP;

    if (flattening->told[list] >> position & 1)
        return;
    flattening->told[list] |= UINT32_C(1) << position;
    if (cpu != flattening->cpu)
        append(flattening->to, (struct operation){OPERATION_CPU, {cpu, 0, 0}});
    flattening->cpu = cpu;
    if (bulk && (operation.operands[2] == 0 || operation.operands[2] > BULK_CALLS))
        operation.operands[2] = BULK_CALLS; /* as many as a simulated CPU takes */
    append(flattening->to, operation);
}

static void append_list(struct flattening *flattening, unsigned list)
{
    const unsigned cpu = list >= LIST_CPU && list < LIST_HANDLER ? list - LIST_CPU : 0;

    for (unsigned i = 0; i < flattening->plan.count[list]; i++)
        append_from(flattening, cpu, list, i);
}

/* The map and the set-up. */
static void begin(struct flattening *flattening)
{
    *flattening->to = *flattening->from;
    flattening->to->concurrent = false;
    flattening->to->schedule = (struct schedule){0};
    flattening->to->operation_count = 0;
    memset(flattening->told, 0, sizeof(flattening->told));
    flattening->cpu = 0;
    append_list(flattening, LIST_SETUP);
}

/* What an audit at rest does as well: everything compared, and all that is free taken. */
static void end(struct flattening *flattening)
{
    append(flattening->to, (struct operation){OPERATION_CHECK, {0}});
    append(flattening->to, (struct operation){OPERATION_DRAIN, {BLOCK_ORDER, 0, 0}});
    append(flattening->to, (struct operation){OPERATION_DRAIN, {0}});
}

/* ---- orders ---- */

static void in_order_of_ends(struct flattening *flattening, const struct concurrent_result *result)
{
    for (size_t i = 0; i < result->ended_count; i++)
        append_from(flattening, result->ended[i].cpu, result->ended[i].list, result->ended[i].position);
    for (unsigned list = LIST_CPU; list < LIST_COUNT; list++) /* what came to no call */
        append_list(flattening, list);
}

/* The n-th order of the CPUs; the handlers last, or first. */
static void cpu_by_cpu(struct flattening *flattening, unsigned n, bool handlers_first)
{
    unsigned left[PROGRAM_CPUS] = {0, 1, 2, 3}, count = flattening->plan.cpus;

    for (unsigned i = 0; i < SCHEDULE_HANDLERS && handlers_first; i++)
        append_list(flattening, LIST_HANDLER + i);
    for (; count > 0; count--) {
        const unsigned next = n % count;

        n /= count;
        append_list(flattening, LIST_CPU + left[next]);
        memmove(&left[next], &left[next + 1], (count - next - 1) * sizeof(left[0]));
    }
    for (unsigned i = 0; i < SCHEDULE_HANDLERS; i++)
        append_list(flattening, LIST_HANDLER + i);
}

/* As it stands, or else with everything looked at and taken at the end: each can hide what the other shows. */
static bool fails(struct worker *worker, struct flattening *flattening, struct named_failure *failure)
{
    for (unsigned try = 0; try < 2; try++) {
        if (try == 1)
            end(flattening);
        *worker_program(worker) = *flattening->to;
        *failure = worker_run(worker);
        if (failure->id != FAIL_NONE)
            return true;
    }
    return false;
}

static bool find(struct worker *worker, struct flattening *flattening, struct named_failure *failure)
{
    static struct concurrent_result result;
    unsigned orders = 1;

    begin(flattening);
    if (fails(worker, flattening, failure))
        return true;
    *worker_program(worker) = *flattening->from;
    memset(worker_extra(worker), 0, sizeof(result));
    worker_run(worker);
    memcpy(&result, worker_extra(worker), sizeof(result));
    begin(flattening);
    in_order_of_ends(flattening, &result);
    if (fails(worker, flattening, failure))
        return true;
    for (unsigned cpu = 2; cpu <= flattening->plan.cpus; cpu++)
        orders *= cpu;
    for (unsigned i = 0; i < 2 * orders && orders <= ORDERS; i++) {
        begin(flattening);
        cpu_by_cpu(flattening, i / 2, i % 2);
        if (fails(worker, flattening, failure))
            return true;
    }
    return false;
}

bool sequential_failure(struct program *program, const struct allocator *allocator, unsigned millis,
                        struct named_failure *failure)
{
    static struct program from;
    static struct flattening flattening;
    const struct worker_job job = {run_either, allocator, sizeof(struct concurrent_result), millis};
    struct worker *worker = worker_open(&job);
    bool found;

    if (!worker)
        return false;
    from = *program;
    flattening.from = &from;
    flattening.to = program;
    plan_make(&flattening.plan, &from);
    found = find(worker, &flattening, failure);
    worker_close(worker);
    return found;
}
