/*
 * Memory that is managed but allocated from the start: where it is, and what of it has not been freed yet. Such a block
 * can be freed as one while none of its frames has been.
 */
#include "model_state.h"

#include <string.h>

static const uint64_t frame_limit = ADDRESS_LIMIT >> FRAME_SHIFT;

bool map_next_later(const struct memory_map *map, uint64_t from, uint64_t *first, uint64_t *end)
{
    *first = from;
    while (*first < frame_limit && map_frame(map, *first) != FRAME_SMALL)
        *first = map_next_change(map, *first);
    *end = *first;
    while (*end < frame_limit && map_frame(map, *end) == FRAME_SMALL)
        *end = map_next_change(map, *end);
    return *first < *end;
}

bool map_later(const struct memory_map *map, unsigned order, uint64_t number, uint64_t *address)
{
    const uint64_t size = order == BLOCK_ORDER ? BLOCK_FRAMES : 1;

    if (order != 0 && order != BLOCK_ORDER)
        return false;
    for (uint64_t first, end = 0; map_next_later(map, end, &first, &end);) {
        const uint64_t low = (first + size - 1) / size, high = end / size;

        if (low < high && number < high - low) {
            *address = (low + number) * size << FRAME_SHIFT;
            return true;
        }
        number -= low < high ? high - low : 0;
    }
    return false;
}

void model_take_later(struct model *model)
{
    memset(model->later, false, model->block_count * BLOCK_FRAMES);
    for (uint64_t first, end = 0; map_next_later(&model->map, end, &first, &end);) {
        for (uint64_t frame = first; frame < end; frame++) {
            const size_t index = model_index(model, frame << FRAME_SHIFT);

            model->later[index] = true;
            model->free[index] = false;
            model->blocks[index / BLOCK_FRAMES].free--;
        }
    }
}

bool model_later(const struct model *model, uint64_t address, unsigned order)
{
    const size_t index = model_index(model, address);

    if (index == NOWHERE || model->totals.later == 0)
        return false;
    if (order == 0)
        return model->later[index];
    return address % BLOCK_BYTES == 0 && memchr(model->later + index, false, BLOCK_FRAMES) == NULL;
}
