/*
 * The metadata: one piece of memory, offsets instead of pointers, so that it may lie anywhere and move with a
 * kexec.
 *
 *   struct pmm         what never changes after start-up, and at its end the one word that counts changes of hints
 *   struct pmm_cpu[]   128 bytes a CPU: where it works, and its own counters
 *   bitmap             64 bytes a block, states 8 bytes a block: pmm_block.h
 *   indexes            two trees of bits over the blocks, pmm_index.h: partial, whole
 *   segments           8 bytes a run of consecutive blocks: holes between runs cost nothing
 *   edges              8 bytes each: where frames turn managed, reserved or into a hole; at most 4 an entry
 *   directory          257 numbers: which segments to look at for an address
 *
 * Segments, edges and directory never change after start-up, and lie together at the end.
 *
 * Blocks that have a managed frame are numbered densely by address; `pmm_block` is such a number, never an
 * address.
 */
#ifndef PMM_LAYOUT_H
#define PMM_LAYOUT_H

#include "pmm.h"
#include "pmm_atomic.h"
#include "pmm_block.h"

enum {
    PMM_INDEX_LEVELS = 6, /* 2^31 blocks: 2^25, 2^19, 2^13, 2^7, 2 words, and one */
    PMM_DIRECTORY_BUCKETS = 256,
    PMM_MOST_CPUS = 4096,
    PMM_ALIGNMENT = 64,
};

#define PMM_MAGIC         UINT64_C(0x316d6d7066726d65)
#define PMM_ADDRESS_LIMIT (UINT64_C(1) << 52)
#define PMM_NO_BLOCK      UINT32_MAX

typedef struct {
    uint32_t number;
} pmm_block;

struct pmm_index {
    uint64_t at[PMM_INDEX_LEVELS]; /* offsets of the levels, 0 is the bits of the blocks */
    uint32_t levels;
};

/* What a CPU has to do with a zone. Written by it alone (and the interrupts on it); others read the counts. */
struct pmm_work {
    pmm_atomic own;      /* where it works: (number of its block + 1) * 8 + the word to look at first; 0: nowhere */
    pmm_atomic taken;    /* frames taken, ever */
    pmm_atomic returned; /* frames returned, ever: counted after everything else */
    uint64_t searched;   /* hints_raised when no partly used block but its own was found */
};

struct pmm_cpu {
    struct pmm_work zone[PMM_ZONES];
    uint32_t large[PMM_ZONES]; /* hint: the block it took whole last */
    uint32_t unused[3];
    pmm_atomic hint_changes; /* it is making now: bits 0-15; has ever begun: the rest */
};
_Static_assert(sizeof(struct pmm_cpu) == 128, "two cache lines, so that neighbours do not share a prefetch");

/*
 * The longest run of blocks of a zone, none of them ragged, where most of its addresses are: found by a subtraction,
 * without a table.
 */
struct pmm_main {
    uint64_t first;                /* address / 256 KiB of its first word */
    uint64_t words;                /* how many */
    uint64_t bitmap_at, states_at; /* offsets of its first block's */
    uint64_t own;                  /* its first word, as a CPU's `own` has it */
    uint64_t unused[3];            /* a power of two is found faster */
};

struct pmm {
    uint64_t magic;
    uint64_t checksum; /* of the rest of the head that never changes: pmm_attach.c */
    uint64_t tables_checksum;
    uint32_t version;
    uint32_t cpus;
    uint64_t bytes; /* of all metadata */
    uint64_t end;   /* of the highest managed frame, bytes */
    uint64_t managed[PMM_ZONES];
    uint32_t zone_first[PMM_ZONES + 1]; /* blocks of zone z: [zone_first[z], zone_first[z + 1]) */
    uint32_t blocks;
    uint32_t segments;
    uint32_t edges;
    uint32_t directory_shift; /* bucket = address / 2 MiB >> shift */
    struct pmm_main main[PMM_ZONES];
    uint64_t bitmap_at, states_at, segments_at, directory_at, edges_at; /* offsets from here */
    struct pmm_index partial;                                           /* open blocks that may have a free frame */
    struct pmm_index whole;                                             /* blocks that may be wholly free */
    _Alignas(64) pmm_atomic hints_raised; /* how often a free frame or block was news to a hint, plus 1 */
};

