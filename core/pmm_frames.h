/*
 * Single frames of one block: taken, returned, and what follows for the block. Shared by allocating and freeing, and
 * inline because both fast paths are these few lines. The transitions are pmm_block.h, the hints pmm_index.h.
 */
#ifndef PMM_FRAMES_H
#define PMM_FRAMES_H

#include "pmm_index.h"

/* One call: the instance, and the CPU that makes it. */
struct pmm_call {
    struct pmm *pmm;
    struct pmm_cpu *cpu;
    unsigned owner; /* CPU number + 1, as in the state word */
};

static inline uint64_t pmm_frame_address(uint64_t place, unsigned frame)
{
    return place << PMM_BLOCK_SHIFT | (uint64_t)frame << PMM_FRAME_SHIFT;
}

/* ---- blocks ---- */

/*
 * OPEN -> CLOSING -> WHOLE or LARGE if all 512 frames are free. False when they are not, when somebody took
 * one meanwhile (and reopened the block), or when the state is no longer the one given.
 */
static inline bool pmm_close_block(struct pmm *pmm, pmm_block block, uint64_t state, enum pmm_block_kind kind)
{
    pmm_atomic *at = pmm_state(pmm, block);
    const uint64_t closing = pmm_state_close(state);
    uint64_t expected = state;

    if (!pmm_compare_swap(at, &expected, closing))
        return false;
    expected = closing;
    if (!pmm_words_are_full(pmm_words(pmm, block))) {
        pmm_compare_swap(at, &expected, pmm_state_reopen(closing));
        return false;
    }
    return pmm_compare_swap(at, &expected,
                            kind == PMM_BLOCK_LARGE ? pmm_state_make_large(closing) : pmm_state_make_whole(closing));
}

/*
 * WHOLE -> OPEN, and announced as partly used. Counted as a change of hints all along, because a search that meets the
 * announcement of a block it still finds whole drops it again: whoever is about to refuse must not trust hints now.
 */
static inline bool pmm_break_up(struct pmm *pmm, pmm_block block, uint64_t *state, unsigned owner)
{
    bool broken;

    pmm_fetch_add(&pmm->hint_changes, PMM_HINT_CHANGE);
    broken = pmm_compare_swap(pmm_state(pmm, block), state, pmm_state_break_up(*state, owner));
    if (broken)
        pmm_hint_raise(pmm, &pmm->partial, 0, block.number);
    pmm_fetch_add(&pmm->hint_changes, PMM_HINT_SETTLED);
    return broken;
}

/* All 512 frames were seen free: announce it, and make the block whole unless its owner goes on working in it. */
static inline void pmm_note_full(struct pmm *pmm, pmm_block block)
{
    uint64_t state;

    pmm_hint_set(pmm, &pmm->whole, block);
    state = pmm_load(pmm_state(pmm, block));
    if (pmm_state_kind(state) == PMM_BLOCK_OPEN && pmm_state_owner(state) == PMM_NO_OWNER &&
        pmm_close_block(pmm, block, state, PMM_BLOCK_WHOLE))
        pmm_drop_partial(pmm, block);
}

/* ---- single frames ---- */

/*
 * Sets a frame free, and whatever follows from it: the one way back, for frees and for what an allocation
 * took in vain. False when the frame was free already; then nothing has changed but this CPU's own counters,
 * and no count.
 */
static inline bool pmm_return_frame(struct pmm_call *call, pmm_block block, unsigned zone, unsigned frame)
{
    struct pmm *pmm = call->pmm;
    pmm_atomic *words = pmm_words(pmm, block);
    const uint64_t bit = UINT64_C(1) << (frame % 64);
    uint64_t value = pmm_load(&words[frame / 64]);

    if (value & bit)
        return false; /* seen before anything is written, not even a counter */
    pmm_local_add(&call->cpu->returning[zone], 1);
    while (!pmm_compare_swap(&words[frame / 64], &value, value | bit)) {
        if (value & bit) {
            pmm_local_add(&call->cpu->taken[zone], 1); /* never taken back: both sums only grow */
            pmm_local_add(&call->cpu->returned[zone], 1);
            return false;
        }
    }
    pmm_hint_set(pmm, &pmm->partial, block);
    if ((value | bit) == PMM_WORD_FULL && pmm_words_are_full(words))
        pmm_note_full(pmm, block);
    pmm_local_add(&call->cpu->returned[zone], 1);
    return true;
}

/* A bit was taken; true when that makes the frame ours, false when the block is LARGE and the bit means nothing. */
static inline bool pmm_settle(struct pmm *pmm, pmm_block block)
{
    pmm_atomic *at = pmm_state(pmm, block);
    uint64_t state = pmm_load(at);

    for (;;) {
        switch (pmm_state_kind(state)) {
        case PMM_BLOCK_OPEN:
            return true;
        case PMM_BLOCK_CLOSING:
            if (pmm_compare_swap(at, &state, pmm_state_reopen(state)))
                return true;
            break;
        case PMM_BLOCK_WHOLE:
            if (pmm_break_up(pmm, block, &state, PMM_NO_OWNER))
                return true;
            break;
        case PMM_BLOCK_LARGE:
            return false;
        }
    }
}

/* Takes any frame of a block, from bitmap word *word on. False when it has none or is no longer open. */
static inline bool pmm_take_frame(struct pmm_call *call, pmm_block block, unsigned zone, uint32_t *word,
                                  unsigned *frame)
{
    pmm_atomic *words = pmm_words(call->pmm, block);

    for (uint32_t i = 0; i < PMM_BLOCK_WORDS; i++) {
        const uint32_t at = (*word + i) % PMM_BLOCK_WORDS;
        uint64_t value = pmm_load(&words[at]);

        while (value) {
            const uint64_t rest = value & (value - 1); /* all but the lowest bit */

            if (!pmm_compare_swap(&words[at], &value, rest))
                continue;
            pmm_local_add(&call->cpu->taken[zone], 1);
            *frame = at * 64 + pmm_lowest_bit(value);
            *word = at;
            if (pmm_settle(call->pmm, block))
                return true;
            pmm_return_frame(call, block, zone, *frame);
            return false;
        }
    }
    return false;
}

#endif
