/*
 * A toy under the seam of the simulator: up to 64 frames, one word, right or wrong in the one way that `toy_fault`
 * names. For the tests that every failure of concurrent calls can fire, and that a right allocator fires none.
 */
#ifndef FUZZ_TOY_ALLOCATOR_H
#define FUZZ_TOY_ALLOCATOR_H

#include <string.h>

#include "../allocators/allocator.h"
#include "../schedule/seam.h"

enum toy_fault {
    TOY_RIGHT,
    TOY_LOAD_STORE,  /* takes a frame by a load and a store */
    TOY_DOUBLE_FREE, /* looks whether a frame is free, then frees it whatever it is by then */
    TOY_GIVES_UP,    /* refuses when another call was faster */
    TOY_POPS,        /* holds all frames while it picks one */
    TOY_LOSES,       /* and puts the rest back over what was freed meanwhile */
    TOY_COUNTS,      /* counts what is taken before it is given, what is free after it is taken */
    TOY_LOCKS,       /* spins, also when it interrupted the owner of the lock */
    TOY_RELAXED,     /* frees and takes without order */
    TOY_RACES,       /* a plain counter */
    TOY_MUTE,        /* answers no question while its first frame is taken */
    TOY_FORGETS_SEED /* answers by what ran before */
};
static enum toy_fault toy_fault;
static unsigned toy_calls; /* not part of the image, on purpose */

static struct toy {
    uint64_t free, lock, count, plain;
    uint64_t base, frames;
} toy;

static enum sim_order toy_order(enum sim_order order)
{
    return toy_fault == TOY_RELAXED ? SIM_RELAXED : order;
}

static void *toy_start(const struct start *start, enum answer *answer)
{
    toy = (struct toy){.base = start->map.regions[0].base, .frames = start->map.regions[0].length >> FRAME_SHIFT};
    toy.free = toy.frames >= 64 ? UINT64_MAX : (UINT64_C(1) << toy.frames) - 1;
    toy.count = toy.frames;
    *answer = ANSWER_OK;
    return &toy;
}

static void toy_stop(void *self)
{
    (void)self;
}

static void toy_lock(void)
{
    uint64_t open = 0;

    while (toy_fault == TOY_LOCKS &&
           !sim_compare_swap(&toy.lock, &open, 1, false, SIM_ACQ_REL, SIM_RELAXED, SIM_SITE))
        open = 0;
}

static void toy_unlock(void)
{
    if (toy_fault == TOY_LOCKS)
        sim_store(&toy.lock, 0, SIM_RELEASE, SIM_SITE);
}

static void toy_note(uint64_t change)
{
    if (toy_fault == TOY_COUNTS)
        sim_fetch(&toy.count, change, SIM_ADD, SIM_ACQ_REL, SIM_SITE);
    if (toy_fault == TOY_RACES)
        sim_plain(&toy.plain, true, SIM_SITE);
}

/* All frames but one go back. */
static void toy_put_back(uint64_t rest)
{
    if (toy_fault == TOY_LOSES)
        sim_store(&toy.free, rest, SIM_RELEASE, SIM_SITE);
    else
        sim_fetch(&toy.free, rest, SIM_OR, SIM_ACQ_REL, SIM_SITE);
}

/* The bits before; the lowest of them is taken. */
static uint64_t toy_pick(void)
{
    uint64_t value = sim_load(&toy.free, SIM_RELAXED, SIM_SITE);

    while (value) {
        if (toy_fault == TOY_POPS || toy_fault == TOY_LOSES) {
            value = sim_fetch(&toy.free, 0, SIM_AND, SIM_ACQ_REL, SIM_SITE);
            toy_put_back(value & (value - 1));
            return value;
        }
        if (toy_fault == TOY_LOAD_STORE) {
            sim_store(&toy.free, value & (value - 1), SIM_RELEASE, SIM_SITE);
            return value;
        }
        if (sim_compare_swap(&toy.free, &value, value & (value - 1), false, toy_order(SIM_ACQ_REL), SIM_RELAXED,
                             SIM_SITE))
            return value;
        if (toy_fault == TOY_GIVES_UP)
            return 0;
    }
    return 0;
}

static enum answer toy_alloc(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    uint64_t value;

    (void)self;
    (void)cpu;
    if (order != 0)
        return ANSWER_ARGUMENT;
    if (zone_of(toy.base) > limit || (toy_fault == TOY_FORGETS_SEED && ++toy_calls % 2))
        return ANSWER_NO_MEMORY;
    toy_lock();
    value = toy_pick();
    toy_unlock();
    if (!value)
        return ANSWER_NO_MEMORY;
    toy_note(UINT64_MAX);
    *address = toy.base + (uint64_t)__builtin_ctzll(value) * FRAME_BYTES;
    return ANSWER_OK;
}

static enum answer toy_free(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    const uint64_t bit = UINT64_C(1) << ((address - toy.base) >> FRAME_SHIFT) % 64;
    uint64_t before;

    (void)self;
    (void)cpu;
    if (order != 0)
        return order != BLOCK_ORDER ? ANSWER_ARGUMENT : address % BLOCK_BYTES ? ANSWER_MISALIGNED : ANSWER_SIZE;
    if (address >= toy.base + toy.frames * FRAME_BYTES)
        return ANSWER_RANGE;
    if (toy_fault == TOY_DOUBLE_FREE && sim_load(&toy.free, SIM_ACQUIRE, SIM_SITE) & bit)
        return ANSWER_DOUBLE_FREE;
    toy_lock();
    before = sim_fetch(&toy.free, bit, SIM_OR, toy_order(SIM_ACQ_REL), SIM_SITE);
    toy_unlock();
    if (before & bit)
        return toy_fault == TOY_DOUBLE_FREE ? ANSWER_OK : ANSWER_DOUBLE_FREE;
    toy_note(1);
    return ANSWER_OK;
}

static bool toy_block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    (void)self;
    memset(words, 0, 8 * sizeof(words[0]));
    while (toy_fault == TOY_MUTE && !(sim_load(&toy.free, SIM_RELAXED, SIM_SITE) & 1))
        ;
    words[0] = toy.free;
    *large = false;
    return address / BLOCK_BYTES == toy.base / BLOCK_BYTES;
}

static void toy_counts(void *self, struct counts zones[ZONE_COUNT])
{
    uint64_t free = sim_load(&toy.free, SIM_RELAXED, SIM_SITE);

    (void)self;
    memset(zones, 0, ZONE_COUNT * sizeof(zones[0]));
    zones[zone_of(toy.base)].managed = toy.frames;
    zones[zone_of(toy.base)].free = (uint64_t)__builtin_popcountll(free);
    if (toy_fault == TOY_COUNTS)
        zones[zone_of(toy.base)].free = sim_load(&toy.count, SIM_RELAXED, SIM_SITE);
}

static void *toy_image(void *self, size_t *bytes)
{
    *bytes = sizeof(toy);
    return self;
}

static const struct allocator toy_allocator = {
    .name = "toy",
    .promises = PROMISE_CODES,
    .start = toy_start,
    .stop = toy_stop,
    .alloc = toy_alloc,
    .free = toy_free,
    .block = toy_block,
    .counts = toy_counts,
    .image = toy_image,
};

#endif
