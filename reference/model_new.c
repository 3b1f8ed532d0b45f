/*
 * How a model begins: the bools and counts of a memory map, in one piece of memory. Holds only the blocks
 * that have a managed frame, since real maps spread half a TiB over 25.
 */
#include "model_state.h"

#include <stdlib.h>
#include <string.h>

/* Blocks are added in address order, so that a new one either extends the last window or opens the next. */
static void add_block(struct model *model, uint64_t base)
{
    struct window *window = &model->windows[model->window_count];

    if (model->window_count > 0 && window[-1].end == base) {
        window[-1].end += BLOCK_BYTES;
    } else {
        *window = (struct window){base, base + BLOCK_BYTES, model->block_count};
        model->window_count++;
    }
    model->blocks[model->block_count++].base = base;
}

static void add_managed(struct model *model, uint64_t frame, uint64_t end)
{
    for (uint64_t next; frame < end; frame = next) {
        const uint64_t block = frame / BLOCK_FRAMES;

        next = end < (block + 1) * BLOCK_FRAMES ? end : (block + 1) * BLOCK_FRAMES;
        if (model_index(model, frame << FRAME_SHIFT) == NOWHERE)
            add_block(model, block * BLOCK_BYTES);
        memset(model->managed + model_index(model, frame << FRAME_SHIFT), true, (size_t)(next - frame));
        model->blocks[model->block_count - 1].managed += (uint32_t)(next - frame);
    }
}

/* Its own copy of all that the map points to; `lists` has room for it. Returns what is left of that. */
static void *copy_map(struct model *model, const struct memory_map *map, struct region *lists)
{
    struct range *ranges = (struct range *)(lists + map->count);

    model->map = *map;
    model->map.regions = lists;
    model->map.reserved = ranges;
    model->map.later = ranges + map->reserved_count;
    if (map->count > 0)
        memcpy(lists, map->regions, map->count * sizeof(struct region));
    if (map->reserved_count > 0)
        memcpy(ranges, map->reserved, map->reserved_count * sizeof(struct range));
    if (map->later_count > 0)
        memcpy(ranges + map->reserved_count, map->later, map->later_count * sizeof(struct range));
    return ranges + map->reserved_count + map->later_count;
}

struct model *model_new(const struct memory_map *map, uint64_t frame_limit)
{
    const struct map_totals totals = map_totals(map);
    /* One begins at frame 1, at reserved_below, at an entry's base or end, at a reserved range's end. */
    const size_t windows = map->count + map->reserved_count + 3;
    const size_t blocks = (size_t)totals.blocks;
    const size_t lists = windows * sizeof(struct window) + map->count * sizeof(struct region) +
                         (map->reserved_count + map->later_count) * sizeof(struct range);
    struct model *model = NULL;

    if (totals.managed <= frame_limit && totals.blocks < SIZE_MAX / (4 * BLOCK_FRAMES))
        model = calloc(1, sizeof(*model) + lists + blocks * (sizeof(struct block) + 3 * BLOCK_FRAMES));
    if (!model)
        return NULL;

    model->windows = copy_map(model, map, (struct region *)(model + 1));
    model->blocks = (struct block *)(model->windows + windows);
    model->managed = (bool *)(model->blocks + blocks);
    model->free = model->managed + blocks * BLOCK_FRAMES;
    model->later = model->free + blocks * BLOCK_FRAMES;
    model->totals = totals;
    for (uint64_t frame = 0, next; frame << FRAME_SHIFT < totals.end; frame = next) {
        next = map_next_change(map, frame);
        if (map_frame(map, frame) >= FRAME_FREE)
            add_managed(model, frame, next);
    }
    model_reset(model);
    return model;
}

void model_delete(struct model *model)
{
    free(model);
}
