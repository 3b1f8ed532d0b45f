/* What the judge needs of the model, block by block: at the start what is managed, after the set-up what is free. */
#include "history.h"

#include <string.h>

struct survey {
    struct ground *ground;
    bool fits;
};

static bool survey_block(void *context, uint64_t base)
{
    struct survey *survey = context;
    struct ground *ground = survey->ground;
    struct ground_block *block = &ground->blocks[ground->block_count];

    survey->fits = ground->block_count < GROUND_BLOCKS;
    if (!survey->fits)
        return false;
    *block = (struct ground_block){.base = base, .zone = zone_of(base)};
    model_managed(ground->model, base, block->managed);
    model_block(ground->model, base, block->state.free);
    block->state.later = model_later(ground->model, base, BLOCK_ORDER);
    block->full = words_full(block->managed);
    ground->block_count++;
    return true;
}

bool ground_survey(struct ground *ground, const struct model *model)
{
    struct survey survey = {ground, true};

    ground->model = model;
    ground->block_count = 0;
    model_each_block(model, survey_block, &survey);
    return survey.fits;
}

void ground_update(struct ground *ground)
{
    for (size_t i = 0; i < ground->block_count; i++) {
        struct block_state *state = &ground->blocks[i].state;

        state->large = model_block(ground->model, ground->blocks[i].base, state->free);
        state->later = model_later(ground->model, ground->blocks[i].base, BLOCK_ORDER);
        if (state->large) /* then its bits say what it will be when it is freed */
            memset(state->free, 0xFF, sizeof(state->free));
    }
}

size_t ground_find(const struct ground *ground, uint64_t address)
{
    const uint64_t base = address & ~(BLOCK_BYTES - 1);

    for (size_t i = 0; i < ground->block_count; i++)
        if (ground->blocks[i].base == base)
            return i;
    return GROUND_BLOCKS;
}
