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

/* ---- 4 KiB ---- */

/*
 * Why a frame of a sealed word cannot be freed. PMM_OK: it is managed later and was not given back yet; its block is
 * OPEN now, so that the word may lose its seal.
 */
static PMM_NOINLINE enum pmm_status sealed_status(struct pmm *pmm, pmm_block block, uint64_t word)
{
    pmm_atomic *at = pmm_state(pmm, block);
    uint64_t state = pmm_load(at);

    while (pmm_word_is_taken(state, word)) {
        if (pmm_state_is_open(state) || pmm_compare_swap(at, &state, pmm_state_split(state)))
            return PMM_OK;
    }
    /* If the seal does not hold it has been broken since: free then. */
    return pmm_state_kind(state) == PMM_BLOCK_LARGE && pmm_seal_holds(state, word) ? PMM_ERR_SIZE
                                                                                   : PMM_ERR_DOUBLE_FREE;
}

/* Sets the bit of one of the 63 frames of a word free; *full: it was the last that was missing. */
static enum pmm_status return_bit(struct pmm *pmm, pmm_block block, unsigned frame, bool *full)
{
    pmm_atomic *at = &pmm_words(pmm, block)[frame / PMM_WORD_FRAMES];
    const uint64_t bit = UINT64_C(1) << (frame % PMM_WORD_FRAMES);
    uint64_t value = pmm_load(at), more;

    do {
        more = value | bit;
        if (pmm_word_is_sealed(value)) {
            const enum pmm_status status = sealed_status(pmm, block, value);

            if (status != PMM_OK)
                return status;
            more = bit;
        } else if (more == value) {
            return PMM_ERR_DOUBLE_FREE;
        }
    } while (!pmm_compare_swap(at, &value, more));
    *full = more == PMM_WORD_FREE;
    return PMM_OK;
}

/* The same for the last frame of a word, whose bit is in the state. */
static enum pmm_status return_last(struct pmm *pmm, pmm_block block, unsigned word, bool *full)
{
    pmm_atomic *at = pmm_state(pmm, block);
    const uint64_t bit = pmm_state_last_bit(word);
    uint64_t state = pmm_load(at), more;

    do {
        more = state | bit;
        if (pmm_state_kind(state) == PMM_BLOCK_LARGE) {
            if (!pmm_state_is_taken(state))
                return PMM_ERR_SIZE;
            more = pmm_state_split(more);
        }
        if (state & bit)
            return PMM_ERR_DOUBLE_FREE;
    } while (!pmm_compare_swap(at, &state, more));
    *full = pmm_state_last_is_full(more);
    return PMM_OK;
}

static enum pmm_status free_small(struct pmm_call *call, pmm_block block, uint64_t state, uint64_t address)
{
    const unsigned frame = (unsigned)(address >> PMM_FRAME_SHIFT) % PMM_BLOCK_FRAMES;
    enum pmm_status status = PMM_OK;
    bool full = false;

    if (pmm_state_is_ragged(state))
        status = unmanaged_status(call->pmm, address);
    if (status == PMM_OK)
        status = frame % PMM_WORD_FRAMES == PMM_WORD_LAST
                     ? return_last(call->pmm, block, frame / PMM_WORD_FRAMES, &full)
                     : return_bit(call->pmm, block, frame, &full);
    if (status == PMM_OK)
        pmm_frame_returned(call->pmm, call->cpu, pmm_state_zone(state), block, full);
    return status;
}

/* ---- 2 MiB ---- */

/* *state was LARGE. False when it is so no more: then *state is what it is now. */
static inline bool free_large(struct pmm_call *call, pmm_block block, uint64_t *state)
{
    struct pmm *pmm = call->pmm;

    if (!pmm_compare_swap(pmm_state(pmm, block), state, pmm_state_make_whole(*state)))
        return false;
    pmm_hint_set(pmm, call->cpu, &pmm->whole, block);
    pmm_local_add(&call->cpu->zone[pmm_state_zone(*state)].returned, PMM_BLOCK_FRAMES);
    return true;
}

/* Frees a block, or says why not, judged on its first frame at one instant. */
static enum pmm_status free_block(struct pmm_call *call, pmm_block block, uint64_t state, uint64_t address)
{
    for (;;) {
        enum pmm_status status = PMM_OK;
        uint64_t word;

        if (pmm_state_kind(state) == PMM_BLOCK_LARGE) {
            const bool taken = pmm_state_is_taken(state);

            if (free_large(call, block, &state))
                return PMM_OK;
            if (!taken) /* another CPU freed it first: such a LARGE block becomes nothing but WHOLE */
                return PMM_ERR_DOUBLE_FREE;
        }
        if (pmm_state_is_ragged(state))
            status = unmanaged_status(call->pmm, address);
        if (status != PMM_OK)
            return status;
        word = pmm_load(pmm_words(call->pmm, block));
        if (!pmm_word_is_sealed(word))
            return word & 1 ? PMM_ERR_DOUBLE_FREE : PMM_ERR_SIZE;
        state = pmm_load(pmm_state(call->pmm, block));
        if (pmm_state_is_open(state) && pmm_word_is_taken(state, word))
            return PMM_ERR_SIZE;
        if (pmm_state_kind(state) != PMM_BLOCK_LARGE || !pmm_seal_holds(state, word))
            return PMM_ERR_DOUBLE_FREE;
    }
}

/* ---- the calls ---- */

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

