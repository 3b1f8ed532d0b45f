/*
 * The frames of the naive adapters: a bool per frame of each block that has a managed one, built from the pieces of the
 * map. Taking and giving is in naive_fit.h. A frame's number is that of its block, times 512, and its place there.
 */
#ifndef FUZZ_ALLOCATORS_NAIVE_FRAMES_H
#define FUZZ_ALLOCATORS_NAIVE_FRAMES_H

#include "naive_map.h"

enum { MOST_FRAMES = 1 << 22 }; /* 16 GiB */

struct block {
    uint64_t base;
    enum zone zone;
    unsigned free_count;
    bool large; /* given out as one 2 MiB frame */
    bool managed[BLOCK_FRAMES];
    bool free[BLOCK_FRAMES];
};

struct run { /* of blocks without a hole between them */
    uint64_t base;
    uint64_t end;
    struct block *first;
};

struct naive {
    struct pieces pieces; /* tell holes from reserved frames */
    struct run *runs;     /* by address */
    size_t run_count;
    struct block *blocks; /* by address */
    size_t block_count;
    size_t zone_end[ZONE_COUNT];   /* of the zone's blocks; the next zone's begin here */
    size_t first_free[ZONE_COUNT]; /* none of the zone's blocks before this one has a free frame */
    struct counts zones[ZONE_COUNT];
    uint64_t end; /* of the highest managed frame */
};

/* The managed frames of [base, end). Ranges come in address order. */
static void add_range(struct naive *naive, uint64_t base, uint64_t end)
{
    for (uint64_t next; base < end; base = next) {
        struct block *block = &naive->blocks[naive->block_count];
        const uint64_t start = base / BLOCK_BYTES * BLOCK_BYTES;

        next = end < start + BLOCK_BYTES ? end : start + BLOCK_BYTES;
        const size_t first = (size_t)((base - start) / FRAME_BYTES);
        const size_t count = (size_t)((next - base) / FRAME_BYTES);
        if (naive->block_count > 0 && block[-1].base == start)
            block--;
        else
            naive->block_count++;
        block->base = start;
        block->zone = zone_of(start);
        block->free_count += (unsigned)count;
        memset(block->managed + first, true, count);
        memset(block->free + first, true, count);
        naive->zones[block->zone].managed += count;
        naive->zones[block->zone].free += count;
        naive->end = next;
    }
}

static void add_run(struct naive *naive, struct block *block)
{
    struct run *run = &naive->runs[naive->run_count];

    if (naive->run_count == 0 || run[-1].end != block->base)
        naive->runs[naive->run_count++] = (struct run){block->base, block->base + BLOCK_BYTES, block};
    else
        run[-1].end += BLOCK_BYTES;
}

static enum answer add_frames(struct naive *naive, const struct memory_map *map)
{
    uint64_t frames = 0;
    uint64_t blocks = 0;
    uint64_t base;
    uint64_t end;

    for (size_t i = 0; i < naive->pieces.count; i++) {
        if (piece_usable(&naive->pieces, i, map, &base, &end)) {
            frames += (end - base) / FRAME_BYTES;
            blocks += (end - 1) / BLOCK_BYTES - base / BLOCK_BYTES + 1; /* counts a shared block twice */
        }
    }
    if (frames <= MOST_FRAMES)
        naive->blocks = calloc((size_t)blocks + 1, sizeof(struct block));
    naive->runs = calloc(naive->pieces.count + 1, sizeof(struct run));
    if (!naive->blocks || !naive->runs)
        return ANSWER_METADATA;
    for (size_t i = 0; i < naive->pieces.count; i++) {
        if (piece_usable(&naive->pieces, i, map, &base, &end))
            add_range(naive, base, end);
    }
    for (size_t i = 0; i < naive->block_count; i++) {
        add_run(naive, &naive->blocks[i]);
        for (unsigned zone = naive->blocks[i].zone; zone < ZONE_COUNT; zone++)
            naive->zone_end[zone] = i + 1;
    }
    for (unsigned zone = 1; zone < ZONE_COUNT; zone++)
        naive->first_free[zone] = naive->zone_end[zone - 1];
    return ANSWER_OK;
}

/* All that covers bytes: entries, and reserved ranges as entries. NULL: no memory. */
static struct region *all_regions(const struct memory_map *map)
{
    struct region *regions = malloc((map->count + map->reserved_count + 1) * sizeof(struct region));

    for (size_t i = 0; regions && i < map->count; i++)
        regions[i] = map->regions[i];
    for (size_t i = 0; regions && i < map->reserved_count; i++)
        regions[map->count + i] = (struct region){map->reserved[i].base, map->reserved[i].length, REGION_RESERVED};
    return regions;
}

static inline enum answer build(struct naive *naive, const struct start *start)
{
    struct region *regions = all_regions(&start->map);
    bool sound;

    if (start->broken) {
        free(regions);
        return ANSWER_MAP;
    }
    sound = regions && pieces_new(&naive->pieces, regions, start->map.count + start->map.reserved_count);
    free(regions);
    return sound ? add_frames(naive, &start->map) : ANSWER_METADATA;
}

static inline void empty(struct naive *naive)
{
    free(naive->pieces.list);
    free(naive->runs);
    free(naive->blocks);
    *naive = (struct naive){.blocks = NULL};
}

static struct block *block_of(const struct naive *naive, uint64_t address)
{
    for (size_t i = naive->run_count; i-- > 0;) { /* few, and most memory is in the last ones */
        const struct run *run = &naive->runs[i];

        if (address >= run->base)
            return address < run->end ? run->first + (address - run->base) / BLOCK_BYTES : NULL;
    }
    return NULL;
}

static inline size_t number_of(const struct naive *naive, uint64_t address)
{
    return (size_t)(block_of(naive, address) - naive->blocks) * BLOCK_FRAMES + address % BLOCK_BYTES / FRAME_BYTES;
}

static inline uint64_t address_of(const struct naive *naive, size_t frame)
{
    return naive->blocks[frame / BLOCK_FRAMES].base + frame % BLOCK_FRAMES * FRAME_BYTES;
}

static inline bool *free_flag(const struct naive *naive, size_t frame)
{
    return &naive->blocks[frame / BLOCK_FRAMES].free[frame % BLOCK_FRAMES];
}

/* The free frames of a block as bits, and whether it was given out whole; false when there is no such block. */
static inline bool block_bits(const struct naive *naive, uint64_t address, uint64_t words[8], bool *large)
{
    const struct block *block = block_of(naive, address);

    for (unsigned word = 0; block && word < BLOCK_FRAMES / 64; word++) {
        const bool *bools = block->free + (size_t)word * 64;

        words[word] = 0;
        for (unsigned i = 0; i < 64; i++)
            words[word] |= (uint64_t)bools[i] << i;
    }
    *large = block && block->large;
    return block != NULL;
}

static inline enum frame_state state_of(const struct naive *naive, uint64_t address)
{
    const struct block *block = block_of(naive, address);
    const size_t i = address % BLOCK_BYTES / FRAME_BYTES;

    if (address >= ADDRESS_LIMIT)
        return FRAME_HOLE;
    if (!block || !block->managed[i])
        return piece_frame(&naive->pieces, address / FRAME_BYTES * FRAME_BYTES) == FRAME_HOLE ? FRAME_HOLE
                                                                                              : FRAME_RESERVED;
    if (block->free[i])
        return FRAME_FREE;
    return block->large ? FRAME_LARGE : FRAME_SMALL;
}

#endif