/* Edges: frame number << 2 | what the frames from there on are. */
enum pmm_edge_kind { PMM_EDGE_HOLE, PMM_EDGE_RESERVED, PMM_EDGE_MANAGED };

static inline void *pmm_at(const struct pmm *pmm, uint64_t offset)
{
    return (char *)(uintptr_t)pmm + (size_t)offset;
}

static inline struct pmm_cpu *pmm_cpu_of(const struct pmm *pmm, unsigned cpu)
{
    return (struct pmm_cpu *)pmm_at(pmm, sizeof *pmm) + cpu;
}

static inline pmm_atomic *pmm_words(const struct pmm *pmm, pmm_block block)
{
    return (pmm_atomic *)pmm_at(pmm, pmm->bitmap_at) + (size_t)block.number * PMM_BLOCK_WORDS;
}

static inline pmm_atomic *pmm_state(const struct pmm *pmm, pmm_block block)
{
    return (pmm_atomic *)pmm_at(pmm, pmm->states_at) + block.number;
}

/* A place to work at: a block and one of its words; never 0. */
static inline uint64_t pmm_own_word(pmm_block block, uint32_t word)
{
    return ((uint64_t)block.number + 1) * PMM_BLOCK_WORDS + word;
}

static inline pmm_block pmm_own_block(uint64_t own)
{
    return (pmm_block){(uint32_t)(own / PMM_BLOCK_WORDS) - 1};
}

/* Segments: address / 2 MiB << 32 | number of its first block. */
static inline const uint64_t *pmm_segments(const struct pmm *pmm)
{
    return (const uint64_t *)pmm_at(pmm, pmm->segments_at);
}

