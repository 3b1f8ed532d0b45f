/*
 * The described design as a straightforward first version of it: a static table of blocks from address 0 to 64 GiB,
 * summaries of each block's bitmap, two lists through the table with lazy cleanup, one counter. The mistakes that one
 * CPU can see are left in and marked DEFECT. Those of several CPUs at once are not to be had here: nothing is locked.
 */
#ifndef FUZZ_CANARIES_DESCRIBED_H
#define FUZZ_CANARIES_DESCRIBED_H

#include <stdbool.h>
#include <string.h>

#include "../../reference/contract.h"

enum { TABLE_BLOCKS = 32768, WORDS = 8, NO_BLOCK = UINT16_MAX };

/* A set bit is a free frame. */
struct entry {
    uint32_t lock;
    uint8_t some;  /* which words have a free frame */
    uint8_t whole; /* which words are wholly free */
    bool large;    /* given out as one 2 MiB frame */
    bool in_4k;
    bool in_2m;
    uint16_t next_4k;
    uint16_t next_2m;
    uint64_t bitmap[WORDS];
};

struct described {
    uint16_t list_4k; /* blocks with single free frames */
    uint16_t list_2m; /* wholly free blocks */
    uint32_t available;
    struct entry table[TABLE_BLOCKS];
};

static bool is_whole(const struct entry *entry)
{
    return entry->whole == UINT8_MAX;
}

static void set_word(struct entry *entry, unsigned word, uint64_t bits)
{
    const uint8_t mark = (uint8_t)(1U << word);

    entry->bitmap[word] = bits;
    entry->some = (uint8_t)(bits != 0 ? entry->some | mark : entry->some & ~mark);
    entry->whole = (uint8_t)(bits == UINT64_MAX ? entry->whole | mark : entry->whole & ~mark);
}

static void push_4k(struct described *pmm, uint16_t block)
{
    struct entry *entry = &pmm->table[block];

    if (entry->in_4k)
        return;
    entry->in_4k = true;
    entry->next_4k = pmm->list_4k;
    pmm->list_4k = block;
}

static void push_2m(struct described *pmm, uint16_t block)
{
    struct entry *entry = &pmm->table[block];

    if (entry->in_2m)
        return;
    entry->in_2m = true;
    entry->next_2m = pmm->list_2m;
    pmm->list_2m = block;
}

/* The first block that still belongs into the list; those before it have changed since, and leave it now. */
static uint16_t head_4k(struct described *pmm)
{
    while (pmm->list_4k != NO_BLOCK) {
        struct entry *entry = &pmm->table[pmm->list_4k];

        if (entry->some != 0 && !is_whole(entry))
            break;
        entry->in_4k = false;
        pmm->list_4k = entry->next_4k;
    }
    return pmm->list_4k;
}

static uint16_t pop_2m(struct described *pmm)
{
    while (pmm->list_2m != NO_BLOCK) {
        const uint16_t block = pmm->list_2m;
        struct entry *entry = &pmm->table[block];

        entry->in_2m = false;
        pmm->list_2m = entry->next_2m;
        if (is_whole(entry))
            return block;
    }
    return NO_BLOCK;
}

/* A physical address, or -1. */
static int64_t described_allocate(struct described *pmm, bool large)
{
    uint16_t block = large ? pop_2m(pmm) : head_4k(pmm);

    if (!large && block == NO_BLOCK) {
        block = pop_2m(pmm);
        if (block != NO_BLOCK)
            push_4k(pmm, block);
    }
    if (block == NO_BLOCK)
        return -1; /* DEFECT D12: nothing says why */

    struct entry *entry = &pmm->table[block];
    if (large) {
        for (unsigned word = 0; word < WORDS; word++)
            set_word(entry, word, 0);
        entry->large = true;
        pmm->available -= BLOCK_FRAMES;
        return (int64_t)(block * BLOCK_BYTES);
    }

    const unsigned word = (unsigned)__builtin_ctz(entry->some);
    const unsigned bit = (unsigned)__builtin_ctzll(entry->bitmap[word]);
    set_word(entry, word, entry->bitmap[word] & ~(UINT64_C(1) << bit));
    pmm->available--;
    return (int64_t)(block * BLOCK_BYTES + (word * 64 + bit) * FRAME_BYTES);
}

static void described_release(struct described *pmm, uint64_t frame)
{
    const uint64_t block = frame / BLOCK_BYTES;
    const unsigned word = (unsigned)(frame % BLOCK_BYTES / FRAME_BYTES / 64);
    const uint64_t bit = UINT64_C(1) << frame / FRAME_BYTES % 64; /* DEFECT D5: rounds a misaligned address down */

    if (block >= TABLE_BLOCKS)
        return;

    struct entry *entry = &pmm->table[block];
    if (entry->large) { /* DEFECT D4: any address in it will do */
        for (unsigned i = 0; i < WORDS; i++)
            set_word(entry, i, UINT64_MAX);
        entry->large = false;
        pmm->available += BLOCK_FRAMES;
        push_2m(pmm, (uint16_t)block);
        return;
    }
    if (entry->bitmap[word] & bit)
        return;                                       /* a double free, to be logged here */
    set_word(entry, word, entry->bitmap[word] | bit); /* DEFECT D6: whether or not it was ever given to the pool */
    pmm->available++;
    if (is_whole(entry))
        push_2m(pmm, (uint16_t)block);
    else
        push_4k(pmm, (uint16_t)block);
}

struct multiboot_entry { /* as it lies in memory */
    uint32_t size, base[2], length[2], type;
};

/* `bytes` has room for one entry more than `length` says. */
static void described_init(struct described *pmm, const uint8_t *bytes, uint32_t length, uint64_t reserved_memory)
{
    pmm->list_4k = NO_BLOCK;
    pmm->list_2m = NO_BLOCK;
    for (uint32_t at = 0; at < length; at += sizeof(struct multiboot_entry)) { /* DEFECT D10: not by `size` */
        struct multiboot_entry entry;

        memcpy(&entry, bytes + at, sizeof(entry));
        if (entry.type != REGION_USABLE) /* DEFECT D10: what reserves is not looked at */
            continue;

        uint64_t start = (uint64_t)entry.base[1] << 32 | entry.base[0];
        const uint64_t end = start + ((uint64_t)entry.length[1] << 32 | entry.length[0]);
        if (start < reserved_memory)
            start = reserved_memory;
        /* DEFECT D10: 32 bits, and no check for wrapping. DEFECT D13: rounds each entry by itself. */
        const uint32_t first = (uint32_t)((start + FRAME_BYTES - 1) / FRAME_BYTES);
        const uint32_t last = (uint32_t)(end / FRAME_BYTES);
        for (uint32_t frame = first; frame < last && frame < TABLE_BLOCKS * BLOCK_FRAMES; frame++) {
            if (frame != 0) /* DEFECT D9: one by one */
                described_release(pmm, frame * FRAME_BYTES);
        }
    }
}

#endif
