/*
 * What is judged by who was in flight when: refused allocations and counts.
 */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>

static bool in_flight(const struct call *call, uint64_t time)
{
    return call->invoked <= time && time <= call->responded;
}

/* Frames, or whole blocks, that would have satisfied the request. */
static uint64_t satisfying(const struct ground *ground, const struct history *history,
                           const uint8_t freed[HISTORY_CALLS], const struct call *call, uint64_t time)
{
    uint64_t count = 0;

    for (size_t block = 0; block < ground->block_count; block++) {
        struct block_state state;

        if (ground->blocks[block].zone > call->limit)
            continue;
        state = surely_free(ground, history, freed, block, time);
        if (call->order == BLOCK_ORDER)
            count += !state.large && words_full(state.free);
        else if (!state.large)
            count += count_bits(state.free);
    }
    return count;
}

static size_t others_in_flight(const struct history *history, size_t number, uint64_t time)
{
    size_t count = 0;

    for (size_t i = 0; i < history->count; i++)
        count += i != number && in_flight(&history->calls[i], time);
    return count;
}

/* The best excuse is at the invocation of this call, or of another one while it lasted. */
bool judge_refusal(const struct ground *ground, const struct history *history, const uint8_t freed[HISTORY_CALLS],
                   size_t number, struct finding *finding)
{
    const struct call *call = &history->calls[number];
    uint64_t least = UINT64_MAX, free_then = 0;
    size_t others_then = 0;

    for (size_t i = 0; i < history->count; i++) {
        const uint64_t time = history->calls[i].invoked;
        uint64_t free;
        size_t others;

        if (!in_flight(call, time))
            continue;
        free = satisfying(ground, history, freed, call, time);
        others = others_in_flight(history, number, time);
        if (free <= others)
            return true;
        if (free - others < least) {
            least = free - others;
            free_then = free;
            others_then = others;
        }
    }
    finding->failure = FAIL_L02;
    finding->call = number;
    snprintf(finding->what, sizeof(finding->what),
             "refused, and at best %" PRIu64 " %s free with %zu other %s in flight", free_then,
             call->order == BLOCK_ORDER ? "whole blocks were" : "frames were", others_then,
             others_then == 1 ? "call" : "calls");
    return false;
}

/* Free frames of a zone when nothing is in flight: at rest every reading is the same. */
static uint64_t free_in_zone(const struct ground *ground, const struct history *history,
                             const uint8_t freed[HISTORY_CALLS], enum zone zone, uint64_t time)
{
    uint64_t count = 0;

    for (size_t block = 0; block < ground->block_count; block++) {
        struct block_state state;

        if (ground->blocks[block].zone != zone)
            continue;
        state = surely_free(ground, history, freed, block, time);
        count += state.large ? 0 : count_bits(state.free);
    }
    return count;
}

bool judge_stats(const struct ground *ground, const struct history *history, const uint8_t freed[HISTORY_CALLS],
                 struct rules rules, size_t number, struct finding *finding)
{
    const struct call *call = &history->calls[number];
    bool alone = !rules.weak;

    for (size_t i = 0; i < history->count; i++)
        alone &=
            i == number || history->calls[i].responded < call->invoked || history->calls[i].invoked > call->responded;
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        const uint64_t managed = model_zone(ground->model, (enum zone)zone).managed;
        const struct counts *counts = &call->zones[zone];
        const uint64_t free = alone ? free_in_zone(ground, history, freed, (enum zone)zone, call->invoked) : 0;

        if (counts->managed == managed && counts->free <= managed && (!alone || counts->free == free))
            continue;
        finding->failure = FAIL_L05;
        finding->call = number;
        snprintf(finding->what, sizeof(finding->what),
                 "zone %s: allocator=%" PRIu64 " of %" PRIu64 " free, model=%s%" PRIu64 " of %" PRIu64,
                 zone_name((enum zone)zone), counts->free, counts->managed, alone ? "" : "at most ",
                 alone ? free : managed, managed);
        return false;
    }
    return true;
}
