/*
 * What a memory map means, frame by frame: which frames are managed, reserved or in a hole. Judges each frame by
 * itself, by the bytes that entries cover; sorts and merges nothing. Totals go from one possible change to the next.
 */
#include "model.h"

static const uint64_t frame_limit = ADDRESS_LIMIT >> FRAME_SHIFT;

enum { SAYS_USABLE = 1, SAYS_LATER = 2, SAYS_RESERVED = 4 };

struct extent { /* bytes [base, end); empty when end <= base */
    uint64_t base;
    uint64_t end;
    unsigned says;
};

/* No frame reaches the last byte below 2^64, so an end there or beyond is cut to it. */
static struct extent cut_extent(uint64_t base, uint64_t length, unsigned says)
{
    return (struct extent){base, length <= UINT64_MAX - base ? base + length : UINT64_MAX, says};
}

/* The bytes an entry stands for. Memory that wraps stands for nothing. */
static struct extent region_extent(const struct region *region)
{
    const unsigned says = region->type == REGION_USABLE  ? SAYS_USABLE
                          : region->type == REGION_LATER ? SAYS_USABLE | SAYS_LATER
                                                         : SAYS_RESERVED;

    if (says != SAYS_RESERVED && region->length > 0 && region->length - 1 > UINT64_MAX - region->base)
        return cut_extent(0, 0, says);
    return cut_extent(region->base, region->length, says);
}

/* Number `i` of everything that says something of bytes; false when there are no more. */
static bool read_extent(const struct memory_map *map, size_t i, struct extent *extent)
{
    const struct range *range = &map->metadata;

    if (i < map->count) {
        *extent = region_extent(&map->regions[i]);
        return true;
    }
    i -= map->count;
    if (i < map->reserved_count)
        range = &map->reserved[i];
    else if (i - map->reserved_count < map->later_count)
        range = &map->later[i - map->reserved_count];
    else if (i > map->reserved_count + map->later_count)
        return false;
    *extent = cut_extent(range->base, range->length,
                         i >= map->reserved_count && range != &map->metadata ? SAYS_LATER : SAYS_RESERVED);
    return true;
}

enum frame_state map_frame(const struct memory_map *map, uint64_t frame)
{
    const struct extent bytes = {frame << FRAME_SHIFT, (frame + 1) << FRAME_SHIFT, 0};
    const bool barred =
        frame == 0 || bytes.base < map->reserved_below || (map->managed_below != 0 && bytes.end > map->managed_below);
    uint64_t usable_to = bytes.base; /* usable entries, taken together, cover [bytes.base, usable_to) */
    unsigned said = 0;
    bool grew = true;

    while (grew) {
        struct extent extent;

        grew = false;
        for (size_t i = 0; read_extent(map, i, &extent); i++) {
            if (extent.base >= extent.end || extent.base >= bytes.end || extent.end <= bytes.base)
                continue;
            said |= extent.says;
            if ((extent.says & SAYS_USABLE) && extent.base <= usable_to && usable_to < extent.end) {
                usable_to = extent.end;
                grew = true;
            }
        }
    }
    if (!(said & (SAYS_USABLE | SAYS_RESERVED)))
        return FRAME_HOLE;
    if ((said & SAYS_RESERVED) || barred || usable_to < bytes.end)
        return FRAME_RESERVED;
    return (said & SAYS_LATER) && !map->later_is_usable ? FRAME_SMALL : FRAME_FREE;
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

    struct extent extent;

    next = nearer_change(next, frame, map->reserved_below);
    next = nearer_change(next, frame, map->managed_below);
    for (size_t i = 0; read_extent(map, i, &extent); i++) {
        next = nearer_change(next, frame, extent.base);
        next = nearer_change(next, frame, extent.end);
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
    const uint64_t counted_to = (totals->end + BLOCK_BYTES - 1) / BLOCK_BYTES; /* the last range's block is counted */
    const uint64_t block = first / BLOCK_FRAMES > counted_to ? first / BLOCK_FRAMES : counted_to;
    const uint64_t whole_from = (first + BLOCK_FRAMES - 1) / BLOCK_FRAMES;

    totals->managed += end - first;
    totals->zone_managed[ZONE_DMA] += count_between(first, end, 0, DMA_LIMIT >> FRAME_SHIFT);
    totals->zone_managed[ZONE_DMA32] +=
        count_between(first, end, DMA_LIMIT >> FRAME_SHIFT, DMA32_LIMIT >> FRAME_SHIFT);
    totals->zone_managed[ZONE_NORMAL] += count_between(first, end, DMA32_LIMIT >> FRAME_SHIFT, frame_limit);
    totals->blocks += count_between(block, (end + BLOCK_FRAMES - 1) / BLOCK_FRAMES, 0, frame_limit);
    totals->whole_blocks += count_between(whole_from, end / BLOCK_FRAMES, 0, frame_limit);
    totals->end = end << FRAME_SHIFT;
}

struct map_totals map_totals(const struct memory_map *map)
{
    struct map_totals totals = {0};

    for (uint64_t frame = 0, first = 0, next; frame < frame_limit; first = frame) {
        for (; frame < frame_limit && map_frame(map, frame) >= FRAME_FREE; frame = next) {
            next = map_next_change(map, frame);
            totals.later += map_frame(map, frame) == FRAME_SMALL ? next - frame : 0;
        }
        if (first == frame)
            frame = map_next_change(map, frame);
        else
            add_range(&totals, first, frame);
    }
    return totals;
}
