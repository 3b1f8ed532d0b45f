/*
 * The state machine of a block (2 MiB, 512 frames): pure functions on its one state word, each committed by
 * one compare-and-swap on the word it was computed from. Leaves out the frames themselves: those are the
 * bitmap.
 *
 *      start-up ----> WHOLE <-------- free 2 MiB --------- LARGE
 *                     |  ^ `---------- take 2 MiB ---------> ^
 *            break up |  | whole again                       |
 *                     v  |                                   |
 *      start-up ----> OPEN <--- reopen --- CLOSING --- take 2 MiB (all 512 found free)
 *      (ragged)          `---- close ------^  |
 *                     WHOLE <-- whole again --'
 *
 * OPEN     The bitmap is the truth: a set bit is a free frame. Taking or freeing one is one compare-and-swap.
 * CLOSING  As OPEN, but somebody is looking whether all 512 bits are set. Whoever takes a frame reopens the block,
 *          so that the one who looks cannot succeed; he never waits and never undoes more than this one word.
 * WHOLE    All 512 frames are free. Bits are set and mean nothing: a frame is had by breaking the block up first.
 * LARGE    Allocated as one. Bits are set (or on their way back) and mean nothing.
 *
 * A call that took a bit and then finds the block LARGE puts the bit back and goes elsewhere; nothing else is
 * ever undone. Ragged blocks (some of the 512 frames are not managed) are OPEN for ever; unmanaged frames are
 * never set.
 *
 * Every transition counts the generation up, so that a stale word never compares equal: 43 bits, 24 hours of
 * one transition every 10 ns in a single block while one CPU stalls inside one call.
 */
#ifndef PMM_BLOCK_H
#define PMM_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PMM_FRAME_SHIFT = 12,
    PMM_BLOCK_SHIFT = 21, /* log2 of the bytes of a block */
    PMM_BLOCK_FRAMES = 512,
    PMM_BLOCK_WORDS = 8, /* bitmap words of a block: one cache line */
};

#define PMM_WORD_FULL UINT64_MAX /* 64 free frames */

enum pmm_block_kind { PMM_BLOCK_OPEN, PMM_BLOCK_CLOSING, PMM_BLOCK_WHOLE, PMM_BLOCK_LARGE };

/* Bits of the state word: kind 0-1, zone 2-3, ragged 4, owner 5-20 (CPU + 1, 0: none), generation 21-63. */
#define PMM_STATE_KIND       UINT64_C(3)
#define PMM_STATE_ZONE       2
#define PMM_STATE_RAGGED     (UINT64_C(1) << 4)
#define PMM_STATE_OWNER      5
#define PMM_STATE_OWNER_MASK (UINT64_C(0xffff) << PMM_STATE_OWNER)
#define PMM_STATE_GENERATION (UINT64_C(1) << 21)

enum { PMM_NO_OWNER = 0 };

static inline uint64_t pmm_state_make(enum pmm_block_kind kind, unsigned zone, bool ragged)
{
    return (uint64_t)kind | (uint64_t)zone << PMM_STATE_ZONE | (ragged ? PMM_STATE_RAGGED : 0);
}

static inline enum pmm_block_kind pmm_state_kind(uint64_t state)
{
    return (enum pmm_block_kind)(state & PMM_STATE_KIND);
}

static inline unsigned pmm_state_zone(uint64_t state)
{
    return (unsigned)(state >> PMM_STATE_ZONE) & 3;
}

static inline bool pmm_state_is_ragged(uint64_t state)
{
    return (state & PMM_STATE_RAGGED) != 0;
}

/* The bitmap counts: frames can be taken one by one. */
static inline bool pmm_state_is_open(uint64_t state)
{
    return pmm_state_kind(state) == PMM_BLOCK_OPEN || pmm_state_kind(state) == PMM_BLOCK_CLOSING;
}

/* The CPU that works in this block, plus 1. A hint that keeps others away while they have a choice. */
static inline unsigned pmm_state_owner(uint64_t state)
{
    return (unsigned)(state >> PMM_STATE_OWNER) & 0xffff;
}

static inline uint64_t pmm_state_next(uint64_t state, enum pmm_block_kind kind)
{
    return ((state & ~PMM_STATE_KIND) | (uint64_t)kind) + PMM_STATE_GENERATION;
}

static inline uint64_t pmm_state_with_owner(uint64_t state, unsigned owner)
{
    return (state & ~PMM_STATE_OWNER_MASK) | (uint64_t)owner << PMM_STATE_OWNER;
}

static inline uint64_t pmm_state_close(uint64_t open)
{
    return pmm_state_next(open, PMM_BLOCK_CLOSING);
}

static inline uint64_t pmm_state_reopen(uint64_t closing)
{
    return pmm_state_next(closing, PMM_BLOCK_OPEN);
}

static inline uint64_t pmm_state_break_up(uint64_t whole, unsigned owner)
{
    return pmm_state_with_owner(pmm_state_next(whole, PMM_BLOCK_OPEN), owner);
}

/* CLOSING, or LARGE and freed: all 512 frames are free. */
static inline uint64_t pmm_state_make_whole(uint64_t state)
{
    return pmm_state_with_owner(pmm_state_next(state, PMM_BLOCK_WHOLE), PMM_NO_OWNER);
}

/* CLOSING or WHOLE, now allocated as one. */
static inline uint64_t pmm_state_make_large(uint64_t state)
{
    return pmm_state_with_owner(pmm_state_next(state, PMM_BLOCK_LARGE), PMM_NO_OWNER);
}

/* OPEN with another owner. */
static inline uint64_t pmm_state_own(uint64_t open, unsigned owner)
{
    return pmm_state_with_owner(pmm_state_next(open, PMM_BLOCK_OPEN), owner);
}

#endif
