/*
 * A list of free frames for each CPU and zone, before a locked list that all share: frames go to and fro in batches, as
 * in the per-CPU lists of large kernels. Each CPU's has a lock of its own, which others take only when all else is
 * empty. Two CPUs that free one frame at the same moment are not told apart. Serves no 2 MiB frames.
 */
#include "naive_list.h"
#include "naive_lock.h"

enum { BATCH = 64, MOST = 2 * BATCH };

struct store { /* of frames: one a CPU, and the shared one */
    _Alignas(128) naive_lock lock;
    link heads[ZONE_COUNT];
    unsigned counts[ZONE_COUNT];
};

struct local_list {
    struct listed listed;
    unsigned cpus;
    struct store *stores; /* those of the CPUs, then the shared one */
};

static void stop(void *self)
{
    struct local_list *list = self;

    free(list->stores);
    listed_end(&list->listed);
    free(list);
}

static void *start_new(const struct start *start, enum answer *answer)
{
    struct local_list *list = calloc(1, sizeof(*list));
    const size_t bytes = (start->cpus + 1) * sizeof(struct store);

    *answer = list ? listed_begin(&list->listed, start) : ANSWER_METADATA;
    if (*answer == ANSWER_OK) {
        list->cpus = start->cpus;
        list->stores = aligned_alloc(_Alignof(struct store), bytes);
        *answer = list->stores ? ANSWER_OK : ANSWER_METADATA;
    }
    if (*answer != ANSWER_OK) {
        if (list)
            stop(list);
        return NULL;
    }
    memset(list->stores, 0, bytes);
    push_all(&list->listed.naive, list->listed.links, list->stores[list->cpus].heads);
    return list;
}

/* ---- stores, each under its lock ---- */

/* Up to `most` frames out of a store; how many. */
static unsigned take_out(struct local_list *list, struct store *store, unsigned zone, unsigned most, size_t *frames)
{
    unsigned count = 0;

    lock(&store->lock);
    while (count < most && store->heads[zone])
        frames[count++] = pop(list->listed.links, &store->heads[zone]);
    store->counts[zone] -= count;
    unlock(&store->lock);
    return count;
}

/* How many frames the store has now. */
static unsigned put_in(struct local_list *list, struct store *store, unsigned zone, unsigned count,
                       const size_t *frames)
{
    unsigned now;

    lock(&store->lock);
    for (unsigned i = count; i-- > 0;)
        push(list->listed.links, &store->heads[zone], frames[i]);
    now = store->counts[zone] += count;
    unlock(&store->lock);
    return now;
}

/* ---- the calls ---- */

static bool take_one(struct local_list *list, unsigned cpu, unsigned zone, size_t *frame)
{
    size_t batch[BATCH];
    unsigned count;

    if (take_out(list, &list->stores[cpu], zone, 1, frame))
        return true;
    count = take_out(list, &list->stores[list->cpus], zone, BATCH, batch);
    if (count > 0) {
        *frame = batch[0];
        put_in(list, &list->stores[cpu], zone, count - 1, batch + 1);
        return true;
    }
    for (unsigned other = 0; other < list->cpus; other++) {
        if (take_out(list, &list->stores[other], zone, 1, frame))
            return true;
    }
    return false;
}

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    struct local_list *list = self;
    size_t frame;

    if (order != 0 || (unsigned)limit >= ZONE_COUNT || cpu >= list->cpus)
        return ANSWER_ARGUMENT;
    for (unsigned zone = (unsigned)limit + 1; zone-- > 0;) {
        if (!take_one(list, cpu, zone, &frame))
            continue;
        *free_flag(&list->listed.naive, frame) = false;
        *address = address_of(&list->listed.naive, frame);
        return ANSWER_OK;
    }
    return ANSWER_NO_MEMORY;
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    struct local_list *list = self;
    const enum answer answer = may_give(&list->listed.naive, address, &order, false);
    const enum zone zone = zone_of(address);
    size_t frame, batch[BATCH];

    if (answer != ANSWER_OK)
        return answer;
    frame = number_of(&list->listed.naive, address);
    *free_flag(&list->listed.naive, frame) = true;
    if (put_in(list, &list->stores[cpu], zone, 1, &frame) > MOST)
        put_in(list, &list->stores[list->cpus], zone, take_out(list, &list->stores[cpu], zone, BATCH, batch), batch);
    return ANSWER_OK;
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    return free_frame(self, cpu, address, 0);
}

static const char *check(void *self)
{
    const struct local_list *list = self;
    const struct listed *listed = &list->listed;
    const char *wrong = NULL;
    size_t length = 0;

    for (unsigned i = 0; i < (list->cpus + 1) * ZONE_COUNT && !wrong; i++) {
        const link head = list->stores[i / ZONE_COUNT].heads[i % ZONE_COUNT];

        wrong = list_inconsistency(&listed->naive, listed->links, head, &length);
    }
    return wrong ? wrong : all_are_listed(&listed->naive, length);
}

const struct allocator allocator_under_test = {
    .name = "local_list",
    .promises = PROMISE_ZONES | PROMISE_CODES,
    .start = start_new,
    .stop = stop,
    .alloc = allocate,
    .free = free_frame,
    .release = release,
    .frame = listed_frame,
    .block = listed_block,
    .check = check,
};
