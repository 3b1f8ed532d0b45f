/*
 * What is legal in a state of the model: the one right answer to every free, and the verdict on what an
 * allocation answered. Changes nothing.
 */
#include "model_state.h"

#include <string.h>

static bool order_exists(unsigned order)
{
    return order == 0 || order == BLOCK_ORDER;
}

/* Why nothing can be freed at `address` as `order`; OK when the frame there is allocated, in whatever size.
 */
static enum answer free_obstacle(const struct model *model, uint64_t address, unsigned order)
{
    if (!order_exists(order))
        return ANSWER_ARGUMENT;
    if (address % (FRAME_BYTES << order) != 0)
        return ANSWER_MISALIGNED;
    if (address >= model->totals.end)
        return ANSWER_RANGE;
    switch (model_frame(model, address)) {
    case FRAME_HOLE:
        return ANSWER_HOLE;
    case FRAME_RESERVED:
        return ANSWER_RESERVED;
    case FRAME_FREE:
        return ANSWER_DOUBLE_FREE;
    default:
        return ANSWER_OK;
    }
}

enum answer model_free_answer(const struct model *model, uint64_t address, unsigned order)
{
    const enum answer obstacle = free_obstacle(model, address, order);
    const enum frame_state as_taken = order == BLOCK_ORDER ? FRAME_LARGE : FRAME_SMALL;

    if (obstacle != ANSWER_OK)
        return obstacle;
    if (order == BLOCK_ORDER && model_later(model, address, order))
        return ANSWER_OK;
    return model_frame(model, address) == as_taken ? ANSWER_OK : ANSWER_SIZE;
}

enum answer model_release_answer(const struct model *model, uint64_t address, unsigned *order)
{
    const enum answer obstacle = free_obstacle(model, address, 0);

    *order = obstacle == ANSWER_OK && model_frame(model, address) == FRAME_LARGE ? BLOCK_ORDER : 0;
    return *order == BLOCK_ORDER && address % BLOCK_BYTES != 0 ? ANSWER_SIZE : obstacle;
}

/* Looks at the bools themselves: a refusal is not excused by a count. */
static bool could_be_served(const struct model *model, unsigned order, enum zone limit)
{
    for (size_t i = 0; i < model->block_count && zone_of(model->blocks[i].base) <= limit; i++) {
        const bool *free = model->free + i * BLOCK_FRAMES;

        if (order == 0 ? memchr(free, true, BLOCK_FRAMES) != NULL : memchr(free, false, BLOCK_FRAMES) == NULL)
            return true;
    }
    return false;
}

static enum model_verdict judge_refusal(const struct model *model, unsigned order, enum zone limit,
                                        enum answer answer)
{
    if (could_be_served(model, order, limit))
        return MODEL_REFUSAL_UNJUSTIFIED;
    return answer == ANSWER_NO_MEMORY ? MODEL_LEGAL : MODEL_WRONG_REFUSAL;
}

static uint64_t satisfying(const struct model_counts *zone, unsigned order)
{
    return order == BLOCK_ORDER ? zone->whole : zone->free;
}

/* `block` had what was asked for; was there a better place? */
static enum model_verdict judge_placement(const struct model *model, const struct block *block, unsigned order,
                                          enum zone limit)
{
    const enum zone served = zone_of(block->base);

    for (unsigned zone = (unsigned)served + 1; zone <= (unsigned)limit; zone++) {
        if (satisfying(&model->zones[zone], order) > 0)
            return MODEL_ZONE_ORDER;
    }
    if (order == 0 && block->free == BLOCK_FRAMES && model->zones[served].partial > 0)
        return MODEL_BROKE_WHOLE;
    return MODEL_LEGAL;
}

enum model_verdict model_judge_alloc(const struct model *model, unsigned order, enum zone limit, enum answer answer,
                                     uint64_t address, bool strict)
{
    if (!order_exists(order) || (unsigned)limit >= ZONE_COUNT) {
        if (answer == ANSWER_OK)
            return MODEL_ACCEPTED_NONSENSE;
        return answer == ANSWER_ARGUMENT ? MODEL_LEGAL : MODEL_WRONG_REFUSAL;
    }
    if (answer != ANSWER_OK)
        return judge_refusal(model, order, limit, answer);
    if (address % (FRAME_BYTES << order) != 0)
        return MODEL_MISALIGNED;

    const size_t index = model_index(model, address);
    if (index == NOWHERE || !model->managed[index])
        return MODEL_UNMANAGED;

    const struct block *block = &model->blocks[index / BLOCK_FRAMES];
    if (order == BLOCK_ORDER && block->managed < BLOCK_FRAMES)
        return MODEL_UNMANAGED;
    if (order == BLOCK_ORDER ? block->free < BLOCK_FRAMES : !model->free[index])
        return MODEL_TAKEN;
    if (zone_of(address) > limit)
        return MODEL_ABOVE_LIMIT;
    return strict ? judge_placement(model, block, order, limit) : MODEL_LEGAL;
}
