/*
 * Reach marks of allocations and frees: what happened to words, blocks, zones and limits. Looks at the model
 * and at addresses only.
 */
#include "reach.h"

static void reach_served(const struct model *model, uint64_t end, enum zone limit, enum zone zone)
{
    if (zone == ZONE_DMA32 && limit == ZONE_NORMAL && model_zone(model, ZONE_NORMAL).managed > 0)
        reach(MARK_fallback_dma32);
    if (zone == ZONE_DMA && limit != ZONE_DMA && model_totals(model)->end > DMA_LIMIT)
        reach(MARK_fallback_dma);
    if (limit != ZONE_NORMAL)
        reach(limit == ZONE_DMA ? MARK_limit_dma_served : MARK_limit_dma32_served);
    if (end == model_totals(model)->end)
        reach(MARK_last_of_span_taken);
    if (model_zone(model, zone).free == 0) {
        reach(MARK_last_of_zone_taken);
        if (model_total(model).free == 0)
            reach(MARK_memory_exhausted);
    }
}

static void reach_refused(const struct model *model, unsigned order, enum zone limit)
{
    if (order != 0 && order != BLOCK_ORDER) {
        reach(MARK_nonsense_order);
        return;
    }
    reach(order == 0 ? MARK_refusal_small : MARK_refusal_large);
    if (order == BLOCK_ORDER && limit == ZONE_NORMAL && model_total(model).free >= BLOCK_FRAMES)
        reach(MARK_refusal_large_fragmented);
    for (unsigned above = (unsigned)limit + 1; above < ZONE_COUNT; above++) {
        if (model_zone(model, (enum zone)above).free > 0)
            reach(MARK_refusal_below_limit);
    }
}

void reach_request(const struct model *model, unsigned order, enum zone limit, enum answer answer, uint64_t address)
{
    if (answer == ANSWER_OK)
        reach_served(model, address + (FRAME_BYTES << order), limit, zone_of(address));
    else
        reach_refused(model, order, limit);
}

/* Whether all eight words are `value`, but for the bit of the frame itself. */
static bool others_are(const uint64_t words[8], size_t index, uint64_t bit, uint64_t value)
{
    for (size_t i = 0; i < 8; i++) {
        if (words[i] != value && (i != index || (words[i] ^ bit) != value))
            return false;
    }
    return true;
}

bool map_all_managed(const struct memory_map *map, uint64_t first, uint64_t count)
{
    for (uint64_t frame = first; frame < first + count; frame = map_next_change(map, frame)) {
        if (map_frame(map, frame) < FRAME_FREE)
            return false;
    }
    return true;
}

static void reach_taken(const struct model *model, const struct memory_map *map, struct change change)
{
    const uint64_t frame = change.address >> FRAME_SHIFT;
    const uint64_t bit = UINT64_C(1) << frame % 64;
    const size_t index = frame % BLOCK_FRAMES / 64;

    if (change.words[index] == 0)
        reach(MARK_word_emptied);
    if ((change.words[index] | bit) == UINT64_MAX)
        reach(MARK_word_full_to_partial);
    if (change.words[index] == 0 && others_are(change.words, index, bit, 0))
        reach(MARK_block_emptied);
    if (others_are(change.words, index, bit, UINT64_MAX))
        reach(MARK_block_broken_up);
    if (frame % BLOCK_FRAMES == BLOCK_FRAMES - 1)
        reach(MARK_last_of_block_taken);
    if (reach_counters[MARK_ragged_word_used] || model_totals(model)->whole_blocks == model_totals(model)->blocks)
        return;
    if (!map_all_managed(map, frame - frame % BLOCK_FRAMES, BLOCK_FRAMES)) {
        reach(MARK_ragged_block_used);
        if (!map_all_managed(map, frame - frame % 64, 64))
            reach(MARK_ragged_word_used);
    }
}

static bool is_managed(const struct model *model, uint64_t address)
{
    return model_frame(model, address) >= FRAME_FREE;
}

static void reach_given(const struct model *model, struct change change)
{
    const uint64_t frame = change.address >> FRAME_SHIFT;
    const uint64_t bit = UINT64_C(1) << frame % 64;
    const size_t index = frame % BLOCK_FRAMES / 64;

    if (change.words[index] == UINT64_MAX) {
        reach(MARK_word_full_again);
        if (others_are(change.words, index, bit, UINT64_MAX))
            reach(MARK_block_whole_again);
    }
    if (change.words[index] == bit) {
        reach(MARK_word_revived);
        if (others_are(change.words, index, bit, 0))
            reach(MARK_block_revived);
    }
    if (!reach_counters[MARK_freed_beside_unmanaged] &&
        (!is_managed(model, change.address - FRAME_BYTES) || !is_managed(model, change.address + FRAME_BYTES)))
        reach(MARK_freed_beside_unmanaged);
}

void reach_change(const struct model *model, const struct memory_map *map, struct change change)
{
    if (change.order != 0)
        return;
    if (change.taken)
        reach_taken(model, map, change);
    else
        reach_given(model, change);
}

static unsigned frames_free(const struct model *model, uint64_t address)
{
    uint64_t words[8];
    unsigned count = 0;

    model_block(model, address, words);
    for (size_t i = 0; i < 8; i++)
        count += (unsigned)__builtin_popcountll(words[i]);
    return count;
}

void reach_later(const struct model *model, const struct memory_map *map, uint64_t address, unsigned order,
                 enum answer answer)
{
    const uint64_t block = address & ~(BLOCK_BYTES - 1);

    if (answer == ANSWER_DOUBLE_FREE && map_frame(map, address >> FRAME_SHIFT) == FRAME_SMALL)
        reach(MARK_later_freed_twice);
    if (answer == ANSWER_SIZE && order == BLOCK_ORDER && map_frame(map, address >> FRAME_SHIFT) == FRAME_SMALL)
        reach(MARK_later_block_refused);
    if (answer != ANSWER_OK || !model_later(model, address, order))
        return;
    reach(order == 0 ? MARK_later_frame_given : MARK_later_block_given);
    if (order == 0 && model_later(model, block, BLOCK_ORDER))
        reach(MARK_later_block_split);
    if (order == 0 && frames_free(model, address) == BLOCK_FRAMES - 1)
        reach(MARK_later_block_joined);
}
