/*
 * Reach marks of memory maps: which kinds of hostility one shows. Looks at the entries as they were given.
 */
#include "reach.h"

static bool is_memory(const struct region *region)
{
    return region->type == REGION_USABLE || region->type == REGION_LATER;
}

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
           map_frame(map, address >> FRAME_SHIFT) < FRAME_FREE;
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

    if (!is_memory(other)) {
        if (overlap(usable, other))
            reach(MARK_map_overlap_reserved);
        return;
    }
    if (overlap(usable, other))
        reach(MARK_map_overlap_usable);
    if (other->base == end && end % FRAME_BYTES != 0 && end < ADDRESS_LIMIT &&
        !reach_counters[MARK_map_merged_mid_frame] && map_frame(map, end >> FRAME_SHIFT) >= FRAME_FREE)
        reach(MARK_map_merged_mid_frame);
}

static void reach_entry(const struct memory_map *map, const struct region *region)
{
    if (region->length == 0) {
        reach(MARK_map_empty_entry);
        return;
    }
    if (wraps(region)) {
        reach(is_memory(region) ? MARK_map_wrap_ignored : MARK_map_wrap_reserved);
        return;
    }
    if (!is_memory(region))
        return;
    reach_usable(map, region);
    for (size_t i = 0; i < map->count; i++) {
        const struct region *other = &map->regions[i];

        if (other != region && !wraps(other))
            reach_pair(map, region, other);
    }
}

/* Marks of the frames that a range touches: of the first of each kind. */
static void reach_range(const struct memory_map *map, const struct range *range,
                        const enum mark marks[FRAME_STATE_COUNT])
{
    const uint64_t limit = ADDRESS_LIMIT - 1;
    const uint64_t last =
        range->length - 1 > UINT64_MAX - range->base ? UINT64_MAX : range->base + (range->length - 1);
    const uint64_t end = ((last < limit ? last : limit) >> FRAME_SHIFT) + 1;

    if (range->length == 0)
        return;
    for (uint64_t frame = range->base >> FRAME_SHIFT; frame < end; frame = map_next_change(map, frame)) {
        const enum frame_state state = map_frame(map, frame);

        if (marks[state] != MARK_COUNT)
            reach(marks[state]);
    }
}

/* `without`: the map without its reserved ranges. */
static void reach_ranges(const struct memory_map *map, const struct memory_map *without)
{
    static const enum mark later[FRAME_STATE_COUNT] = {
        MARK_later_in_vain, MARK_later_over_reserved, MARK_COUNT, MARK_later_marked, MARK_COUNT,
    };
    static const enum mark reserved[FRAME_STATE_COUNT] = {
        MARK_reserve_over_hole, MARK_COUNT, MARK_reserve_over_usable, MARK_reserve_over_usable, MARK_COUNT,
    };

    for (size_t i = 0; i < map->later_count; i++)
        reach_range(map, &map->later[i], later);
    for (size_t i = 0; i < map->reserved_count; i++)
        reach_range(without, &map->reserved[i], reserved);
    for (size_t i = 0; i < map->count; i++)
        if (map->regions[i].type == REGION_LATER)
            reach(MARK_later_in_map);
    if (map->managed_below % FRAME_BYTES != 0)
        reach(MARK_managed_below_inside_frame);
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
    struct memory_map without = *map;
    without.reserved_count = 0;
    reach_ranges(map, &without);
    without = *map;
    without.managed_below = 0;
    if (map->managed_below != 0 && map_totals(&without).managed > totals->managed)
        reach(MARK_managed_below_cut);
    if (totals->managed == 0)
        reach(MARK_map_without_memory);
    if (totals->zone_managed[ZONE_DMA] && totals->zone_managed[ZONE_DMA32] && totals->zone_managed[ZONE_NORMAL])
        reach(MARK_map_three_zones);
}

void reach_table(const struct table *table)
{
    enum { SIZE_BYTES = 4, NUMBER_BYTES = 8 };
    const struct table_shape *shape = &table_shapes[table->form];
    const size_t numbers =
        (shape->length_at > shape->base_at ? shape->length_at : shape->base_at) + (size_t)NUMBER_BYTES;
    const size_t type_end = (size_t)shape->type_at + shape->type_bytes,
                 least = type_end > numbers ? type_end : numbers;
    const size_t usual = shape->stride ? shape->stride : least;
    size_t stride = table->stride ? table->stride : shape->stride;

    for (size_t at = 0; at < table->length; at += stride) {
        const uint8_t *entry = table->bytes + at;
        const size_t left = table->length - at;

        if (table->stride == 0 && shape->stride == 0)
            stride = left < SIZE_BYTES ? least
                                       : SIZE_BYTES + ((size_t)entry[0] | (size_t)entry[1] << 8 |
                                                       (size_t)entry[2] << 16 | (size_t)entry[3] << 24);
        if (left < least || stride < least || stride > left) {
            reach(left >= least && stride < least ? MARK_table_size : MARK_table_past_end);
            return;
        }
        if (stride > usual)
            reach(MARK_table_long_entry);
    }
    reach((enum mark)(MARK_table_multiboot + (int)table->form));
}
