/*
 * Freeing, and every reason not to. Everything is checked before anything is written; the fast path costs one locked
 * instruction, a compare-and-swap of a bitmap word.
 */
#include "pmm_frames.h"

/* Why a frame that is not managed cannot be freed; PMM_OK when it is managed. */
static enum pmm_status unmanaged_status(const struct pmm *pmm, uint64_t address)
{
    switch (pmm_edge_kind_of(pmm, address >> PMM_FRAME_SHIFT)) {
    case PMM_EDGE_HOLE:
        return PMM_ERR_HOLE;
    case PMM_EDGE_RESERVED:
        return PMM_ERR_RESERVED;
    case PMM_EDGE_MANAGED:
        break;
    }
    return PMM_OK;
}

static enum pmm_status free_small(struct pmm_call *call, pmm_block block, uint64_t state, uint64_t address)
{
    const unsigned frame = (unsigned)(address >> PMM_FRAME_SHIFT) % PMM_BLOCK_FRAMES;

    if (pmm_state_is_ragged(state)) {
        const enum pmm_status status = unmanaged_status(call->pmm, address);
        if (status != PMM_OK)
            return status;
    }
    if (pmm_state_kind(state) == PMM_BLOCK_LARGE)
        return PMM_ERR_SIZE;
    return pmm_return_frame(call, block, pmm_state_zone(state), frame) ? PMM_OK : PMM_ERR_DOUBLE_FREE;
}

static enum pmm_status free_large(struct pmm_call *call, pmm_block block, uint64_t state)
{
    struct pmm *pmm = call->pmm;
    const unsigned zone = pmm_state_zone(state);
    bool freed;

    pmm_local_add(&call->cpu->returning[zone], PMM_BLOCK_FRAMES);
    freed = pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_make_whole(state));
    if (freed)
        pmm_hint_set(pmm, &pmm->whole, block);
    else
        pmm_local_add(&call->cpu->taken[zone], PMM_BLOCK_FRAMES); /* another CPU freed it first */
    pmm_local_add(&call->cpu->returned[zone], PMM_BLOCK_FRAMES);
    return freed ? PMM_OK : PMM_ERR_DOUBLE_FREE;
}

/*
 * Frees a block, or says why not, judged on its first frame. State and bitmap are two words: they are read until the
 * state was the same before and after, so that the answer was true at one instant.
 */
static enum pmm_status free_block(struct pmm_call *call, pmm_block block, uint64_t state, uint64_t address)
{
    struct pmm *pmm = call->pmm;

    while (pmm_state_kind(state) != PMM_BLOCK_LARGE) {
        const enum pmm_status status = pmm_state_is_ragged(state) ? unmanaged_status(pmm, address) : PMM_OK;
        const bool is_free = pmm_free_word(pmm, block, state, 0) & 1;
        const uint64_t again = pmm_load(pmm_state(pmm, block));

        if (status != PMM_OK)
            return status;
        if (again == state)
            return is_free ? PMM_ERR_DOUBLE_FREE : PMM_ERR_SIZE;
        state = again;
    }
    return free_large(call, block, state);
}

/* The checks that both ways of freeing share, up to the block and its state. */
static enum pmm_status find_for_free(struct pmm_call *call, uint64_t address, unsigned order, pmm_block *block,
                                     uint64_t *state)
{
    const unsigned cpu = PMM_THIS_CPU;
    enum pmm_status status;

    if (!call->pmm || cpu >= call->pmm->cpus)
        return PMM_ERR_ARGUMENT;
    call->cpu = pmm_cpu_of(call->pmm, cpu);
    call->owner = cpu + 1;
    if (address & ((UINT64_C(1) << (PMM_FRAME_SHIFT + order)) - 1))
        return PMM_ERR_MISALIGNED;
    if (address >= call->pmm->end)
        return PMM_ERR_RANGE;
    if (!pmm_find_block(call->pmm, address, block)) {
        status = unmanaged_status(call->pmm, address);
        return status == PMM_OK ? PMM_ERR_CORRUPT : status;
    }
    *state = pmm_load(pmm_state(call->pmm, *block));
    return PMM_OK;
}

enum pmm_status pmm_free(struct pmm *pmm, uint64_t address, unsigned order)
{
    struct pmm_call call = {pmm, 0, 0};
    pmm_block block;
    uint64_t state;
    enum pmm_status status;

    if (order != PMM_ORDER_SMALL && order != PMM_ORDER_LARGE)
        return PMM_ERR_ARGUMENT;
    status = find_for_free(&call, address, order, &block, &state);
    if (status != PMM_OK)
        return status;
    if (order == PMM_ORDER_SMALL)
        return free_small(&call, block, state, address);
    return free_block(&call, block, state, address);
}

enum pmm_status pmm_release(struct pmm *pmm, uint64_t address)
{
    struct pmm_call call = {pmm, 0, 0};
    pmm_block block;
    uint64_t state;
    const enum pmm_status status = find_for_free(&call, address, PMM_ORDER_SMALL, &block, &state);

    if (status != PMM_OK)
        return status;
    if (pmm_state_kind(state) == PMM_BLOCK_LARGE && address % (UINT64_C(1) << PMM_BLOCK_SHIFT) == 0)
        return free_large(&call, block, state);
    return free_small(&call, block, state, address);
}
