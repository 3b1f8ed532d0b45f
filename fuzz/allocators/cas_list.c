/*
 * Linked lists of free frames without a lock: the head of each zone's is exchanged by compare-and-swap, with a tag that
 * counts the changes, so that a head which went and came back is not taken for one that never went. No counts: they
 * would cost as much again. Serves no 2 MiB frames.
 */
#include "naive_list.h"

struct head {
    _Alignas(128) uint64_t value; /* tag << 32 | link */
};

struct cas_list {
    struct listed listed;
    struct head *heads;
};

static void stop(void *self)
{
    struct cas_list *list = self;

    free(list->heads);
    listed_end(&list->listed);
    free(list);
}

static void *start_new(const struct start *start, enum answer *answer)
{
    struct cas_list *list = calloc(1, sizeof(*list));
    link first[ZONE_COUNT] = {0};

    *answer = list ? listed_begin(&list->listed, start) : ANSWER_METADATA;
    if (*answer == ANSWER_OK) {
        list->heads = aligned_alloc(_Alignof(struct head), ZONE_COUNT * sizeof(struct head));
        *answer = list->heads ? ANSWER_OK : ANSWER_METADATA;
    }
    if (*answer != ANSWER_OK) {
        if (list)
            stop(list);
        return NULL;
    }
    push_all(&list->listed.naive, list->listed.links, first);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++)
        list->heads[zone].value = first[zone];
    return list;
}

static uint64_t next_head(uint64_t before, link to)
{
    return ((before >> 32) + 1) << 32 | to;
}

static bool pop_shared(struct cas_list *list, uint64_t *head, size_t *frame)
{
    uint64_t value = __atomic_load_n(head, __ATOMIC_ACQUIRE);

    while ((link)value) {
        *frame = (link)value - 1;
        const link next = __atomic_load_n(&list->listed.links[*frame], __ATOMIC_RELAXED);

        if (__atomic_compare_exchange_n(head, &value, next_head(value, next), false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_ACQUIRE))
            return true;
    }
    return false;
}

static void push_shared(struct cas_list *list, uint64_t *head, size_t frame)
{
    uint64_t value = __atomic_load_n(head, __ATOMIC_RELAXED);

    do
        __atomic_store_n(&list->listed.links[frame], (link)value, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(head, &value, next_head(value, (link)frame + 1), false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED));
}

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    struct cas_list *list = self;
    size_t frame;

    (void)cpu;
    if (order != 0 || (unsigned)limit >= ZONE_COUNT)
        return ANSWER_ARGUMENT;
    for (unsigned zone = (unsigned)limit + 1; zone-- > 0;) {
        if (!pop_shared(list, &list->heads[zone].value, &frame))
            continue;
        __atomic_store_n(free_flag(&list->listed.naive, frame), false, __ATOMIC_RELAXED);
        *address = address_of(&list->listed.naive, frame);
        return ANSWER_OK;
    }
    return ANSWER_NO_MEMORY;
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    struct cas_list *list = self;
    enum answer answer = may_give(&list->listed.naive, address, &order, false);
    size_t frame;

    (void)cpu;
    if (answer != ANSWER_OK)
        return answer;
    frame = number_of(&list->listed.naive, address);
    if (__atomic_exchange_n(free_flag(&list->listed.naive, frame), true, __ATOMIC_RELAXED))
        return ANSWER_DOUBLE_FREE; /* another CPU was faster */
    push_shared(list, &list->heads[zone_of(address)].value, frame);
    return ANSWER_OK;
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    return free_frame(self, cpu, address, 0);
}

static const char *check(void *self)
{
    const struct cas_list *list = self;
    const struct listed *listed = &list->listed;
    const char *wrong = NULL;
    size_t length = 0;

    for (unsigned zone = 0; zone < ZONE_COUNT && !wrong; zone++)
        wrong = list_inconsistency(&listed->naive, listed->links, (link)list->heads[zone].value, &length);
    return wrong ? wrong : all_are_listed(&listed->naive, length);
}

const struct allocator allocator_under_test = {
    .name = "cas_list",
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
