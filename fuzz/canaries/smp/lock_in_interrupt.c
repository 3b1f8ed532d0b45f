/* One lock around everything, which an interrupt that allocates waits for in vain. (D11, M28) */
/* expect: L06 L07. Waiting for a CPU that stands still is the same fault: whoever holds the lock is in the way. */
#include "frames.h"

static uint64_t lock; /* 1: held */

static void enter(void)
{
    uint64_t open = 0;

    while (!sim_compare_swap(&lock, &open, 1, false, SIM_ACQUIRE, SIM_RELAXED, SIM_SITE))
        open = 0;
}

static void leave(void)
{
    sim_store(&lock, 0, SIM_RELEASE, SIM_SITE);
}

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    enum answer answer;

    (void)cpu;
    enter();
    answer = take(self, order, limit, address);
    leave();
    return answer;
}

static enum answer give_back(void *self, uint64_t address, unsigned order, bool any_size)
{
    enum answer answer;

    enter();
    answer = give(self, address, order, any_size);
    leave();
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

static const char *check(void *self)
{
    return inconsistency(self);
}

static void stop(void *self)
{
    empty(self);
    free(self);
}

static void *start_new(const struct start *start, enum answer *answer)
{
    struct naive *naive = calloc(1, sizeof(*naive));

    lock = 0; /* a run that was given up may have left it held */
    *answer = naive ? build(naive, start) : ANSWER_METADATA;
    if (*answer == ANSWER_OK)
        return naive;
    if (naive)
        stop(naive);
    return NULL;
}

const struct allocator allocator_under_test = {
    .name = "one lock",
    .promises = PROMISE_ALL & ~(unsigned)(PROMISE_BUDGET | PROMISE_LATER),
    .start = start_new,
    .stop = stop,
    .alloc = allocate,
    .free = free_frame,
    .release = release,
    .frame = ask_frame,
    .block = ask_block,
    .counts = ask_counts,
    .check = check,
};
