/*
 * The model's state: for each frame a bool whether it is managed and one whether it is free, and the counts that
 * follow from them. Takes and gives what it is told to; what may be taken and given is judged in model_judge.c.
 */
#include "model_state.h"

#include <assert.h>
#include <string.h>

static void count_in(struct model_counts *zone, const struct block *block)
{
    zone->free += block->free;
    zone->whole += block->free == BLOCK_FRAMES;
    zone->partial += block->free > 0 && block->free < BLOCK_FRAMES;
}

static void count_out(struct model_counts *zone, const struct block *block)
{
    zone->free -= block->free;
    zone->whole -= block->free == BLOCK_FRAMES;
    zone->partial -= block->free > 0 && block->free < BLOCK_FRAMES;
}

void model_reset(struct model *model)
{
    for (int zone = 0; zone < ZONE_COUNT; zone++)
        model->zones[zone] = (struct model_counts){.managed = model->totals.zone_managed[zone]};
    memcpy(model->free, model->managed, model->block_count * BLOCK_FRAMES);
    for (size_t i = 0; i < model->block_count; i++) {
        model->blocks[i].free = model->blocks[i].managed;
        model->blocks[i].large = false;
    }
    if (model->totals.later > 0)
        model_take_later(model);
    for (size_t i = 0; i < model->block_count; i++)
        count_in(&model->zones[zone_of(model->blocks[i].base)], &model->blocks[i]);
}

/* Counts, blocks, and of each frame whether it is free and later. */
size_t model_state_bytes(const struct model *model)
{
    return sizeof(model->zones) + model->block_count * (sizeof(struct block) + 2 * BLOCK_FRAMES);
}

void model_state_save(const struct model *model, uint8_t *bytes)
{
    const size_t blocks = model->block_count * sizeof(struct block), frames = model->block_count * BLOCK_FRAMES;

    memcpy(bytes, model->zones, sizeof(model->zones));
    memcpy(bytes + sizeof(model->zones), model->blocks, blocks);
    memcpy(bytes + sizeof(model->zones) + blocks, model->free, 2 * frames);
}

void model_state_restore(struct model *model, const uint8_t *bytes)
{
    const size_t blocks = model->block_count * sizeof(struct block), frames = model->block_count * BLOCK_FRAMES;

    memcpy(model->zones, bytes, sizeof(model->zones));
    memcpy(model->blocks, bytes + sizeof(model->zones), blocks);
    memcpy(model->free, bytes + sizeof(model->zones) + blocks, 2 * frames);
}

/* Otherwise, after the start, the only place where frames and counts change, so that they change together. */
static void set_free(struct model *model, uint64_t address, unsigned order, bool free)
{
    const size_t index = model_index(model, address);
    const uint32_t frames = UINT32_C(1) << order;

    assert(index != NOWHERE && (order == 0 || order == BLOCK_ORDER) && model->free[index] != free);

    struct block *block = &model->blocks[index / BLOCK_FRAMES];
    struct model_counts *zone = &model->zones[zone_of(address)];

    count_out(zone, block);
    memset(model->free + index, free, frames);
    if (model->totals.later > 0)
        memset(model->later + index, false, frames);
    block->free = free ? block->free + frames : block->free - frames;
    block->large = order == BLOCK_ORDER && !free;
    count_in(zone, block);
}

void model_take(struct model *model, uint64_t address, unsigned order)
{
    set_free(model, address, order, false);
}

void model_give(struct model *model, uint64_t address, unsigned order)
{
    set_free(model, address, order, true);
}

enum frame_state model_frame(const struct model *model, uint64_t address)
{
    const size_t index = model_index(model, address);

    if (index == NOWHERE || !model->managed[index])
        return address < ADDRESS_LIMIT ? map_frame(&model->map, address >> FRAME_SHIFT) : FRAME_HOLE;
    if (model->free[index])
        return FRAME_FREE;
    return model->blocks[index / BLOCK_FRAMES].large ? FRAME_LARGE : FRAME_SMALL;
}

struct model_counts model_zone(const struct model *model, enum zone zone)
{
    return model->zones[zone];
}

struct model_counts model_total(const struct model *model)
{
    struct model_counts total = {0};

    for (int zone = 0; zone < ZONE_COUNT; zone++) {
        total.managed += model->zones[zone].managed;
        total.free += model->zones[zone].free;
        total.whole += model->zones[zone].whole;
        total.partial += model->zones[zone].partial;
    }
    return total;
}

const struct map_totals *model_totals(const struct model *model)
{
    return &model->totals;
}
