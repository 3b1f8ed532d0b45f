/*
 * Reach marks of memory maps: which kinds of hostility one shows. Looks at the entries as they were given.
 */
#include "reach.h"

static bool wraps(const struct region *region)
{
    return region->length > 0 && region->length - 1 > UINT64_MAX - region->base;
}

static bool overlap(const struct region *a, const struct region *b)
{
    return a->length > 0 && b->length > 0 && a->base <= b->base + (b->length - 1) &&
           b->base <= a->base + (a->length - 1);
}

/* A boundary inside a frame below the limit that is not managed for it. */
static bool loses_frame(const struct memory_map *map, uint64_t address)
{
    return address % FRAME_BYTES != 0 && address < ADDRESS_LIMIT &&
           map_frame(map, address >> FRAME_SHIFT) != FRAME_FREE;
}

static void reach_usable(const struct memory_map *map, const struct region *region)
{
    const uint64_t last = region->base + (region->length - 1);

    if (last >= ADDRESS_LIMIT)
        reach(MARK_map_clipped);
    if (region->base == 0 && last >= FRAME_BYTES - 1)
        reach(MARK_map_frame_zero);
    if (map->reserved_below > region->base && map->reserved_below <= last)
        reach(MARK_below_inside_entry);
    if (loses_frame(map, region->base) || loses_frame(map, last + 1))
        reach(MARK_map_lost_mid_frame);
}

/* Two entries that do not wrap; the first is usable. */
static void reach_pair(const struct memory_map *map, const struct region *usable, const struct region *other)
{
    const uint64_t end = usable->base + usable->length;

    if (other->type != REGION_USABLE) {
        if (overlap(usable, other))
            reach(MARK_map_overlap_reserved);
        return;
    }
    if (overlap(usable, other))
        reach(MARK_map_overlap_usable);
    if (other->base == end && end % FRAME_BYTES != 0 && end < ADDRESS_LIMIT &&
        !reach_counters[MARK_map_merged_mid_frame] && map_frame(map, end >> FRAME_SHIFT) == FRAME_FREE)
        reach(MARK_map_merged_mid_frame);
}

static void reach_entry(const struct memory_map *map, const struct region *region)
{
    if (region->length == 0) {
        reach(MARK_map_empty_entry);
        return;
    }
    if (wraps(region)) {
        reach(region->type == REGION_USABLE ? MARK_map_wrap_ignored : MARK_map_wrap_reserved);
        return;
    }
    if (region->type != REGION_USABLE)
        return;
    reach_usable(map, region);
    for (size_t i = 0; i < map->count; i++) {
        const struct region *other = &map->regions[i];

        if (other != region && !wraps(other))
            reach_pair(map, region, other);
    }
}

void reach_map(const struct memory_map *map, const struct map_totals *totals)
{
    for (size_t i = 0; i < map->count; i++) {
        reach_entry(map, &map->regions[i]);
        if (i > 0 && map->regions[i].base < map->regions[i - 1].base)
            reach(MARK_map_unsorted);
    }
    if (map->reserved_below % FRAME_BYTES != 0)
        reach(MARK_below_inside_frame);
    if (totals->managed == 0)
        reach(MARK_map_without_memory);
    if (totals->zone_managed[ZONE_DMA] && totals->zone_managed[ZONE_DMA32] && totals->zone_managed[ZONE_NORMAL])
        reach(MARK_map_three_zones);
}

void reach_multiboot(const uint8_t *bytes, size_t length)
{
    enum { SIZE_BYTES = 4, LEAST_SIZE = 20 };

    for (size_t at = 0; at < length;) {
        const uint8_t *entry = bytes + at;
        const size_t left = length - at;
        uint64_t size;

        if (left < SIZE_BYTES + LEAST_SIZE) {
            reach(MARK_multiboot_past_end);
            return;
        }
        size = (uint64_t)entry[0] | (uint64_t)entry[1] << 8 | (uint64_t)entry[2] << 16 | (uint64_t)entry[3] << 24;
        if (size < LEAST_SIZE || size > left - SIZE_BYTES) {
            reach(size < LEAST_SIZE ? MARK_multiboot_size : MARK_multiboot_past_end);
            return;
        }
        if (size > LEAST_SIZE)
            reach(MARK_multiboot_long_entry);
        at += SIZE_BYTES + (size_t)size;
    }
    reach(MARK_multiboot_read);
}
