/*
 * Single frames of one block: taken, returned, and what follows for the block. Shared by allocating and freeing. The
 * transitions are pmm_block.h, the hints pmm_index.h.
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

/* Seals a word of a block that is SEALING as `state` says. False when a frame of it is taken, or the attempt is over. */
static inline bool pmm_seal_word(pmm_atomic *at, uint64_t state)
{
    const uint64_t sealed = pmm_state_sealed_word(state);
    uint64_t word = pmm_load(at);

    while (word != sealed) {
        /* An older seal is broken, and no word is taken once all were seen full; a newer one, counted around, is somebody's who began after this attempt was over. */
        const bool newer = pmm_word_is_sealed(word) && ((sealed - word) & (PMM_SEALS - 1)) >= PMM_SEALS / 2;

        if (!pmm_word_is_full(word) || newer)
            return false;
        if (pmm_compare_swap(at, &word, sealed))
            return true;
    }
    return true;
}

/*
 * OPEN (and full) -> SEALING -> WHOLE or LARGE; or joins in where somebody is sealing, so that nobody's standing still
 * keeps a block from others: the first to change the state at the end has it. False when a frame was found taken, or
 * the state became another than this attempt's.
 */
static inline bool pmm_seal_block(struct pmm *pmm, pmm_block block, uint64_t state, enum pmm_block_kind kind)
{
    pmm_atomic *at = pmm_state(pmm, block);
    uint64_t expected = state;

    if (pmm_state_kind(state) == PMM_BLOCK_OPEN) {
        if (!pmm_state_last_is_full(state) || !pmm_compare_swap(at, &expected, pmm_state_seal(state)))
            return false;
        state = expected = pmm_state_seal(state);
    }
    for (unsigned i = 0; i < PMM_BLOCK_WORDS; i++) {
        if (!pmm_seal_word(&pmm_words(pmm, block)[i], state)) {
            pmm_compare_swap(at, &expected, pmm_state_reopen(state));
            return false;
        }
    }
    return pmm_compare_swap(at, &expected,
                            kind == PMM_BLOCK_LARGE ? pmm_state_make_large(state) : pmm_state_make_whole(state));
}

/*
 * WHOLE -> OPEN, and announced as partly used instead of whole. Counts as a hint change from before the swap until both
 * hints are updated: a searcher may drop the new `partial` hint while the block still looks WHOLE (step 8 of README.md).
 */
static inline bool pmm_break_up(struct pmm_call *call, pmm_block block, uint64_t *state, unsigned owner)
{
    struct pmm *pmm = call->pmm;
    bool broken;

    pmm_change_begins(call->cpu);
    broken = pmm_compare_swap(pmm_state(pmm, block), state, pmm_state_break_up(*state, owner));
    if (broken) {
        pmm_hint_raise(pmm, &pmm->partial, 0, block.number);
        pmm_lower_whole(pmm, block);
    }
    pmm_change_settled(call->cpu);
    return broken;
}

/* All 512 frames were seen free: announce it, and make the block whole unless its owner goes on working in it. */
static inline void pmm_note_full(struct pmm *pmm, struct pmm_cpu *cpu, pmm_block block)
{
    uint64_t state;

    pmm_hint_set(pmm, cpu, &pmm->whole, block);
    state = pmm_load(pmm_state(pmm, block));
    if (pmm_state_kind(state) == PMM_BLOCK_OPEN && pmm_state_owner(state) == PMM_NO_OWNER &&
        pmm_seal_block(pmm, block, state, PMM_BLOCK_WHOLE))
        pmm_drop_partial(pmm, cpu, block);
}

/*
 * A frame was set free: announces the block where that is news, and counts. `full`: its word, or the last frames, are
 * all free now. A block somebody works in stays open, and is announced as whole all the same.
 */
