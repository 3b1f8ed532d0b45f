/*
 * The trace of a run: one hash over everything that was answered, and on request one line per operation. Both
 * say the same for every compiler and sanitizer; the hash takes its counts from the model, which all
 * allocators share.
 */
#include "state.h"

#include <inttypes.h>

void hash_mix(struct run *run, uint64_t value)
{
    uint64_t hash = (run->hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);

    run->hash = hash ^ hash >> 29;
}

static void print_outcome(const struct outcome *outcome, FILE *out)
{
    char detail[48] = "";

    if (!outcome->acted) {
        fprintf(out, " %-12s %-20s", "-", "nothing to do");
        return;
    }
    if (outcome->address != UINT64_MAX)
        snprintf(detail, sizeof(detail), "0x%" PRIx64 " %s", outcome->address, outcome->word ? outcome->word : "");
    else if (outcome->word)
        snprintf(detail, sizeof(detail), "%" PRIu64 " %s", outcome->count, outcome->word);
    fprintf(out, " %-12s %-20s", answer_name(outcome->answer), detail);
}

void trace_operation(struct run *run, const struct operation *operation)
{
    const struct outcome *outcome = &run->outcome;
    FILE *out = run->options->trace;
    uint64_t free[ZONE_COUNT];

    hash_mix(run, (uint64_t)operation->kind << 16 | (uint64_t)outcome->acted << 8 | (uint64_t)outcome->answer);
    hash_mix(run, outcome->address);
    hash_mix(run, outcome->count);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        free[zone] = model_zone(run->model, (enum zone)zone).free;
        hash_mix(run, free[zone]);
    }
    if (outcome->acted)
        reach_outcome(operation->kind, outcome->answer);
    if (out) {
        char line[96];

        operation_format(operation, line, sizeof(line));
        fprintf(out, "%4zu  %-28s", run->position, line);
        print_outcome(outcome, out);
        fprintf(out, " free: dma %" PRIu64 " dma32 %" PRIu64 " normal %" PRIu64 "\n", free[ZONE_DMA],
                free[ZONE_DMA32], free[ZONE_NORMAL]);
    }
}
