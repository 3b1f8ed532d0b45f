/*
 * The naive adapter's frames: a bool per frame of each block that has a managed one, built from the pieces of
 * the map. Taking and giving is in naive_fit.h.
 */
#ifndef FUZZ_ALLOCATORS_NAIVE_FRAMES_H
#define FUZZ_ALLOCATORS_NAIVE_FRAMES_H

#include <pthread.h>

#include "naive_map.h"

enum { MOST_FRAMES = 1 << 22 }; /* 16 GiB */

struct block {
    uint64_t base;
    unsigned free_count;
    bool large; /* given out as one 2 MiB frame */
    bool managed[BLOCK_FRAMES];
    bool free[BLOCK_FRAMES];
};

struct naive {
    pthread_mutex_t lock;
    struct pieces pieces; /* tell holes from reserved frames */
    struct block *blocks; /* by address */
    size_t block_count;
    size_t zone_end[ZONE_COUNT];   /* of the zone's blocks; the next zone's begin here */
    size_t first_free[ZONE_COUNT]; /* none of the zone's blocks before this one has a free frame */
    struct counts zones[ZONE_COUNT];
    uint64_t end; /* of the highest managed frame */
};

/* The managed frames of [base, end). Ranges come in address order. */
static void add_range(struct naive *naive, uint64_t base, uint64_t end)
{
    for (uint64_t next; base < end; base = next) {
        struct block *block = &naive->blocks[naive->block_count];
        const uint64_t start = base / BLOCK_BYTES * BLOCK_BYTES;

        next = end < start + BLOCK_BYTES ? end : start + BLOCK_BYTES;
        const size_t first = (size_t)((base - start) / FRAME_BYTES);
        const size_t count = (size_t)((next - base) / FRAME_BYTES);
        if (naive->block_count > 0 && block[-1].base == start)
            block--;
        else
            naive->block_count++;
        block->base = start;
        block->free_count += (unsigned)count;
        memset(block->managed + first, true, count);
        memset(block->free + first, true, count);
        naive->zones[zone_of(base)].managed += count;
        naive->zones[zone_of(base)].free += count;
        naive->end = next;
    }
}

static enum answer add_frames(struct naive *naive, uint64_t reserved_below)
{
    uint64_t frames = 0;
    uint64_t blocks = 0;
    uint64_t base;
    uint64_t end;

    for (size_t i = 0; i < naive->pieces.count; i++) {
        if (piece_usable(&naive->pieces, i, reserved_below, &base, &end)) {
            frames += (end - base) / FRAME_BYTES;
            blocks += (end - 1) / BLOCK_BYTES - base / BLOCK_BYTES + 1; /* counts a shared block twice */
        }
    }
    if (frames <= MOST_FRAMES)
        naive->blocks = calloc((size_t)blocks + 1, sizeof(struct block));
    if (!naive->blocks)
        return ANSWER_METADATA;
    for (size_t i = 0; i < naive->pieces.count; i++) {
        if (piece_usable(&naive->pieces, i, reserved_below, &base, &end))
            add_range(naive, base, end);
    }
    for (size_t i = 0; i < naive->block_count; i++) {
        for (unsigned zone = zone_of(naive->blocks[i].base); zone < ZONE_COUNT; zone++)
            naive->zone_end[zone] = i + 1;
    }
    for (unsigned zone = 1; zone < ZONE_COUNT; zone++)
        naive->first_free[zone] = naive->zone_end[zone - 1];
    return ANSWER_OK;
}

static enum answer build(struct naive *naive, const struct start *start)
{
    struct region *parsed = NULL;
    const struct region *regions = start->regions;
    size_t count = start->region_count;
    bool sound;

    if (start->multiboot) {
        parsed = multiboot_regions(start->multiboot, start->multiboot_length, &count);
        if (!parsed)
            return ANSWER_MAP;
        regions = parsed;
    }
    sound = pieces_new(&naive->pieces, regions, count);
    free(parsed);
    return sound ? add_frames(naive, start->reserved_below) : ANSWER_METADATA;
}

static void empty(struct naive *naive)
{
    free(naive->pieces.list);
    free(naive->blocks);
    *naive = (struct naive){.lock = PTHREAD_MUTEX_INITIALIZER};
}

static struct block *block_of(const struct naive *naive, uint64_t address)
{
    size_t low = 0;
    size_t high = naive->block_count;

    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (naive->blocks[middle].base + BLOCK_BYTES <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < naive->block_count && naive->blocks[low].base <= address ? &naive->blocks[low] : NULL;
}

static enum frame_state state_of(const struct naive *naive, uint64_t address)
{
    const struct block *block = block_of(naive, address);
    const size_t i = address % BLOCK_BYTES / FRAME_BYTES;

    if (address >= ADDRESS_LIMIT)
        return FRAME_HOLE;
    if (!block || !block->managed[i])
        return piece_frame(&naive->pieces, address / FRAME_BYTES * FRAME_BYTES) == FRAME_HOLE ? FRAME_HOLE
                                                                                              : FRAME_RESERVED;
    if (block->free[i])
        return FRAME_FREE;
    return block->large ? FRAME_LARGE : FRAME_SMALL;
}

#endif
