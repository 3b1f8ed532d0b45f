/*
 * What happened in a concurrent run: every call with its interval and its answer, and what there was before. All that
 * the judge knows; no allocator.
 */
#ifndef FUZZ_HISTORY_H
#define FUZZ_HISTORY_H

#include "../../reference/model.h"
#include "../allocators/allocator.h"
#include "../program/program.h"

enum {
    HISTORY_CALLS = 64, /* a set of calls fits a word; further operations of a run do nothing */
    GROUND_BLOCKS = 4,  /* most blocks of a concurrent program's map */
    BLOCK_WORDS = BLOCK_FRAMES / 64,
};

enum call_kind { CALL_ALLOC, CALL_FREE, CALL_RELEASE, CALL_QUERY, CALL_STATS };

/*
 * Time: the step with number n is at 2n + 1. A call lasts from its first step to its last; one that made no step is
 * between two steps, at an even time. So a call precedes another exactly if it has responded before the other is
 * invoked.
 */
struct call {
    enum call_kind kind;
    uint8_t cpu, depth; /* depth of interrupts */
    uint8_t list;       /* of the program, LIST_... */
    uint8_t position;   /* in its list */
    bool done;
    bool misuse;    /* a free of what the slot does not hold (any more) */
    bool met_split; /* a free of a block as one, beside a call that frees one of its frames alone */
    bool invisible; /* the last owner's writes need not be visible to the new one */
    unsigned order; /* of an allocation or a free; a release finds it out */
    enum zone limit;
    enum answer answer;
    uint64_t address;       /* asked about, or got */
    enum frame_state state; /* of a query */
    uint64_t begun;         /* when it was called, before its first step */
    uint64_t invoked, responded;
    struct counts zones[ZONE_COUNT]; /* of stats */
};

struct history {
    size_t count, responded;
    uint8_t order[HISTORY_CALLS]; /* in which they responded */
    struct call calls[HISTORY_CALLS];
};

/* A block: which of its frames are free unless it is allocated as one. */
struct block_state {
    uint64_t free[BLOCK_WORDS];
    bool large;
    bool later; /* every frame is allocated from the start, and none was freed: it can be freed as one */
};

struct ground_block {
    uint64_t base;
    enum zone zone;
    bool full; /* all its frames are managed */
    uint64_t managed[BLOCK_WORDS];
    struct block_state state;
};

/* What the concurrent part of a program begins with. */
struct ground {
    const struct model *model; /* after the set-up; asked for what never changes */
    size_t block_count;
    struct ground_block blocks[GROUND_BLOCKS];
};

/* ground.c: of a model as it is at the start; false when there are too many blocks. */
bool ground_survey(struct ground *ground, const struct model *model);
/* The model has changed. */
void ground_update(struct ground *ground);
/* The block that holds `address`, or GROUND_BLOCKS. */
size_t ground_find(const struct ground *ground, uint64_t address);

static inline unsigned frame_of(uint64_t address)
{
    return (unsigned)(address >> FRAME_SHIFT) % BLOCK_FRAMES;
}

static inline bool frame_bit(const uint64_t words[BLOCK_WORDS], unsigned frame)
{
    return words[frame / 64] >> (frame % 64) & 1;
}

static inline bool words_full(const uint64_t words[BLOCK_WORDS])
{
    uint64_t all = UINT64_MAX;

    for (unsigned i = 0; i < BLOCK_WORDS; i++)
        all &= words[i];
    return all == UINT64_MAX;
}

/* In bytes side by side, all words at once: a library's function for each word is slow where no instruction is. */
static inline unsigned count_bits(const uint64_t words[BLOCK_WORDS])
{
    const uint64_t twos = UINT64_C(0x5555555555555555), fours = UINT64_C(0x3333333333333333),
                   bytes = UINT64_C(0x0f0f0f0f0f0f0f0f);
    uint64_t sums = 0; /* at most 8 * 8 in each byte */

    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        const uint64_t pairs = words[i] - (words[i] >> 1 & twos);
        const uint64_t nibbles = (pairs & fours) + (pairs >> 2 & fours);

        sums += (nibbles + (nibbles >> 4)) & bytes;
    }
    /* 512 is more than a byte holds */
    sums = (sums & UINT64_C(0x00ff00ff00ff00ff)) + (sums >> 8 & UINT64_C(0x00ff00ff00ff00ff));
    return (unsigned)((sums * UINT64_C(0x0001000100010001)) >> 48);
}

#endif
