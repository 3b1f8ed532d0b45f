/*
 * A right allocator for the tests of fuzz/run, small enough to read at a glance: one state per frame from 12 to
 * 20 MiB, so that zones DMA and DMA32 have two blocks each. Tests make it wrong in one way at a time.
 */
#ifndef FUZZ_TINY_ALLOCATOR_H
#define FUZZ_TINY_ALLOCATOR_H

#include <string.h>

#include "run.h"

#define TINY_BASE (UINT64_C(12) << 20)
enum { TINY_BLOCKS = 4, TINY_FRAMES = TINY_BLOCKS * BLOCK_FRAMES };

static struct tiny {
    enum frame_state frames[TINY_FRAMES];
    bool later[TINY_FRAMES]; /* allocated from the start, and not freed since */
    uint64_t managed_in[ZONE_COUNT];
    uint64_t end;
    unsigned calls; /* allocations and frees so far */
} tiny;

static void *tiny_start(const struct start *start, enum answer *answer)
{
    memset(&tiny, 0, sizeof(tiny));
    *answer = ANSWER_MAP;
    if (start->broken)
        return NULL;
    for (uint64_t i = 0; i < TINY_FRAMES; i++) {
        const uint64_t address = TINY_BASE + (i << FRAME_SHIFT);

        tiny.frames[i] = map_frame(&start->map, address >> FRAME_SHIFT);
        tiny.later[i] = tiny.frames[i] == FRAME_SMALL;
        if (tiny.frames[i] >= FRAME_FREE) {
            tiny.managed_in[zone_of(address)]++;
            tiny.end = address + FRAME_BYTES;
        }
    }
    *answer = ANSWER_OK;
    return &tiny;
}

static void tiny_stop(void *self)
{
    (void)self;
}

static enum frame_state *tiny_frame(uint64_t address)
{
    return &tiny.frames[(address - TINY_BASE) >> FRAME_SHIFT];
}

static unsigned tiny_free_in(uint64_t block)
{
    unsigned free = 0;

    for (unsigned i = 0; i < BLOCK_FRAMES; i++)
        free += tiny_frame(block)[i] == FRAME_FREE;
    return free;
}

static void tiny_set(uint64_t address, unsigned order, enum frame_state state)
{
    for (unsigned i = 0; i < 1U << order; i++)
        tiny_frame(address)[i] = state;
    memset(&tiny.later[(address - TINY_BASE) >> FRAME_SHIFT], false, 1U << order);
}

static bool tiny_is_later(uint64_t block)
{
    return memchr(&tiny.later[(block - TINY_BASE) >> FRAME_SHIFT], false, BLOCK_FRAMES) == NULL;
}

/* A block of the zone with `least` to `most` free frames; 0 when there is none. */
static uint64_t tiny_find(enum zone zone, unsigned least, unsigned most)
{
    for (uint64_t i = 0; i < TINY_BLOCKS; i++) {
        const uint64_t block = TINY_BASE + i * BLOCK_BYTES;
        const unsigned free = tiny_free_in(block);

        if (zone_of(block) == zone && free >= least && free <= most)
            return block;
    }
    return 0;
}

static enum answer tiny_alloc(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    uint64_t found = 0;

    (void)self, (void)cpu;
    tiny.calls++;
    if (order != 0 && order != BLOCK_ORDER)
        return ANSWER_ARGUMENT;
    for (int zone = (int)limit; zone >= ZONE_DMA && !found; zone--) {
        if (order == 0)
            found = tiny_find((enum zone)zone, 1, BLOCK_FRAMES - 1);
        if (!found)
            found = tiny_find((enum zone)zone, BLOCK_FRAMES, BLOCK_FRAMES);
    }
    if (!found)
        return ANSWER_NO_MEMORY;
    while (*tiny_frame(found) != FRAME_FREE)
        found += FRAME_BYTES;
    tiny_set(found, order, order == 0 ? FRAME_SMALL : FRAME_LARGE);
    *address = found;
    return ANSWER_OK;
}

static bool tiny_query(void *self, uint64_t address, enum frame_state *state)
{
    (void)self;
    *state = address < TINY_BASE || address >= TINY_BASE + ((uint64_t)TINY_FRAMES << FRAME_SHIFT)
                 ? FRAME_HOLE
                 : *tiny_frame(address);
    return true;
}

static enum answer tiny_free(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    static const enum answer obstacles[] = {
        [FRAME_HOLE] = ANSWER_HOLE, [FRAME_RESERVED] = ANSWER_RESERVED, [FRAME_FREE] = ANSWER_DOUBLE_FREE};
    enum frame_state state;

    (void)cpu;
    tiny.calls++;
    if (order != 0 && order != BLOCK_ORDER)
        return ANSWER_ARGUMENT;
    if (address % (FRAME_BYTES << order) != 0)
        return ANSWER_MISALIGNED;
    if (address >= tiny.end)
        return ANSWER_RANGE;
    tiny_query(self, address, &state);
    if (state < FRAME_SMALL)
        return obstacles[state];
    if (state != (order == 0 ? FRAME_SMALL : FRAME_LARGE) && !(order == BLOCK_ORDER && tiny_is_later(address)))
        return ANSWER_SIZE;
    tiny_set(address, order, FRAME_FREE);
    return ANSWER_OK;
}

static enum answer tiny_release(void *self, unsigned cpu, uint64_t address)
{
    enum frame_state state;

    tiny_query(self, address, &state);
    return tiny_free(self, cpu, address, state == FRAME_LARGE && address % BLOCK_BYTES == 0 ? BLOCK_ORDER : 0);
}

static bool tiny_block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    const uint64_t block = address & ~(BLOCK_BYTES - 1);

    (void)self;
    if (block < TINY_BASE || block >= TINY_BASE + TINY_BLOCKS * BLOCK_BYTES)
        return false;
    *large = *tiny_frame(block) == FRAME_LARGE;
    for (unsigned i = 0; i < BLOCK_FRAMES; i++)
        words[i / 64] |= (uint64_t)(tiny_frame(block)[i] == FRAME_FREE) << i % 64;
    return true;
}

static void tiny_counts(void *self, struct counts zones[ZONE_COUNT])
{
    (void)self;
    for (int zone = 0; zone < ZONE_COUNT; zone++)
        zones[zone] = (struct counts){tiny.managed_in[zone], 0};
    for (uint64_t i = 0; i < TINY_BLOCKS; i++)
        zones[zone_of(TINY_BASE + i * BLOCK_BYTES)].free += tiny_free_in(TINY_BASE + i * BLOCK_BYTES);
}

static uint64_t tiny_whole_blocks(void *self)
{
    uint64_t whole = 0;

    (void)self;
    for (uint64_t i = 0; i < TINY_BLOCKS; i++)
        whole += tiny_free_in(TINY_BASE + i * BLOCK_BYTES) == BLOCK_FRAMES;
    return whole;
}

static const void *tiny_metadata(void *self, size_t *bytes)
{
    *bytes = sizeof(tiny.frames);
    return self;
}

#endif
