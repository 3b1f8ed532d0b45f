/*
 * What the faulty adapters here share: the naive adapter's frames, and what can be asked of them. None of it is a step
 * of the simulation, so it happens at once: only the steps that an adapter adds can go wrong.
 */
#ifndef FUZZ_CANARIES_SMP_FRAMES_H
#define FUZZ_CANARIES_SMP_FRAMES_H

#include "../../allocators/allocator.h"
#include "../../allocators/naive_fit.h"
#include "../../schedule/seam.h"

static bool ask_frame(void *self, uint64_t address, enum frame_state *state)
{
    *state = state_of(self, address);
    return true;
}

static bool ask_block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    const struct block *block = block_of(self, address);

    for (size_t i = 0; block && i < BLOCK_FRAMES; i++) {
        words[i / 64] &= ~(UINT64_C(1) << i % 64);
        words[i / 64] |= (uint64_t)block->free[i] << i % 64;
    }
    *large = block && block->large;
    return block != NULL;
}

static void ask_counts(void *self, struct counts zones[ZONE_COUNT])
{
    memcpy(zones, ((struct naive *)self)->zones, sizeof(((struct naive *)self)->zones));
}

#endif
