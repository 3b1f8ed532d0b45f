/*
 * The end of a run that failed: the ids, the report with both states side by side, and the one line that
 * names the failure. Formats nothing unless something failed.
 */
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>

const struct failure_info failure_infos[FAIL_COUNT] = {
    [FAIL_NONE] = {"none", "none", "nothing failed"},
#define FAILURE(id, name, meaning) [FAIL_##id] = {#id, name, meaning},
#include "failures.def"
#undef FAILURE
};

static struct run *running;                    /* for what may happen in the middle of a call */
static struct said told_allocator, told_model; /* of the failure being told */

void run_enter(struct run *run)
{
    running = run;
}

static int format_position(const struct run *run, char *text, size_t size)
{
    char line[96];

    if (run->position == AT_START)
        return snprintf(text, size, "op=start");
    if (run->position == AT_END)
        return snprintf(text, size, "op=end");
    if (run->position == AT_WHOLE)
        return snprintf(text, size, "op=whole-map");
    operation_format(&run->program->operations[run->position], line, sizeof(line));
    return snprintf(text, size, "op=%zu %s", run->position, line);
}

int run_position(char *text, size_t size)
{
    return running ? format_position(running, text, size) : 0;
}

static void format_said(struct said said, char *text, size_t size)
{
    switch (said.form) {
    case SAID_WORD:
        snprintf(text, size, "%s", said.word);
        break;
    case SAID_ADDRESS:
        snprintf(text, size, "0x%" PRIx64, said.number);
        break;
    case SAID_COUNT:
        snprintf(text, size, "%" PRIu64, said.number);
        break;
    }
}

static void report_words(FILE *out, const char *who, const uint64_t words[8], bool large)
{
    fprintf(out, "  %-9s %s", who, large ? "2 MiB" : "4 KiB");
    for (int i = 0; i < 8; i++)
        fprintf(out, " %016" PRIx64, words[i]);
    fputc('\n', out);
}

static void report_block(const struct run *run, FILE *out)
{
    uint64_t words[8] = {0};
    bool large = false;

    fprintf(out, "block 0x%" PRIx64 ", a set bit is a free frame:\n", run->touched & ~(BLOCK_BYTES - 1));
    if (run->allocator->block && run->allocator->block(run->self, run->touched, words, &large))
        report_words(out, "allocator", words, large);
    else
        fprintf(out, "  allocator tells nothing about it\n");
    large = model_block(run->model, run->touched, words);
    report_words(out, "model", words, large);
    fprintf(out, "frame 0x%" PRIx64 ": model %s\n", run->touched,
            frame_state_name(model_frame(run->model, run->touched)));
}

static void report_counts(const struct run *run, FILE *out)
{
    struct counts zones[ZONE_COUNT];

    if (run->allocator->counts)
        run->allocator->counts(run->self, zones);
    fprintf(out, "free of managed frames:\n");
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        struct model_counts model = model_zone(run->model, (enum zone)zone);

        fprintf(out, "  %-9s model %" PRIu64 " of %" PRIu64, zone_name((enum zone)zone), model.free, model.managed);
        if (run->allocator->counts)
            fprintf(out, ", allocator %" PRIu64 " of %" PRIu64, zones[zone].free, zones[zone].managed);
        fputc('\n', out);
    }
}

/* The one line that triage reads: which failure, where, what both sides said, and the command that shows it again. */
static void report_line(const struct run *run, FILE *out, struct said allocator, struct said model)
{
    const struct failure_info *info = &failure_infos[run->failure];
    const char *input = run->options->input;
    const char *adapter = getenv("ALLOCATOR"); /* make hands it on when it was named on its command line */
    char position[128], left[128], right[128];

    format_position(run, position, sizeof(position));
    format_said(allocator, left, sizeof(left));
    format_said(model, right, sizeof(right));
    fprintf(out, "FAIL %s %s %s: allocator=%s model=%s: make replay INPUT=%s", info->id, info->name, position, left,
            right, input ? input : "<the file the engine writes>");
    if (adapter && *adapter)
        fprintf(out, " ALLOCATOR=%s", adapter);
    fputc('\n', out);
}

bool run_fail(struct run *run, enum failure_id id, struct said allocator, struct said model)
{
    FILE *out = run->options->report;

    if (run->failure != FAIL_NONE)
        return false;
    if (run->damaged)
        id = FAIL_I01;
    run->failure = id;
    if (run->options->watcher)
        run->options->watcher->failed(run->options->watcher->context, run);
    if (!out)
        return false;
    told_allocator = allocator;
    told_model = model;
    fprintf(out, "%s\n", failure_infos[id].meaning);
    if (run->self && run->model && id != FAIL_T01) { /* after T01 the allocator is in the middle of a call */
        report_block(run, out);
        report_counts(run, out);
    }
    report_line(run, out, allocator, model);
    fflush(out);
    return false;
}

/* Runs in the middle of the call that does not end; there is no way back into it. */
static void steps_exceeded(void)
{
    char steps[32];

    snprintf(steps, sizeof(steps), "%" PRIu64 "-steps", steps_taken());
    if (running->failure != FAIL_NONE) { /* asked for the report on it: the failure keeps its id and its line */
        fprintf(running->options->report, "  the allocator does not answer any more, after %s\n", steps);
        report_line(running, running->options->report, told_allocator, told_model);
    }
    run_fail(running, FAIL_T01, said_word(steps), said_word("an-end"));
    fflush(NULL);
    _Exit(1);
}

void call_begins(const struct run *run)
{
    steps_begin((UINT64_C(1) << 24) + 64 * run->totals.managed, steps_exceeded);
}
