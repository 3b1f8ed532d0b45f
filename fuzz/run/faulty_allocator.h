/*
 * The tiny allocator made wrong, in the one way that `fault` names: for the test that every failure id can fire.
 * With FAIL_NONE it is right.
 */
#ifndef FUZZ_FAULTY_ALLOCATOR_H
#define FUZZ_FAULTY_ALLOCATOR_H

#include "steps.h"
#include "tiny_allocator.h"

static enum failure_id fault;
static bool falls_silent; /* after three calls it does not answer a question about a block any more */

void __sanitizer_cov_trace_pc(void);

static void walk(uint64_t steps)
{
    while (steps-- > 0)
        __sanitizer_cov_trace_pc();
}

/* Of a frame of metadata, below 18 MiB. */
static const struct range right_place = {0x11ff000, 0x1000};

static bool place(void *self, struct range *range)
{
    (void)self;
    *range = right_place;
    range->base -= fault == FAIL_S07 ? FRAME_BYTES : 0;
    return fault != FAIL_S08;
}

static void *start(const struct start *how, enum answer *answer)
{
    struct start placed = *how;
    void *self;

    placed.map.metadata = how->placed ? right_place : (struct range){0, 0};
    self = tiny_start(&placed, answer);

    if (fault == FAIL_S05)
        walk(100000);
    if (fault == FAIL_T01)
        walk(UINT64_MAX);
    if (fault == FAIL_S03)
        return &tiny;
    *answer = fault == FAIL_S06 ? ANSWER_ARGUMENT : fault == FAIL_S02 ? ANSWER_REFUSED : *answer;
    return fault == FAIL_S02 ? NULL : self;
}

/* Takes the frame at `address`, whatever it is. */
static enum answer take_at(uint64_t at, uint64_t *address)
{
    *address = at;
    tiny_set(at, 0, FRAME_SMALL);
    return ANSWER_OK;
}

static enum answer alloc(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    const bool nonsense = order != 0 && order != BLOCK_ORDER;
    enum answer answer;

    if (fault == FAIL_A01 || fault == FAIL_A02 || fault == FAIL_A07)
        return take_at(fault == FAIL_A01 ? 0xd80000 : fault == FAIL_A02 ? 0xc00000 : 0xe00000, address);
    if (fault == FAIL_A04 || (fault == FAIL_E02 && tiny_free_in(0xc00000) == 1))
        return ANSWER_NO_MEMORY;
    if (fault == FAIL_A05 || fault == FAIL_A06)
        limit = fault == FAIL_A05 ? ZONE_NORMAL : ZONE_DMA;
    answer = tiny_alloc(self, cpu, fault == FAIL_A08 && nonsense ? 0 : order, limit, address);
    if (fault == FAIL_A03 && order == BLOCK_ORDER)
        *address += FRAME_BYTES;
    if (answer != ANSWER_OK && fault == FAIL_N02)
        take_at(0xe00000, &(uint64_t){0});
    return answer != ANSWER_OK && fault == FAIL_A09 ? ANSWER_CORRUPT : answer;
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    static const enum failure_id accepted[ANSWER_COUNT] = {
        [ANSWER_ARGUMENT] = FAIL_F10, [ANSWER_MISALIGNED] = FAIL_F03, [ANSWER_RANGE] = FAIL_F06,
        [ANSWER_HOLE] = FAIL_F04,     [ANSWER_RESERVED] = FAIL_F05,   [ANSWER_DOUBLE_FREE] = FAIL_F02,
    };
    const enum answer answer = tiny_free(self, cpu, address, order);

    if (fault == FAIL_F01)
        return ANSWER_DOUBLE_FREE;
    if (answer == ANSWER_SIZE && (fault == FAIL_F07 || fault == FAIL_F08))
        return ANSWER_OK;
    if (answer == ANSWER_OK || accepted[answer] == FAIL_NONE)
        return answer;
    if (fault == FAIL_N01)
        tiny.frames[3] = FRAME_LARGE;
    if (fault == FAIL_F09)
        return ANSWER_CORRUPT;
    return fault == accepted[answer] ? ANSWER_OK : answer;
}

static bool query(void *self, uint64_t address, enum frame_state *state)
{
    tiny_query(self, address, state);
    if (fault == FAIL_B02)
        *state = FRAME_LARGE;
    return true;
}

static bool block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    bool known = tiny_block(self, address, words, large);

    if (falls_silent && tiny.calls == 3)
        walk(UINT64_MAX);
    if (fault == FAIL_B01)
        words[7] ^= 1;
    return known;
}

static void counts(void *self, struct counts zones[ZONE_COUNT])
{
    tiny_counts(self, zones);
    if (fault == FAIL_S01 || (fault == FAIL_C01 && tiny.calls > 0))
        zones[ZONE_DMA].free--;
    if (fault == FAIL_C02 && tiny.calls > 0) {
        zones[ZONE_DMA].free--;
        zones[ZONE_DMA32].free++;
    }
    if (fault == FAIL_C03 && tiny.calls > 0)
        zones[ZONE_NORMAL].managed++;
}

static uint64_t whole_blocks(void *self)
{
    return tiny_whole_blocks(self) + (fault == FAIL_C04 || fault == FAIL_E01);
}

static const char *check(void *self)
{
    (void)self;
    return fault == FAIL_K01 ? "a list that is a loop" : NULL;
}

static void *image(void *self, size_t *bytes)
{
    *bytes = sizeof(tiny.frames);
    return self ? tiny.frames : NULL;
}

static enum answer recover(void *self)
{
    (void)self;
    return fault == FAIL_I01 ? ANSWER_OK : ANSWER_CORRUPT;
}

static uint64_t metadata_bytes(void *self)
{
    (void)self;
    return fault == FAIL_S04 ? 1 << 20 : 0;
}

static const struct allocator faulty = {
    .name = "faulty",
    .promises = PROMISE_ALL,
    .start = start,
    .stop = tiny_stop,
    .alloc = alloc,
    .free = free_frame,
    .release = tiny_release,
    .frame = query,
    .block = block,
    .counts = counts,
    .whole_blocks = whole_blocks,
    .check = check,
    .metadata = tiny_metadata,
    .metadata_bytes = metadata_bytes,
    .place = place,
    .recover = recover,
    .image = image,
};

#endif