/* Everything but the fast paths, in frames of its own, so that those save no registers. */
static PMM_NOINLINE enum pmm_status give_back(struct pmm *pmm, uint64_t address, unsigned order)
{
    struct pmm_call call = {pmm, 0, 0};
    pmm_block block;
    uint64_t state;
    const enum pmm_status status = find_for_free(&call, address, order, &block, &state);

    if (status != PMM_OK)
        return status;
    if (order == PMM_ORDER_SMALL)
        return free_small(&call, block, state, address);
    return free_block(&call, block, state, address);
}

static PMM_NOINLINE void announce(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, pmm_block block, bool full)
{
    pmm_frame_returned(pmm, cpu, zone, block, full);
}

/* A frame of the longest run of a zone, no last one; false when anything is unusual. */
static inline bool return_frame_to_main(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, uint64_t address)
{
    const struct pmm_main *const main = &pmm->main[zone];
    uint64_t word, value, more;
    const pmm_atomic *hints;
    pmm_block block;
    pmm_atomic *at;

    if (!pmm_find_main_word(main, address, &word))
        return false;
    at = pmm_main_word(pmm, main, word);
    block = pmm_main_block(main, word);
    hints = pmm_hint_word(pmm, &pmm->partial, block);
    pmm_have_ready(hints);
    pmm_have_ready(cpu);
    pmm_about_to_write(at);
    value = pmm_load(at);
    more = value | UINT64_C(1) << (address >> PMM_FRAME_SHIFT) % PMM_WORD_FRAMES;
    if (more == value || more >> PMM_WORD_LAST) /* free already; sealed, or a last frame */
        return false;
    if (!pmm_compare_swap(at, &value, more))
        return false;
    if (pmm_word_is_full(more) || !pmm_hint_in(hints, block))
        announce(pmm, cpu, zone, block, pmm_word_is_full(more));
    else
        pmm_local_add(&cpu->zone[zone].returned, 1);
    return true;
}

/* A LARGE block of the longest run of a zone. */
static inline bool return_block_to_main(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, uint64_t address)
{
    const struct pmm_main *const main = &pmm->main[zone];
    struct pmm_call call = {pmm, cpu, PMM_NO_OWNER};
    uint64_t word, state;

    if (!pmm_find_main_word(main, address, &word))
        return false;
    pmm_about_to_write(pmm_main_state(pmm, main, word));
    state = pmm_load(pmm_main_state(pmm, main, word));
    return pmm_state_kind(state) == PMM_BLOCK_LARGE && free_large(&call, pmm_main_block(main, word), &state);
}

static PMM_NOINLINE enum pmm_status give_block_back(struct pmm *pmm, uint64_t address)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (pmm && cpu < pmm->cpus && address % (UINT64_C(1) << PMM_BLOCK_SHIFT) == 0 &&
        return_block_to_main(pmm, pmm_cpu_of(pmm, cpu), PMM_ZONE_NORMAL, address))
        return PMM_OK;
    return give_back(pmm, address, PMM_ORDER_LARGE);
}

/* As the fast path, below 4 GiB. */
static PMM_NOINLINE enum pmm_status give_frame_back(struct pmm *pmm, uint64_t address)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (pmm && cpu < pmm->cpus && address % (UINT64_C(1) << PMM_FRAME_SHIFT) == 0 &&
        return_frame_to_main(pmm, pmm_cpu_of(pmm, cpu), PMM_ZONE_DMA32, address))
        return PMM_OK;
    return give_back(pmm, address, PMM_ORDER_SMALL);
}

enum pmm_status pmm_free(struct pmm *pmm, uint64_t address, unsigned order)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (order != PMM_ORDER_SMALL)
        return order == PMM_ORDER_LARGE ? give_block_back(pmm, address) : PMM_ERR_ARGUMENT;
    if (pmm && cpu < pmm->cpus && address % (UINT64_C(1) << PMM_FRAME_SHIFT) == 0 &&
        return_frame_to_main(pmm, pmm_cpu_of(pmm, cpu), PMM_ZONE_NORMAL, address))
        return PMM_OK;
    return give_frame_back(pmm, address);
}

static PMM_NOINLINE enum pmm_status release(struct pmm *pmm, uint64_t address)
{
    const bool may_be_large = address % (UINT64_C(1) << PMM_BLOCK_SHIFT) == 0;
    struct pmm_call call = {pmm, 0, 0};
    pmm_block block;
    uint64_t state;
    enum pmm_status status = find_for_free(&call, address, PMM_ORDER_SMALL, &block, &state);

    if (status != PMM_OK)
        return status;
    while (!may_be_large || pmm_state_kind(state) != PMM_BLOCK_LARGE || pmm_state_is_taken(state)) {
        status = free_small(&call, block, state, address);
        if (status != PMM_ERR_SIZE || !may_be_large)
            return status;
        state = pmm_load(pmm_state(pmm, block)); /* it became LARGE meanwhile */
    }
    return free_large(&call, block, &state) ? PMM_OK : PMM_ERR_DOUBLE_FREE; /* as in free_block */
}

/* What is in a word that is not sealed is not LARGE, wherever it lies. */
enum pmm_status pmm_release(struct pmm *pmm, uint64_t address)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (pmm && cpu < pmm->cpus && address % (UINT64_C(1) << PMM_FRAME_SHIFT) == 0 &&
        return_frame_to_main(pmm, pmm_cpu_of(pmm, cpu), PMM_ZONE_NORMAL, address))
        return PMM_OK;
    return release(pmm, address);
}
