/*
 * The table of functions of an adapter that does everything under one lock. Before it includes this, the adapter says
 * what it has of its own:
 *
 *   struct own     beside the frames (naive_frames.h), all zero at first
 *   own_name, OWN_PROMISES
 *
 * and after that defines the five functions declared below.
 */
#ifndef FUZZ_ALLOCATORS_NAIVE_TABLE_H
#define FUZZ_ALLOCATORS_NAIVE_TABLE_H

#include "naive_fit.h"
#include "naive_lock.h"

struct instance {
    struct naive naive;
    struct own own;
    naive_lock lock;
};

static bool own_begin(struct instance *instance); /* the frames are there, all free; false: no memory */
static void own_end(struct instance *instance);
/* Takes a frame (order 0) or block of one zone. */
static bool own_take(struct instance *instance, enum zone zone, unsigned order, uint64_t *address);
/* What may be given back, is. */
static void own_give(struct instance *instance, uint64_t address, unsigned order);
static const char *own_inconsistency(const struct instance *instance);

/* ---- start and stop ---- */

static void stop(void *self)
{
    struct instance *instance = self;

    own_end(instance);
    empty(&instance->naive);
    free(instance);
}

static void *start_new(const struct start *start, enum answer *answer)
{
    struct instance *instance = calloc(1, sizeof(*instance));

    *answer = instance ? build(&instance->naive, start) : ANSWER_METADATA;
    if (*answer == ANSWER_OK && !own_begin(instance))
        *answer = ANSWER_METADATA;
    if (*answer == ANSWER_OK)
        return instance;
    if (instance)
        stop(instance);
    return NULL;
}

/* ---- the calls, each under the lock ---- */

static bool serves(unsigned order)
{
    return order == 0 || (order == BLOCK_ORDER && (OWN_PROMISES & PROMISE_LARGE));
}

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    struct instance *instance = self;
    bool taken = false;

    (void)cpu;
    if (!serves(order) || (unsigned)limit >= ZONE_COUNT)
        return ANSWER_ARGUMENT;
    lock(&instance->lock);
    for (unsigned zone = (unsigned)limit + 1; zone-- > 0 && !taken;)
        taken = own_take(instance, (enum zone)zone, order, address);
    unlock(&instance->lock);
    return taken ? ANSWER_OK : ANSWER_NO_MEMORY;
}

static enum answer give_back(struct instance *instance, uint64_t address, unsigned order, bool any_size)
{
    enum answer answer;

    lock(&instance->lock);
    answer = may_give(&instance->naive, address, &order, any_size);
    if (answer == ANSWER_OK)
        own_give(instance, address, order);
    unlock(&instance->lock);
    return answer;
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    (void)cpu;
    return give_back(self, address, order, false);
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    (void)cpu;
    return give_back(self, address, 0, true);
}

/* ---- questions ---- */

static bool frame(void *self, uint64_t address, enum frame_state *state)
{
    struct instance *instance = self;

    lock(&instance->lock);
    *state = state_of(&instance->naive, address);
    unlock(&instance->lock);
    return true;
}

static bool block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    struct instance *instance = self;
    bool found;

    lock(&instance->lock);
    found = block_bits(&instance->naive, address, words, large);
    unlock(&instance->lock);
    return found;
}

static void counts(void *self, struct counts zones[ZONE_COUNT])
{
    struct instance *instance = self;

    lock(&instance->lock);
    memcpy(zones, instance->naive.zones, sizeof(instance->naive.zones));
    unlock(&instance->lock);
}

static uint64_t whole_blocks(void *self)
{
    struct instance *instance = self;
    uint64_t whole = 0;

    lock(&instance->lock);
    for (size_t i = 0; i < instance->naive.block_count; i++)
        whole += instance->naive.blocks[i].free_count == BLOCK_FRAMES;
    unlock(&instance->lock);
    return whole;
}

static const char *check(void *self)
{
    struct instance *instance = self;
    const char *wrong;

    lock(&instance->lock);
    wrong = inconsistency(&instance->naive);
    wrong = wrong ? wrong : own_inconsistency(instance);
    unlock(&instance->lock);
    return wrong;
}

static const void *metadata(void *self, size_t *bytes)
{
    const struct instance *instance = self;

    *bytes = instance->naive.block_count * sizeof(struct block);
    return instance->naive.blocks;
}

const struct allocator allocator_under_test = {
    .name = own_name,
    .promises = OWN_PROMISES,
    .start = start_new,
    .stop = stop,
    .alloc = allocate,
    .free = free_frame,
    .release = release,
    .frame = frame,
    .block = block,
    .counts = counts,
    .whole_blocks = whole_blocks,
    .check = check,
    .metadata = metadata,
};

#endif
