/*
 * How the naive adapters take and give: first fit from the top zone down, whole blocks last, and for each
 * misuse its code. Also what its self-check looks for. The lock is held by the callers.
 */
#ifndef FUZZ_ALLOCATORS_NAIVE_FIT_H
#define FUZZ_ALLOCATORS_NAIVE_FIT_H

#include "naive_frames.h"

static inline bool order_exists(unsigned order)
{
    return order == 0 || order == BLOCK_ORDER;
}

static inline void set_free(struct naive *naive, struct block *block, size_t first, unsigned order, bool free)
{
    const unsigned count = 1U << order;
    struct counts *zone = &naive->zones[block->zone];

    memset(block->free + first, free, count);
    block->free_count = free ? block->free_count + count : block->free_count - count;
    block->large = order == BLOCK_ORDER && !free;
    zone->free = free ? zone->free + count : zone->free - count;
}

/* The first block of the zone that can serve the order: a partly used one for a single frame, if there is
 * one. */
static inline struct block *first_fit(struct naive *naive, enum zone zone, unsigned order)
{
    size_t *first = &naive->first_free[zone];
    struct block *whole = NULL;

    while (*first < naive->zone_end[zone] && naive->blocks[*first].free_count == 0)
        ++*first;
    for (size_t i = *first; i < naive->zone_end[zone]; i++) {
        struct block *block = &naive->blocks[i];

        if (order == 0 && block->free_count > 0 && block->free_count < BLOCK_FRAMES)
            return block;
        if (!whole && block->free_count == BLOCK_FRAMES)
            whole = block;
        if (whole && order == BLOCK_ORDER)
            break;
    }
    return whole;
}

static inline bool take_in_zone(struct naive *naive, enum zone zone, unsigned order, uint64_t *address)
{
    struct block *block = first_fit(naive, zone, order);
    const bool *frame = block ? memchr(block->free, true, BLOCK_FRAMES) : NULL;

    if (!frame)
        return false;
    *address = block->base + (uint64_t)(frame - block->free) * FRAME_BYTES;
    set_free(naive, block, (size_t)(frame - block->free), order, false);
    return true;
}

static inline enum answer take(struct naive *naive, unsigned order, enum zone limit, uint64_t *address)
{
    if (!order_exists(order) || (unsigned)limit >= ZONE_COUNT)
        return ANSWER_ARGUMENT;
    for (unsigned zone = (unsigned)limit + 1; zone-- > 0;) {
        if (take_in_zone(naive, (enum zone)zone, order, address))
            return ANSWER_OK;
    }
    return ANSWER_NO_MEMORY;
}

/* Whether the frame may be freed; its size is found out when `any_size`. Changes nothing. */
static inline enum answer may_give(const struct naive *naive, uint64_t address, unsigned *order, bool any_size)
{
    enum frame_state state;

    if (!order_exists(*order))
        return ANSWER_ARGUMENT;
    if (address % (*order == 0 ? FRAME_BYTES : BLOCK_BYTES) != 0)
        return ANSWER_MISALIGNED;
    if (address >= naive->end)
        return ANSWER_RANGE;
    state = state_of(naive, address);
    if (state == FRAME_HOLE)
        return ANSWER_HOLE;
    if (state == FRAME_RESERVED)
        return ANSWER_RESERVED;
    if (state == FRAME_FREE)
        return ANSWER_DOUBLE_FREE;
    if (any_size)
        *order = state == FRAME_LARGE ? BLOCK_ORDER : 0;
    if ((state == FRAME_LARGE) != (*order == BLOCK_ORDER) || address % (FRAME_BYTES << *order) != 0)
        return ANSWER_SIZE;
    return ANSWER_OK;
}

static inline void set_given(struct naive *naive, uint64_t address, unsigned order)
{
    struct block *block = block_of(naive, address);
    size_t *first = &naive->first_free[block->zone];

    set_free(naive, block, (size_t)((address - block->base) / FRAME_BYTES), order, true);
    if (*first > (size_t)(block - naive->blocks))
        *first = (size_t)(block - naive->blocks);
}

static inline enum answer give(struct naive *naive, uint64_t address, unsigned order, bool any_size)
{
    const enum answer answer = may_give(naive, address, &order, any_size);

    if (answer == ANSWER_OK)
        set_given(naive, address, order);
    return answer;
}

/* The first thing that contradicts itself, or NULL. */
static inline const char *inconsistency(const struct naive *naive)
{
    uint64_t free[ZONE_COUNT] = {0};

    for (size_t i = 0; i < naive->block_count; i++) {
        const struct block *block = &naive->blocks[i];
        unsigned count = 0;

        for (unsigned j = 0; j < BLOCK_FRAMES; j++) {
            if (block->free[j] && !block->managed[j])
                return "a frame that is not managed is free";
            count += block->free[j];
        }
        if (count != block->free_count)
            return "a block's count of free frames is not that of its bools";
        if (block->large && count > 0)
            return "a block given out whole has free frames";
        if (count > 0 && i < naive->first_free[block->zone])
            return "a block before the first free one has free frames";
        free[block->zone] += count;
    }
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        if (free[zone] != naive->zones[zone].free)
            return "a zone's count of free frames is not that of its blocks";
    }
    return NULL;
}

#endif
