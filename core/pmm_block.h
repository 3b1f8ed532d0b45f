/*
 * The state machine of a block (2 MiB, 512 frames): pure functions on its state word and on the words of its bitmap,
 * each committed by one compare-and-swap on the word it was computed from.
 *
 *      start-up ----> WHOLE <-------- free 2 MiB --------- LARGE <---- start-up
 *                     |  ^ `---------- take 2 MiB ---------> ^ |       (managed later: LARGE and TAKEN)
 *            break up |  | whole again                       | | free 4 KiB, if TAKEN: split
 *                     v  |                                   | v
 *      start-up ----> OPEN <--- reopen --- SEALING ----------' OPEN and TAKEN
 *      (ragged, or       `---- seal -------^  |   take 2 MiB (all 512 free and sealed)
 *       partly later) WHOLE <-- whole again --'
 *
 * OPEN     Frames are taken and freed one by one.
 * SEALING  As OPEN, but somebody is sealing the eight words, to make the block one. Whoever wants a frame in a sealed
 *          word reopens the block first: nobody waits, and nothing need be undone.
 * WHOLE    All 512 frames are free, all words sealed.
 * LARGE    Allocated as one, all words sealed.
 *
 * TAKEN, a bit beside these, marks a block that was allocated at the start (managed later) and not sealed since: in it a
 * sealed word stands for 63 allocated frames instead of free ones. LARGE and TAKEN: none of its frames has been given back
 * yet, so it may be given back as one; the first frame that comes back alone splits it, by one compare-and-swap of the
 * state, and its words lose their seals one by one.
 *
 * A word of the bitmap is either 63 free bits (set = free), or it is sealed: bit 63 and the number of a seal. The
 * state knows the number of the block's newest seal. A seal holds while the state has the same number and is not OPEN;
 * then the state speaks for the word. Otherwise it is broken, for ever, since each sealing has a number of its own, and
 * the word stands for 63 free frames. So one compare-and-swap of the state takes, frees or breaks up eight words at once
 * without writing to them; and one compare-and-swap of a word takes or frees a frame for good, because a sealed word
 * never compares equal to an open one: an allocation never finds out afterwards that its frame was somebody else's.
 *
 * The 64th frame of each word has no bit there: the eight of them are bits of the state, and full whenever it is not
 * OPEN.
 *
 * Ragged blocks (some of the 512 frames are not managed) are OPEN for ever and never sealed; unmanaged frames are never
 * set. Seals have 37 bits: half an hour of one sealing every 15 ns in a single block while one CPU stalls inside one call.
 */
#ifndef PMM_BLOCK_H
#define PMM_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PMM_FRAME_SHIFT = 12, /* log2 of the bytes of a frame */
    PMM_WORD_SHIFT = 18,  /* log2 of the bytes of the 64 frames of a bitmap word */
    PMM_BLOCK_SHIFT = 21, /* of a block */
    PMM_BLOCK_FRAMES = 512,
    PMM_BLOCK_WORDS = 8, /* bitmap words of a block: one cache line */
    PMM_WORD_FRAMES = 64,
    PMM_WORD_LAST = 63, /* the frame of a word whose bit is in the state */
};

/* ---- a word of the bitmap ---- */

#define PMM_WORD_SEALED (UINT64_C(1) << 63)
#define PMM_WORD_FREE   (PMM_WORD_SEALED - 1) /* 63 free frames */

static inline bool pmm_word_is_sealed(uint64_t word)
{
    return (word & PMM_WORD_SEALED) != 0;
}

/* Wholly free, as far as an OPEN block is concerned: a broken seal stands for that. */
static inline bool pmm_word_is_full(uint64_t word)
{
    return ((word + 1) | word) >> 63; /* PMM_WORD_FREE or more */
}

/* The word without its lowest free frame; it has one, or a broken seal. */
static inline uint64_t pmm_word_take(uint64_t word)
{
    return pmm_word_is_sealed(word) ? PMM_WORD_FREE - 1 : word & (word - 1);
}

/* ---- the state ---- */

enum pmm_block_kind { PMM_BLOCK_OPEN, PMM_BLOCK_SEALING, PMM_BLOCK_WHOLE, PMM_BLOCK_LARGE };

/* Bits: kind 0-1, zone 2-3, ragged 4, owner 5-17 (CPU + 1, 0: none), last frames of the words 18-25, taken 26, seal 27-63. */
#define PMM_STATE_KIND       UINT64_C(3)
#define PMM_STATE_ZONE       2
#define PMM_STATE_RAGGED     (UINT64_C(1) << 4)
#define PMM_STATE_OWNER      5
#define PMM_STATE_OWNER_MASK (UINT64_C(0x1fff) << PMM_STATE_OWNER)
#define PMM_STATE_LAST       18
#define PMM_STATE_LAST_MASK  (UINT64_C(0xff) << PMM_STATE_LAST)
#define PMM_STATE_TAKEN      (UINT64_C(1) << 26)
#define PMM_STATE_SEAL       27
#define PMM_SEALS            (UINT64_C(1) << 37)