/* The segment that holds the block at `place` (an address / 2 MiB) if any does. */
static inline uint32_t pmm_find_segment(const struct pmm *pmm, uint64_t place)
{
    const uint64_t *segments = pmm_segments(pmm);
    const uint32_t *directory = (const uint32_t *)pmm_at(pmm, pmm->directory_at);
    const uint64_t bucket = place >> pmm->directory_shift;
    uint32_t low, high;

    if (bucket >= PMM_DIRECTORY_BUCKETS)
        return pmm->segments ? pmm->segments - 1 : 0;
    low = directory[bucket];
    high = directory[bucket + 1];
    while (low < high) {
        const uint32_t middle = low + (high - low + 1) / 2;
        if (segments[middle] >> 32 <= place)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* In the longest run of its zone? *word is counted from the first of that. */
static inline bool pmm_find_main_word(const struct pmm_main *main, uint64_t address, uint64_t *word)
{
    *word = (address >> PMM_WORD_SHIFT) - main->first;
    return *word < main->words;
}

static inline pmm_block pmm_main_block(const struct pmm_main *main, uint64_t word)
{
    return pmm_own_block(main->own + word);
}

static inline pmm_atomic *pmm_main_state(const struct pmm *pmm, const struct pmm_main *main, uint64_t word)
{
    return (pmm_atomic *)pmm_at(pmm, main->states_at) + word / PMM_BLOCK_WORDS;
}

static inline pmm_atomic *pmm_main_word(const struct pmm *pmm, const struct pmm_main *main, uint64_t word)
{
    return (pmm_atomic *)pmm_at(pmm, main->bitmap_at) + word;
}

/* False when the block that holds `address` has no managed frame. */
static inline bool pmm_find_block(const struct pmm *pmm, uint64_t address, pmm_block *block)
{
    const uint64_t place = address >> PMM_BLOCK_SHIFT;
    const uint64_t *segment;
    uint64_t offset;

    if (address >= pmm->end)
        return false;
    segment = pmm_segments(pmm) + pmm_find_segment(pmm, place);
    offset = place - (segment[0] >> 32); /* wraps, and so is large, below the first segment */
    if (offset >= (uint32_t)segment[1] - (uint32_t)segment[0])
        return false;
    block->number = (uint32_t)((uint32_t)segment[0] + offset);
    return true;
}

/* The address / 2 MiB of a block. */
static inline uint64_t pmm_block_place(const struct pmm *pmm, pmm_block block)
{
    const uint64_t *segments = pmm_segments(pmm);
    uint32_t low = 0, high = pmm->segments - 1;

    while (low < high) {
        const uint32_t middle = low + (high - low + 1) / 2;
        if ((uint32_t)segments[middle] <= block.number)
            low = middle;
        else
            high = middle - 1;
    }
    return (segments[low] >> 32) + (block.number - (uint32_t)segments[low]);
}

/* What the memory map says of a frame: its last edge at or before it. */
static inline enum pmm_edge_kind pmm_edge_kind_of(const struct pmm *pmm, uint64_t frame)
{
    const uint64_t *edges = (const uint64_t *)pmm_at(pmm, pmm->edges_at);
    uint32_t low = 0, high = pmm->edges;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (edges[middle] >> 2 <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? PMM_EDGE_HOLE : (enum pmm_edge_kind)(edges[low - 1] & 3);
}

/* All 512 frames free, none free, as an open block with this state shows them one after the other. */
static inline bool pmm_block_is_full(const struct pmm *pmm, pmm_block block, uint64_t state)
{
    const pmm_atomic *words = pmm_words(pmm, block);

    if (!pmm_state_last_is_full(state))
        return false;
    for (unsigned i = 0; i < PMM_BLOCK_WORDS; i++) {
        const uint64_t word = pmm_load(&words[i]);

        if (!pmm_word_is_full(word) || pmm_word_is_taken(state, word))
            return false;
    }
    return true;
}

/* The first word that has a free frame, as a block with this state shows them; PMM_BLOCK_WORDS if there is none. */
static inline uint32_t pmm_first_word(const struct pmm *pmm, pmm_block block, uint64_t state)
{
    const pmm_atomic *words = pmm_words(pmm, block);
    uint32_t number = 0;

    for (; number < PMM_BLOCK_WORDS; number++) {
        const uint64_t word = pmm_load(&words[number]);

        if (word != 0 && !pmm_word_is_taken(state, word))
            break;
    }
    return number;
}

static inline bool pmm_block_is_empty(const struct pmm *pmm, pmm_block block, uint64_t state)
{
    return pmm_state_last(state) == 0 && pmm_first_word(pmm, block, state) == PMM_BLOCK_WORDS;
}

/*
 * The free ones of the 64 frames of a word; *large: they are part of a block allocated as one. True of each frame at
 * some instant of this call: a word seen before it was sealed, or whose seal is seen broken, was not of a LARGE block.
 */
static inline uint64_t pmm_free_frames(const struct pmm *pmm, pmm_block block, unsigned word, bool *large)
{
    for (;;) {
        const uint64_t value = pmm_load(&pmm_words(pmm, block)[word]);
        const uint64_t state = pmm_load(pmm_state(pmm, block));
        const bool is_large = pmm_state_kind(state) == PMM_BLOCK_LARGE && !pmm_state_is_taken(state);

        *large = is_large && pmm_seal_holds(state, value);
        if (*large)
            return 0;
        if (pmm_word_is_taken(state, value)) /* managed later: one by one, as far as anybody can see */
            return (uint64_t)(pmm_state_last(state) >> word & 1) << PMM_WORD_LAST;
        if (!is_large) /* else the bits of the last frames mean nothing, and the word is of another time */
            return (pmm_word_is_sealed(value) ? PMM_WORD_FREE : value) | (uint64_t)(pmm_state_last(state) >> word & 1)
                                                                             << PMM_WORD_LAST;
    }
}

#endif
