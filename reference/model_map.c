/*
 * What a memory map means, frame by frame: which frames are managed, reserved or in a hole. Judges each frame by
 * itself, by the bytes that entries cover; sorts and merges nothing. Totals go from one possible change to the next.
 */
#include "model.h"

static const uint64_t frame_limit = ADDRESS_LIMIT >> FRAME_SHIFT;

struct extent { /* bytes [base, end); empty when end <= base */
    uint64_t base;
    uint64_t end;
};

/*
 * The bytes an entry stands for. No frame reaches the last byte below 2^64, so an end there or beyond is cut
 * to it. A usable entry that wraps stands for nothing.
 */
static struct extent region_extent(const struct region *region)
{
    const uint64_t room = UINT64_MAX - region->base; /* one less than the bytes from base to the top */

    if (region->length <= room)
        return (struct extent){region->base, region->base + region->length};
    if (region->type == REGION_USABLE && region->length - 1 > room)
        return (struct extent){0, 0};
    return (struct extent){region->base, UINT64_MAX};
}

enum frame_state map_frame(const struct memory_map *map, uint64_t frame)
{
    const struct extent bytes = {frame << FRAME_SHIFT, (frame + 1) << FRAME_SHIFT};
    uint64_t usable_to = bytes.base; /* usable entries, taken together, cover [bytes.base, usable_to) */
    bool covered = false;
    bool grew = true;

    while (grew && usable_to < bytes.end) {
        grew = false;
        for (size_t i = 0; i < map->count; i++) {
            const struct extent entry = region_extent(&map->regions[i]);

            if (entry.base >= entry.end || entry.base >= bytes.end || entry.end <= bytes.base)
                continue;
            if (map->regions[i].type != REGION_USABLE)
                return FRAME_RESERVED;
            covered = true;
            if (entry.base <= usable_to && usable_to < entry.end) {
                usable_to = entry.end;
                grew = true;
            }
        }
    }
    if (!covered)
        return FRAME_HOLE;
    return usable_to >= bytes.end && frame != 0 && bytes.base >= map->reserved_below ? FRAME_FREE : FRAME_RESERVED;
}

/* The nearer of `best` and the first of the two frame boundaries around `address` that is above `frame`. */
static uint64_t nearer_change(uint64_t best, uint64_t frame, uint64_t address)
{
    uint64_t boundary = address >> FRAME_SHIFT;

    if (boundary <= frame && address % FRAME_BYTES != 0)
        boundary++;
    return boundary > frame && boundary < best ? boundary : best;
}

uint64_t map_next_change(const struct memory_map *map, uint64_t frame)
{
    uint64_t next = nearer_change(frame_limit, frame, FRAME_BYTES); /* frame 0 is unlike any other */

    next = nearer_change(next, frame, map->reserved_below);
    for (size_t i = 0; i < map->count; i++) {
        struct extent entry = region_extent(&map->regions[i]);

        next = nearer_change(next, frame, entry.base);
        next = nearer_change(next, frame, entry.end);
    }
    return next;
}

static uint64_t count_between(uint64_t first, uint64_t end, uint64_t low, uint64_t high)
{
    first = first > low ? first : low;
    end = end < high ? end : high;
    return first < end ? end - first : 0;
}

/* Adds the managed frames [first, end), with an unmanaged one on each side. */
static void add_range(struct map_totals *totals, uint64_t first, uint64_t end)
{
    const uint64_t dma = DMA_LIMIT >> FRAME_SHIFT;
    const uint64_t dma32 = DMA32_LIMIT >> FRAME_SHIFT;
    const uint64_t counted_to = (totals->end + BLOCK_BYTES - 1) / BLOCK_BYTES; /* the last range's block is counted */
    const uint64_t block = first / BLOCK_FRAMES > counted_to ? first / BLOCK_FRAMES : counted_to;
    const uint64_t whole_from = (first + BLOCK_FRAMES - 1) / BLOCK_FRAMES;

    totals->managed += end - first;
    totals->zone_managed[ZONE_DMA] += count_between(first, end, 0, dma);
    totals->zone_managed[ZONE_DMA32] += count_between(first, end, dma, dma32);
    totals->zone_managed[ZONE_NORMAL] += count_between(first, end, dma32, frame_limit);
    totals->blocks += count_between(block, (end + BLOCK_FRAMES - 1) / BLOCK_FRAMES, 0, frame_limit);
    totals->whole_blocks += count_between(whole_from, end / BLOCK_FRAMES, 0, frame_limit);
    totals->end = end << FRAME_SHIFT;
}

struct map_totals map_totals(const struct memory_map *map)
{
    struct map_totals totals = {0};

    for (uint64_t frame = 0, next; frame < frame_limit; frame = next) {
        next = map_next_change(map, frame);
        if (map_frame(map, frame) != FRAME_FREE)
            continue;
        while (next < frame_limit && map_frame(map, next) == FRAME_FREE)
            next = map_next_change(map, next);
        add_range(&totals, frame, next);
    }
    return totals;
}