enum { PMM_NO_OWNER = 0 };

static inline uint64_t pmm_state_make(enum pmm_block_kind kind, unsigned zone, bool ragged)
{
    return (uint64_t)kind | (uint64_t)zone << PMM_STATE_ZONE | (ragged ? PMM_STATE_RAGGED : PMM_STATE_LAST_MASK);
}

/* A block all of whose frames are managed later. */
static inline uint64_t pmm_state_make_taken(unsigned zone)
{
    return (uint64_t)PMM_BLOCK_LARGE | (uint64_t)zone << PMM_STATE_ZONE | PMM_STATE_TAKEN;
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

/* Frames can be taken one by one. */
static inline bool pmm_state_is_open(uint64_t state)
{
    return pmm_state_kind(state) == PMM_BLOCK_OPEN || pmm_state_kind(state) == PMM_BLOCK_SEALING;
}

static inline bool pmm_state_is_taken(uint64_t state)
{
    return (state & PMM_STATE_TAKEN) != 0;
}

/* The CPU that works in this block, plus 1. A hint that keeps others away while they have a choice. */
static inline unsigned pmm_state_owner(uint64_t state)
{
    return (unsigned)((state & PMM_STATE_OWNER_MASK) >> PMM_STATE_OWNER);
}

/* Bit i: frame 63 of word i is free, unless the block is LARGE. */
static inline unsigned pmm_state_last(uint64_t state)
{
    return (unsigned)((state & PMM_STATE_LAST_MASK) >> PMM_STATE_LAST);
}

static inline uint64_t pmm_state_last_bit(unsigned word)
{
    return UINT64_C(1) << (PMM_STATE_LAST + word);
}

static inline bool pmm_state_last_is_full(uint64_t state)
{
    return (state & PMM_STATE_LAST_MASK) == PMM_STATE_LAST_MASK;
}

/* What a word sealed by the newest seal of this state looks like. */
static inline uint64_t pmm_state_sealed_word(uint64_t state)
{
    return PMM_WORD_SEALED | state >> PMM_STATE_SEAL;
}

/* The state speaks for this sealed word. */
static inline bool pmm_seal_holds(uint64_t state, uint64_t word)
{
    return pmm_state_kind(state) != PMM_BLOCK_OPEN && word == pmm_state_sealed_word(state);
}

/* This sealed word stands for 63 allocated frames: it has been so since the start. */
static inline bool pmm_word_is_taken(uint64_t state, uint64_t word)
{
    return pmm_state_is_taken(state) && word == pmm_state_sealed_word(state);
}

static inline uint64_t pmm_state_with_kind(uint64_t state, enum pmm_block_kind kind)
{
    return (state & ~PMM_STATE_KIND) | (uint64_t)kind;
}

static inline uint64_t pmm_state_with_owner(uint64_t state, unsigned owner)
{
    return (state & ~PMM_STATE_OWNER_MASK) | (uint64_t)owner << PMM_STATE_OWNER;
}

static inline uint64_t pmm_state_seal(uint64_t open)
{
    return (pmm_state_with_kind(open, PMM_BLOCK_SEALING) & ~PMM_STATE_TAKEN) + (UINT64_C(1) << PMM_STATE_SEAL);
}

static inline uint64_t pmm_state_reopen(uint64_t sealing)
{
    return pmm_state_with_kind(sealing, PMM_BLOCK_OPEN);
}

static inline uint64_t pmm_state_break_up(uint64_t whole, unsigned owner)
{
    return pmm_state_with_owner(pmm_state_with_kind(whole, PMM_BLOCK_OPEN), owner);
}

/* SEALING with all words sealed, or LARGE and freed. */
static inline uint64_t pmm_state_make_whole(uint64_t state)
{
    const uint64_t others = state & ~(PMM_STATE_KIND | PMM_STATE_OWNER_MASK | PMM_STATE_TAKEN);

    return others | (uint64_t)PMM_BLOCK_WHOLE | PMM_STATE_LAST_MASK;
}

/* LARGE and TAKEN, of which frames now come back one by one. */
static inline uint64_t pmm_state_split(uint64_t taken)
{
    return pmm_state_with_kind(taken, PMM_BLOCK_OPEN);
}

/* SEALING with all words sealed, or WHOLE, now allocated as one. */
static inline uint64_t pmm_state_make_large(uint64_t state)
{
    return pmm_state_with_owner(pmm_state_with_kind(state, PMM_BLOCK_LARGE), PMM_NO_OWNER);
}

/* OPEN or SEALING, without the last frame of a word; nobody can seal what is no longer full. */
static inline uint64_t pmm_state_take_last(uint64_t state, unsigned word)
{
    return pmm_state_reopen(state) & ~pmm_state_last_bit(word);
}

#endif
