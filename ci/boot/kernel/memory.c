/*
 * Takes, writes and gives back all memory. Keeps no list of what was taken: when everything is taken, the ranges that
 * pmm_init reported are the list. Up to 128 MiB all of it is written; on larger machines blocks evenly spread, since the
 * host backs with memory what is written.
 */
#include "memory.h"

#include "console.h"
#include "machine.h"

enum { FRAME = 4096, BLOCK = 1 << 21, WRITTEN_MOST = 32768 /* frames */ };

#define SEED UINT64_C(0x9e3779b97f4a7c15)

uint64_t sum_of(struct pmm_range range)
{
    const uint8_t *at = (const uint8_t *)(uintptr_t)range.base;
    uint64_t sum = range.length;

    for (uint64_t i = 0; i < range.length; i++)
        sum = (sum << 7 | sum >> 57) ^ (sum + at[i]);
    return sum;
}

static bool is_written(const struct memory *memory, uint64_t address)
{
    const uint64_t block = address / BLOCK;

    return address + FRAME <= memory->reach && (block & (memory->written_every - 1)) == 0;
}

static void write_frames(const struct memory *memory, uint64_t address, uint64_t bytes)
{
    if (!is_written(memory, address)) /* a block is written as a whole, or not at all */
        return;
    for (uint64_t frame = address; frame < address + bytes; frame += FRAME) {
        uint64_t *words = (uint64_t *)(uintptr_t)frame;

        for (unsigned i = 0; i < FRAME / sizeof(*words); i++)
            words[i] = frame * SEED;
    }
}

static void look_at_frames(const struct memory *memory, uint64_t address, uint64_t bytes)
{
    if (!is_written(memory, address))
        return;
    for (uint64_t frame = address; frame < address + bytes; frame += FRAME) {
        const uint64_t *words = (const uint64_t *)(uintptr_t)frame;

        if (words[0] != frame * SEED || words[FRAME / 8 - 1] != frame * SEED)
            fail("memory", "a frame was written by somebody else", frame * SEED, words[0]);
    }
}

void note_start(struct memory *memory)
{
    pmm_stats(memory->calls.pmm, &memory->at_start);
    memory->whole_blocks = pmm_whole_blocks(memory->calls.pmm);
    memory->written_every = 1;
    while (memory->at_start.total.managed > memory->written_every * WRITTEN_MOST)
        memory->written_every *= 2;
}

/* Inside one reported range, outside all that is reserved or not given back yet. */
static void judge(const struct memory *memory, uint64_t address, uint64_t bytes)
{
    const struct ranges later = {{memory->later}, memory->later.length != 0};
    const uint64_t end = address + bytes;
    bool inside = false;

    for (size_t i = 0; i < memory->managed.count; i++) {
        const struct pmm_range *range = &memory->managed.list[i];

        inside = inside || (range->base <= address && end <= range->base + range->length);
    }
    if (!inside || (address & (bytes - 1)))
        fail("memory", "an address is in no reported range, or misaligned", bytes, address);
    if (ranges_touch(&memory->reserved, address, end) || ranges_touch(&later, address, end))
        fail("memory", "a frame is given out that has to be kept", 0, address);
}

static uint64_t take_all_of(const struct memory *memory, unsigned order)
{
    const uint64_t bytes = order == PMM_ORDER_LARGE ? BLOCK : FRAME;
    uint64_t address, count = 0;

    while (take(&memory->calls, order, PMM_ANY, &address)) {
        judge(memory, address, bytes);
        write_frames(memory, address, bytes);
        count++;
    }
    return count;
}

void take_everything(const struct memory *memory)
{
    const uint64_t blocks = take_all_of(memory, PMM_ORDER_LARGE);
    const uint64_t frames = take_all_of(memory, PMM_ORDER_SMALL);
    struct pmm_stats stats;

    if (blocks != memory->whole_blocks)
        fail("memory", "not as many blocks as were whole", memory->whole_blocks, blocks);
    if (blocks * 512 + frames != memory->at_start.total.free)
        fail("memory", "not as many frames as were free", memory->at_start.total.free, blocks * 512 + frames);
    pmm_stats(memory->calls.pmm, &stats);
    if (stats.total.free != 0)
        fail("memory", "everything is taken, yet some is counted as free", 0, stats.total.free);
}

