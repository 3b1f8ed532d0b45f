/*
 * A deliberately naive allocator under the suite: a bool per frame, first fit, one lock. It keeps every
 * promise but the budget, so that the suite has a second opinion beside the model, and a first adapter to
 * read. It shares no code with the model. Refuses maps of more than 16 GiB of memory.
 */
#include "naive_fit.h"

/* ---- start and stop ---- */

static void stop(void *self)
{
    empty(self);
    free(self);
}

static bool restart(void *self, const struct start *start, enum answer *answer)
{
    empty(self);
    *answer = build(self, start);
    return *answer == ANSWER_OK;
}

static void *start_new(const struct start *start, enum answer *answer)
{
    struct naive *naive = calloc(1, sizeof(*naive));

    *answer = ANSWER_METADATA;
    if (naive && restart(naive, start, answer))
        return naive;
    if (naive)
        stop(naive);
    return NULL;
}

/* ---- the calls, each under the lock ---- */

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    struct naive *naive = self;
    enum answer answer;

    (void)cpu;
    pthread_mutex_lock(&naive->lock);
    answer = take(naive, order, limit, address);
    pthread_mutex_unlock(&naive->lock);
    return answer;
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    struct naive *naive = self;
    enum answer answer;

    (void)cpu;
    pthread_mutex_lock(&naive->lock);
    answer = give(naive, address, order, false);
    pthread_mutex_unlock(&naive->lock);
    return answer;
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    struct naive *naive = self;
    enum answer answer;

    (void)cpu;
    pthread_mutex_lock(&naive->lock);
    answer = give(naive, address, 0, true);
    pthread_mutex_unlock(&naive->lock);
    return answer;
}

static bool frame(void *self, uint64_t address, enum frame_state *state)
{
    struct naive *naive = self;

    pthread_mutex_lock(&naive->lock);
    *state = state_of(naive, address);
    pthread_mutex_unlock(&naive->lock);
    return true;
}

static uint64_t bits_of(const bool bools[64])
{
    uint64_t bits = 0;

    if (!memchr(bools, false, 64)) /* the common case */
        return UINT64_MAX;
    for (unsigned i = 0; i < 64; i++)
        bits |= (uint64_t)bools[i] << i;
    return bits;
}

static bool block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    struct naive *naive = self;
    const struct block *found;

    pthread_mutex_lock(&naive->lock);
    found = block_of(naive, address);
    for (unsigned word = 0; found && word < BLOCK_FRAMES / 64; word++)
        words[word] = bits_of(found->free + (size_t)word * 64);
    *large = found && found->large;
    pthread_mutex_unlock(&naive->lock);
    return found != NULL;
}

static void counts(void *self, struct counts zones[ZONE_COUNT])
{
    struct naive *naive = self;

    pthread_mutex_lock(&naive->lock);
    memcpy(zones, naive->zones, sizeof(naive->zones));
    pthread_mutex_unlock(&naive->lock);
}

static uint64_t whole_blocks(void *self)
{
    struct naive *naive = self;
    uint64_t whole = 0;

    pthread_mutex_lock(&naive->lock);
    for (size_t i = 0; i < naive->block_count; i++)
        whole += naive->blocks[i].free_count == BLOCK_FRAMES;
    pthread_mutex_unlock(&naive->lock);
    return whole;
}

static const char *check(void *self)
{
    struct naive *naive = self;
    const char *wrong;

    pthread_mutex_lock(&naive->lock);
    wrong = inconsistency(naive);
    pthread_mutex_unlock(&naive->lock);
    return wrong;
}

static const void *metadata(void *self, size_t *bytes)
{
    const struct naive *naive = self;

    *bytes = naive->block_count * sizeof(struct block);
    return naive->blocks;
}

const struct allocator allocator_under_test = {
    .name = "naive",
    .promises = PROMISE_ALL & ~(unsigned)PROMISE_BUDGET,
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
    .restart = restart,
};