static inline void pmm_frame_returned(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, pmm_block block, bool full)
{
    pmm_hint_set(pmm, cpu, &pmm->partial, block);
    if (full) {
        const uint64_t state = pmm_load(pmm_state(pmm, block));

        if (pmm_state_owner(state) == PMM_NO_OWNER || !pmm_hint(pmm, &pmm->whole, block))
            if (pmm_state_is_open(state) && pmm_block_is_full(pmm, block, state))
                pmm_note_full(pmm, cpu, block);
    }
    pmm_local_add(&cpu->zone[zone].returned, 1);
}

/* What a sealed word is to somebody who wants a frame of it. */
enum pmm_seal { PMM_SEAL_BROKEN, PMM_SEAL_OF_LARGE, PMM_SEAL_OF_TAKEN };

/* Makes sure that the seal of this word is broken, so that its frames can be taken, or says why they cannot. */
static inline enum pmm_seal pmm_break_seal(struct pmm_call *call, pmm_block block, uint64_t word)
{
    pmm_atomic *at = pmm_state(call->pmm, block);

    for (;;) {
        uint64_t state = pmm_load(at);

        if (pmm_word_is_taken(state, word))
            return PMM_SEAL_OF_TAKEN;
        if (!pmm_seal_holds(state, word))
            return PMM_SEAL_BROKEN;
        if (pmm_state_kind(state) == PMM_BLOCK_LARGE)
            return PMM_SEAL_OF_LARGE;
        if (pmm_state_kind(state) == PMM_BLOCK_WHOLE)
            pmm_break_up(call, block, &state, PMM_NO_OWNER);
        else
            pmm_compare_swap(at, &state, pmm_state_reopen(state));
    }
}

/* Takes one of the last frames of the words, if there is one and the block is not LARGE. */
static inline bool pmm_take_last(struct pmm_call *call, pmm_block block, unsigned *frame)
{
    pmm_atomic *at = pmm_state(call->pmm, block);
    uint64_t state = pmm_load(at);

    while (pmm_state_kind(state) != PMM_BLOCK_LARGE && pmm_state_last(state)) {
        const unsigned word = pmm_lowest_bit(pmm_state_last(state));

        if (pmm_state_kind(state) == PMM_BLOCK_WHOLE) {
            pmm_break_up(call, block, &state, PMM_NO_OWNER);
            state = pmm_load(at);
        } else if (pmm_compare_swap(at, &state, pmm_state_take_last(state, word))) {
            *frame = word * PMM_WORD_FRAMES + PMM_WORD_LAST;
            return true;
        }
    }
    return false;
}

/* Takes any frame of a block, from bitmap word *word on. False when it has none or is LARGE. */
static inline bool pmm_take_frame(struct pmm_call *call, pmm_block block, unsigned zone, uint32_t *word,
                                  unsigned *frame)
{
    pmm_atomic *words = pmm_words(call->pmm, block);

    for (uint32_t i = 0; i < PMM_BLOCK_WORDS; i++) {
        const uint32_t at = (*word + i) % PMM_BLOCK_WORDS;
        uint64_t value = pmm_load(&words[at]);

        while (value) {
            const uint64_t rest = pmm_word_take(value);
            const enum pmm_seal seal =
                pmm_word_is_sealed(value) ? pmm_break_seal(call, block, value) : PMM_SEAL_BROKEN;

            if (seal == PMM_SEAL_OF_LARGE)
                return false;
            if (seal == PMM_SEAL_OF_TAKEN)
                break;
            if (!pmm_compare_swap(&words[at], &value, rest))
                continue;
            *frame = at * PMM_WORD_FRAMES + (pmm_word_is_sealed(value) ? 0 : pmm_lowest_bit(value));
            *word = at;
            pmm_local_add(&call->cpu->zone[zone].taken, 1);
            return true;
        }
    }
    if (!pmm_take_last(call, block, frame))
        return false;
    pmm_local_add(&call->cpu->zone[zone].taken, 1);
    return true;
}

#endif