static bool is_later(const struct memory *memory, uint64_t address)
{
    const struct pmm_range *later = &memory->later;

    return later->length && later->base < address + FRAME && address < later->base + later->length;
}

void give_everything(const struct memory *memory, bool look)
{
    for (size_t i = 0; i < memory->managed.count; i++) {
        const uint64_t end = memory->managed.list[i].base + memory->managed.list[i].length;
        uint64_t address = memory->managed.list[i].base, bytes;

        for (; address < end; address += bytes) {
            const enum pmm_frame_state state = pmm_query(memory->calls.pmm, address);

            bytes = state == PMM_FRAME_LARGE ? BLOCK : FRAME;
            if (state == PMM_FRAME_HOLE || state == PMM_FRAME_RESERVED)
                fail("memory", "a reported frame is not managed", PMM_FRAME_SMALL, state);
            if (state == PMM_FRAME_FREE || is_later(memory, address))
                continue;
            if (look)
                look_at_frames(memory, address, bytes);
            give(&memory->calls, address, state == PMM_FRAME_LARGE ? PMM_ORDER_LARGE : PMM_ORDER_SMALL);
        }
    }
}

void everything_given_back(const struct memory *memory, const char *when)
{
    struct pmm_stats stats;
    struct pmm_fault fault;

    if (pmm_check(memory->calls.pmm, &fault) != PMM_OK) {
        say("\npmm_check: ");
        say(fault.what);
        fail("audit", when, fault.expected, fault.found);
    }
    pmm_stats(memory->calls.pmm, &stats);
    for (int zone = 0; zone < PMM_ZONES; zone++)
        if (stats.zone[zone].free != memory->at_start.zone[zone].free)
            fail("audit", when, memory->at_start.zone[zone].free, stats.zone[zone].free);
    if (pmm_whole_blocks(memory->calls.pmm) != memory->whole_blocks)
        fail("audit", when, memory->whole_blocks, pmm_whole_blocks(memory->calls.pmm));
}

static void expect(enum pmm_status wanted, enum pmm_status found, const char *what)
{
    if (wanted != found)
        fail("later", what, wanted, found);
}

/* Whether the whole block at `address` is managed, and later. */
static bool block_is_later(const struct memory *memory, uint64_t address)
{
    const struct pmm_range *later = &memory->later;

    return !(address & (BLOCK - 1)) && later->base < address + FRAME &&
           address + BLOCK <= later->base + later->length &&
           !ranges_touch(&memory->reserved, address, address + BLOCK);
}

void give_later(struct memory *memory)
{
    const uint64_t end = memory->later.base + memory->later.length;
    uint64_t address = memory->later.base & ~(uint64_t)(FRAME - 1), bytes, frames = 0, blocks = 0;
    struct pmm *pmm = memory->calls.pmm;

    for (; address < end; address += bytes) {
        const unsigned order = block_is_later(memory, address) && blocks == 0 ? PMM_ORDER_LARGE : PMM_ORDER_SMALL;

        bytes = order ? BLOCK : FRAME;
        if (pmm_query(pmm, address) != PMM_FRAME_SMALL)
            continue; /* shared with what is reserved */
        if (frames % 2)
            expect(PMM_OK, pmm_free(pmm, address, order), "memory managed later is not taken back");
        else
            expect(PMM_OK, order ? pmm_free(pmm, address, order) : pmm_release(pmm, address), "or by pmm_release");
        expect(PMM_ERR_DOUBLE_FREE, pmm_free(pmm, address, order), "it is taken back twice");
        frames += bytes / FRAME;
        blocks += order != 0;
    }
    if (frames != memory->later_frames)
        fail("later", "another number of frames than counted as managed later", memory->later_frames, frames);
    memory->later.length = 0;
    say("later given back: ");
    say_number(frames);
    say(" frames, of them in blocks ");
    say_number(blocks * 512);
    say("\n");
}
