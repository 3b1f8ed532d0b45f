/*
 * The model's state, shared by the files that build it (model_new.c), change it (model.c) and judge by it
 * (model_judge.c). Nobody else looks inside.
 */
#ifndef REFERENCE_MODEL_STATE_H
#define REFERENCE_MODEL_STATE_H

#include "model.h"

/* The bools are held for blocks with a managed frame only: block i has those of [i * 512, (i + 1) * 512). */
struct block {
    uint64_t base;
    uint32_t managed; /* of its frames */
    uint32_t free;
    bool large; /* allocated as one 2 MiB frame */
};

/* Blocks side by side: [base, end) in bytes, the lowest is blocks[first]. */
struct window {
    uint64_t base;
    uint64_t end;
    size_t first;
};

struct model {
    struct memory_map map; /* its own copy */
    struct map_totals totals;
    struct model_counts zones[ZONE_COUNT];
    struct window *windows;
    size_t window_count;
    struct block *blocks;
    size_t block_count;
    bool *managed;
    bool *free;
    bool *later; /* allocated from the start, and not freed since */
};

/* model_later.c: all later memory is allocated, as at the start. */
void model_take_later(struct model *model);

#define NOWHERE SIZE_MAX

/* Where the bools of the frame at `address` are; NOWHERE when its block has no managed frame. */
static inline size_t model_index(const struct model *model, uint64_t address)
{
    for (size_t i = 0; i < model->window_count; i++) {
        const struct window *window = &model->windows[i];

        if (address >= window->base && address < window->end)
            return window->first * BLOCK_FRAMES + (size_t)((address - window->base) >> FRAME_SHIFT);
    }
    return NOWHERE;
}

#endif
