/*
 * The model block by block: which frames of one are free or managed, as bits, and a walk over all of them.
 */
#include "model_state.h"

#include <string.h>

/* Bit i of the words is bool i. */
static void gather(const bool *bools, uint64_t words[8])
{
    uint64_t eight[BLOCK_FRAMES / 8]; /* bools in each, the first one lowest (little-endian) */

    memcpy(eight, bools, sizeof(eight));
    for (unsigned i = 0; i < BLOCK_FRAMES / 8; i++) /* the product gathers eight low bits in its top byte */
        words[i / 8] |= (eight[i] * UINT64_C(0x0102040810204080)) >> 56 << i % 8 * 8;
}

bool model_block(const struct model *model, uint64_t address, uint64_t words[8])
{
    const size_t index = model_index(model, address & ~(BLOCK_BYTES - 1));

    memset(words, 0, 8 * sizeof(words[0]));
    if (index == NOWHERE)
        return false;
    gather(model->free + index, words);
    return model->blocks[index / BLOCK_FRAMES].large;
}

void model_managed(const struct model *model, uint64_t address, uint64_t words[8])
{
    const size_t index = model_index(model, address & ~(BLOCK_BYTES - 1));

    memset(words, 0, 8 * sizeof(words[0]));
    if (index != NOWHERE)
        gather(model->managed + index, words);
}

bool model_each_block(const struct model *model, bool (*visit)(void *context, uint64_t base), void *context)
{
    for (size_t i = 0; i < model->block_count; i++) {
        if (!visit(context, model->blocks[i].base))
            return false;
    }
    return true;
}
