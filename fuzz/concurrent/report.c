/* The end of a run that failed: every block as the allocator and as the judge see it, and the line that names it. */
#include "state.h"

#include <inttypes.h>

enum { ANSWER_ACCESSES = 1 << 20 }; /* far beyond what a look at one block costs */

static void report_words(FILE *out, const char *who, const uint64_t words[BLOCK_WORDS], bool large)
{
    fprintf(out, "  %-10s %s", who, large ? "2 MiB" : "4 KiB");
    for (unsigned i = 0; i < BLOCK_WORDS; i++)
        fprintf(out, " %016" PRIx64, words[i]);
    fputc('\n', out);
}

/* A block as the allocator tells it, if it does: what is wrong may keep it from ever answering. */
struct question {
    const struct execution *execution;
    uint64_t base;
    uint64_t words[BLOCK_WORDS];
    bool large, told;
};

static void ask(void *context)
{
    struct question *question = context;
    const struct execution *execution = question->execution;

    question->told =
        execution->allocator->block &&
        execution->allocator->block(execution->stage->run.self, question->base, question->words, &question->large);
}

/* After the audit has gone on with the allocator, its state is not that of the failure: the words still say most. */
static void report_blocks(const struct execution *execution, FILE *out)
{
    const struct ground *ground = &execution->stage->ground;

    for (size_t i = 0; i < ground->block_count; i++) {
        const struct ground_block *block = &ground->blocks[i];
        struct question question = {.execution = execution, .base = block->base};

        fprintf(out, "block[%zu] at 0x%" PRIx64 " (%s), a set bit is a free frame:\n", i, block->base,
                zone_name(block->zone));
        report_words(out, "managed", block->managed, false);
        report_words(out, "set-up", block->state.free, block->state.large);
        if (!sim_bounded(ANSWER_ACCESSES, ask, &question))
            fprintf(out, "  allocator  does not answer any more\n");
        else if (question.told)
            report_words(out, "allocator", question.words, question.large);
    }
}

static void report_call(const struct execution *execution, size_t number, FILE *out)
{
    const struct call *call = &execution->history.calls[number];
    char line[80];

    operation_format(execution->plan->lists[call->list][call->position], line, sizeof(line));
    fprintf(out, "cpu=%u ", call->cpu);
    if (call->list >= LIST_HANDLER)
        fprintf(out, "handler=%u ", call->list - LIST_HANDLER);
    fprintf(out, "op=%u %s: ", call->position, line);
}

void report_finding(const struct execution *execution, const struct finding *finding, FILE *out, const char *input)
{
    const struct failure_info *info = &failure_infos[finding->failure];

    fprintf(out, "%s\n", info->meaning);
    report_blocks(execution, out);
    fprintf(out, "FAIL %s %s ", info->id, info->name);
    if (finding->call < HISTORY_CALLS)
        report_call(execution, finding->call, out);
    fprintf(out, "%s: make replay INPUT=%s\n", finding->what, input ? input : "<the file the engine writes>");
    fflush(out);
}
