/* The list of the described design in small: blocks with free frames, singly linked, those without dropped lazily.
 * Right on several CPUs unless `list_fault`, which the including file chooses, says otherwise. Single frames only;
 * what happens inside a block happens at once, as under the described lock of a block. */
#ifndef FUZZ_CANARIES_SMP_LIST_H
#define FUZZ_CANARIES_SMP_LIST_H

#include "frames.h"

enum list_fault {
    LIST_POPPED_IS_GONE, /* an empty list means that there is no memory */
    LIST_LISTED_TWICE,   /* asks whether a block is listed, and lists it, in two steps */
    LIST_UNTAGGED        /* a head that came back counts as one that never went */
};
static const enum list_fault list_fault;

struct link {
    uint64_t next, listed; /* number of a block + 1, or 0; whether it is in the list */
};

struct list {
    struct naive naive; /* first: what is asked of the frames goes there */
    uint64_t turns;     /* at the frames */
    uint64_t head;      /* as next, and above bit 32 a tag that counts changes */
    struct link *links;
};

/* The step at which frames are taken or freed; it orders them, as the described lock of a block does. */
static void list_turn(struct list *list)
{
    sim_fetch(&list->turns, 1, SIM_ADD, SIM_SEQ_CST, SIM_SITE);
}

static uint64_t list_head(uint64_t before, uint64_t next)
{
    const uint64_t tag = list_fault == LIST_UNTAGGED ? 0 : (before >> 32) + 1;

    return tag << 32 | next;
}

static void list_push(struct list *list, uint64_t block)
{
    uint64_t head = sim_load(&list->head, SIM_SEQ_CST, SIM_SITE);

    do
        sim_store(&list->links[block].next, (uint32_t)head, SIM_SEQ_CST, SIM_SITE);
    while (
        !sim_compare_swap(&list->head, &head, list_head(head, block + 1), false, SIM_SEQ_CST, SIM_SEQ_CST, SIM_SITE));
}

/* Lists a block that has free frames, if it is not listed yet. */
static void list_put(struct list *list, uint64_t block)
{
    uint64_t *listed = &list->links[block].listed;
    uint64_t no = 0;

    if (list->naive.blocks[block].free_count == 0)
        return;
    if (list_fault == LIST_LISTED_TWICE) {
        if (sim_load(listed, SIM_SEQ_CST, SIM_SITE))
            return;
        sim_store(listed, 1, SIM_SEQ_CST, SIM_SITE);
    } else if (!sim_compare_swap(listed, &no, 1, false, SIM_SEQ_CST, SIM_SEQ_CST, SIM_SITE)) {
        return;
    }
    list_push(list, block);
}

/* The first block's number + 1, off the list for a moment; 0: the list is empty. */
static uint64_t list_pop(struct list *list)
{
    uint64_t head = sim_load(&list->head, SIM_SEQ_CST, SIM_SITE);

    while ((uint32_t)head) {
        const uint64_t next = sim_load(&list->links[(uint32_t)head - 1].next, SIM_SEQ_CST, SIM_SITE);

        if (sim_compare_swap(&list->head, &head, list_head(head, next), false, SIM_SEQ_CST, SIM_SEQ_CST, SIM_SITE))
            return (uint32_t)head;
    }
    return 0;
}

static bool list_take_from(struct list *list, uint64_t number, uint64_t *address)
{
    struct block *block = &list->naive.blocks[number];
    const bool *frame;

    list_turn(list);
    frame = memchr(block->free, true, BLOCK_FRAMES);
    if (!frame)
        return false;
    *address = block->base + (uint64_t)(frame - block->free) * FRAME_BYTES;
    set_free(&list->naive, block, (size_t)(frame - block->free), 0, false);
    return true;
}

static enum answer list_alloc(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    struct list *list = self;
    uint64_t number;

    (void)cpu;
    if (order != 0)
        return ANSWER_ARGUMENT;
    while ((number = list_pop(list)) != 0) {
        const bool taken = list_take_from(list, number - 1, address);

        sim_store(&list->links[number - 1].listed, 0, SIM_SEQ_CST, SIM_SITE);
        list_put(list, number - 1); /* after the mark is gone: a frame may have come back meanwhile */
        if (taken)
            return ANSWER_OK;
    }
    if (list_fault == LIST_POPPED_IS_GONE)
        return ANSWER_NO_MEMORY;
    list_turn(list);
    return take(&list->naive, order, limit, address); /* looks at every block itself */
}

static enum answer list_give(struct list *list, uint64_t address, unsigned order, bool any_size)
{
    enum answer answer;

    list_turn(list);
    answer = give(&list->naive, address, order, any_size);
    if (answer == ANSWER_OK)
        list_put(list, (uint64_t)(block_of(&list->naive, address) - list->naive.blocks));
    return answer;
}

static enum answer list_free(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    (void)cpu;
    return list_give(self, address, order, false);
}

static enum answer list_release(void *self, unsigned cpu, uint64_t address)
{
    (void)cpu;
    return list_give(self, address, 0, true);
}

/* At rest each block stands in the list at most once, and does so if it has free frames. */
static const char *list_check(void *self)
{
    const struct list *list = self;
    const char *wrong = inconsistency(&list->naive);
    size_t length = 0;

    if (wrong)
        return wrong;
    for (uint64_t at = (uint32_t)list->head; at != 0; at = list->links[at - 1].next)
        if (++length > list->naive.block_count)
            return "a block stands in the list twice";
    for (size_t i = 0; i < list->naive.block_count; i++) {
        uint64_t at = (uint32_t)list->head;

        while (at != 0 && at != i + 1)
            at = list->links[at - 1].next;
        if (at == 0 && list->naive.blocks[i].free_count > 0)
            return "a block with free frames is not in the list";
    }
    return NULL;
}

static void list_stop(void *self)
{
    struct list *list = self;

    free(list->links);
    empty(&list->naive);
    free(list);
}

static void *list_start(const struct start *start, enum answer *answer)
{
    struct list *list = calloc(1, sizeof(*list));

    *answer = list ? build(&list->naive, start) : ANSWER_METADATA;
    if (*answer == ANSWER_OK && !(list->links = calloc(list->naive.block_count + 1, sizeof(*list->links))))
        *answer = ANSWER_METADATA;
    for (size_t i = 0; *answer == ANSWER_OK && i < list->naive.block_count; i++)
        list_put(list, i);
    if (*answer != ANSWER_OK && list)
        list_stop(list);
    return *answer == ANSWER_OK ? list : NULL;
}

const struct allocator allocator_under_test = {.name = "described list",
                                               .promises = PROMISE_CODES,
                                               .start = list_start,
                                               .stop = list_stop,
                                               .alloc = list_alloc,
                                               .free = list_free,
                                               .release = list_release,
                                               .frame = ask_frame,
                                               .block = ask_block,
                                               .counts = ask_counts,
                                               .check = list_check};

#endif
