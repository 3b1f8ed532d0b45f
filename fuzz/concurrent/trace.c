/*
 * The trace of a concurrent run: one column a CPU for who did what to which word; then the values, the memory order
 * and the marks; then where in the source. Collected during the run, printed after it.
 */
#include "state.h"

#include <inttypes.h>
#include <string.h>

enum { TRACE_ROWS = 65536, COLUMN = 30 };

enum row_kind { ROW_STEP, ROW_BEGINS, ROW_CALL };

struct row {
    enum row_kind kind;
    uint8_t cpu, depth;
    unsigned list;
    struct operation operation;
    size_t call; /* number in the history */
    struct sim_event event;
};

struct trace {
    const struct execution *execution;
    size_t count;
    bool cut;
    struct row rows[TRACE_ROWS];
};

struct trace *trace_begin(const struct execution *execution)
{
    static struct trace trace;

    trace.execution = execution;
    trace.count = 0;
    trace.cut = false;
    return &trace;
}

static struct row *next_row(struct trace *trace, enum row_kind kind, unsigned cpu, unsigned depth)
{
    static struct row nowhere;
    struct row *row = trace->count < TRACE_ROWS ? &trace->rows[trace->count++] : &nowhere;

    trace->cut |= row == &nowhere;
    row->kind = kind;
    row->cpu = (uint8_t)cpu;
    row->depth = (uint8_t)depth;
    return row;
}

void trace_event(void *context, const struct sim_event *event)
{
    struct execution *execution = context;

    next_row(execution->trace, ROW_STEP, event->cpu, event->depth)->event = *event;
}

void trace_operation_begins(struct trace *trace, unsigned cpu, unsigned list, const struct operation *operation)
{
    struct row *row = next_row(trace, ROW_BEGINS, cpu, sim_depth());

    row->list = list;
    row->operation = *operation;
}

void trace_call_ends(struct trace *trace, const struct call *call)
{
    next_row(trace, ROW_CALL, call->cpu, call->depth)->call = (size_t)(call - trace->execution->history.calls);
}

/* ---- printing ---- */

static void name_location(const struct execution *execution, const void *at, char *name, size_t size)
{
    const struct stage *stage = execution->stage;

    if (execution->allocator->location && execution->allocator->location(stage->run.self, at, name, size))
        return;
    if (stage->image && (const char *)at >= (const char *)stage->image &&
        (const char *)at < (const char *)stage->image + stage->bytes)
        snprintf(name, size, "metadata+0x%zx", (size_t)((const char *)at - (const char *)stage->image));
    else
        snprintf(name, size, "elsewhere");
}

static void print_cell(FILE *out, const struct execution *execution, unsigned cpu, unsigned depth, const char *text)
{
    for (unsigned i = 0; i < execution->plan->cpus; i++)
        fprintf(out, " | %*s%-*s", i == cpu ? (int)(2 * depth) : 0, "", COLUMN - (i == cpu ? (int)(2 * depth) : 0),
                i == cpu ? text : "");
}

static void print_step(FILE *out, const struct execution *execution, const struct sim_event *event, uint64_t step)
{
    static const char *const kinds[] = {
        [SIM_LOAD] = "load", [SIM_STORE] = "store", [SIM_AND] = "and",     [SIM_OR] = "or",
        [SIM_ADD] = "add",   [SIM_SWAP] = "swap",   [SIM_FENCE] = "fence",
    };
    static const char *const orders[] = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"};
    char name[48], cell[64];

    name_location(execution, event->address, name, sizeof(name));
    snprintf(cell, sizeof(cell), "%s %s", kinds[event->kind], event->kind == SIM_FENCE ? "" : name);
    fprintf(out, "%5" PRIu64, step);
    print_cell(out, execution, event->cpu, event->depth, cell);
    if (event->kind == SIM_LOAD)
        fprintf(out, " | 0x%" PRIx64, event->before);
    else if (event->kind != SIM_FENCE)
        fprintf(out, " | 0x%" PRIx64 " -> 0x%" PRIx64, event->before, event->after);
    else
        fprintf(out, " |");
    fprintf(out, " %s%s%s%s%s", orders[event->order], event->failed ? " FAILED" : "", event->stale ? " STALE" : "",
            event->aba ? " ABA" : "", event->waits ? " WAITS" : "");
    if (event->depth)
        fprintf(out, " IRQ %u", event->depth);
    if (event->site)
        fprintf(out, "  %s:%u %s", event->site->file, event->site->line, event->site->function);
    fputc('\n', out);
}

static void print_begins(FILE *out, const struct execution *execution, const struct row *row)
{
    char line[80], cell[96];

    operation_format(&row->operation, line, sizeof(line));
    snprintf(cell, sizeof(cell), "%s%s", row->list >= LIST_HANDLER ? "interrupt: " : "> ", line);
    fprintf(out, "%5s", "");
    print_cell(out, execution, row->cpu, row->depth, cell);
    fprintf(out, " |\n");
}

static void print_call(FILE *out, const struct execution *execution, const struct row *row)
{
    const struct call *call = &execution->history.calls[row->call];
    char cell[96];

    if (call->kind == CALL_STATS)
        snprintf(cell, sizeof(cell), "< %" PRIu64 "+%" PRIu64 "+%" PRIu64 " free", call->zones[0].free,
                 call->zones[1].free, call->zones[2].free);
    else if (call->kind == CALL_QUERY)
        snprintf(cell, sizeof(cell), "< 0x%" PRIx64 " %s", call->address, frame_state_name(call->state));
    else if (call->address == UINT64_MAX)
        snprintf(cell, sizeof(cell), "< %s", answer_name(call->answer));
    else
        snprintf(cell, sizeof(cell), "< %s 0x%" PRIx64, answer_name(call->answer), call->address);
    fprintf(out, "%5s", "");
    print_cell(out, execution, call->cpu, call->depth, cell);
    fprintf(out, " | from %" PRIu64 " to %" PRIu64 "%s\n", call->invoked / 2, call->responded / 2,
            call->misuse ? ", misuse" : "");
}

/* Who ran, for how many steps. */
static void print_turns(FILE *out, const struct trace *trace)
{
    unsigned steps = 0, cpu = 0;

    fprintf(out, "turns");
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->rows[i].kind != ROW_STEP)
            continue;
        if (steps && trace->rows[i].cpu != cpu) {
            fprintf(out, " %u:%u", cpu, steps);
            steps = 0;
        }
        cpu = trace->rows[i].cpu;
        steps++;
    }
    fprintf(out, " %u:%u\n", cpu, steps);
}

void trace_print(const struct trace *trace, const struct execution *execution, FILE *out)
{
    uint64_t step = 0;

    fprintf(out, " step");
    for (unsigned cpu = 0; cpu < execution->plan->cpus; cpu++)
        fprintf(out, " | cpu %-*u", COLUMN - 4, cpu);
    fprintf(out, " | value, order, place\n");
    for (size_t i = 0; i < trace->count; i++) {
        const struct row *row = &trace->rows[i];

        if (row->kind == ROW_STEP)
            print_step(out, execution, &row->event, step++);
        else if (row->kind == ROW_BEGINS)
            print_begins(out, execution, row);
        else
            print_call(out, execution, row);
    }
    if (trace->cut)
        fprintf(out, "... and more: the trace ends after %d lines\n", TRACE_ROWS);
    else
        print_turns(out, trace);
}
