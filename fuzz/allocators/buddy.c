/*
 * A plain buddy allocator: for each zone and each order from 0 to 9 a list of free runs, halves split off, neighbours
 * merged, one lock. No run is larger than a block.
 */
#include "naive_frames.h"

enum { ORDERS = BLOCK_ORDER + 1 };

/* Runs are named by their first frame; the lists are doubly linked, since a neighbour is merged wherever it stands. */
struct own {
    uint32_t *next; /* frame + 1, or 0 */
    uint32_t *previous;
    uint8_t *order; /* of the free run that begins at a frame, + 1; 0: none does */
    uint32_t heads[ZONE_COUNT][ORDERS];
};
static const char own_name[] = "buddy";
enum { OWN_PROMISES = PROMISE_LARGE | PROMISE_ZONES | PROMISE_PLACEMENT | PROMISE_CODES };

#include "naive_table.h"

static uint32_t *head_of(struct instance *instance, size_t run, unsigned order)
{
    return &instance->own.heads[instance->naive.blocks[run / BLOCK_FRAMES].zone][order];
}

static void list(struct instance *instance, size_t run, unsigned order)
{
    struct own *own = &instance->own;
    uint32_t *head = head_of(instance, run, order);

    own->next[run] = *head;
    own->previous[run] = 0;
    if (*head)
        own->previous[*head - 1] = (uint32_t)run + 1;
    *head = (uint32_t)run + 1;
    own->order[run] = (uint8_t)(order + 1);
}

static void unlist(struct instance *instance, size_t run, unsigned order)
{
    struct own *own = &instance->own;

    if (own->previous[run])
        own->next[own->previous[run] - 1] = own->next[run];
    else
        *head_of(instance, run, order) = own->next[run];
    if (own->next[run])
        own->previous[own->next[run] - 1] = own->previous[run];
    own->order[run] = 0;
}

/* The free run, and its free neighbours with it. */
static void merge(struct instance *instance, size_t run, unsigned order)
{
    for (; order < BLOCK_ORDER; order++) {
        const size_t buddy = run ^ (size_t)1 << order;

        if (instance->own.order[buddy] != order + 1)
            break;
        unlist(instance, buddy, order);
        run = run < buddy ? run : buddy;
    }
    list(instance, run, order);
}

static bool own_begin(struct instance *instance)
{
    const struct naive *naive = &instance->naive;
    const size_t frames = naive->block_count * BLOCK_FRAMES;

    instance->own.next = calloc(frames + 1, sizeof(uint32_t));
    instance->own.previous = calloc(frames + 1, sizeof(uint32_t));
    instance->own.order = calloc(frames + 1, sizeof(uint8_t));
    if (!instance->own.next || !instance->own.previous || !instance->own.order)
        return false;
    for (size_t run = frames; run-- > 0;) {
        const struct block *block = &naive->blocks[run / BLOCK_FRAMES];

        if (block->free_count < BLOCK_FRAMES && block->managed[run % BLOCK_FRAMES])
            merge(instance, run, 0);
        else if (block->free_count == BLOCK_FRAMES && run % BLOCK_FRAMES == 0)
            list(instance, run, BLOCK_ORDER);
    }
    return true;
}

static void own_end(struct instance *instance)
{
    free(instance->own.next);
    free(instance->own.previous);
    free(instance->own.order);
}

static bool own_take(struct instance *instance, enum zone zone, unsigned order, uint64_t *address)
{
    struct naive *naive = &instance->naive;
    unsigned found = order;
    size_t run;

    while (found < ORDERS && !instance->own.heads[zone][found])
        found++;
    if (found == ORDERS)
        return false;
    run = instance->own.heads[zone][found] - 1;
    unlist(instance, run, found);
    while (found > order) { /* the upper half stays */
        found--;
        list(instance, run + ((size_t)1 << found), found);
    }
    *address = address_of(naive, run);
    set_free(naive, &naive->blocks[run / BLOCK_FRAMES], run % BLOCK_FRAMES, order, false);
    return true;
}

static void own_give(struct instance *instance, uint64_t address, unsigned order)
{
    set_given(&instance->naive, address, order);
    merge(instance, number_of(&instance->naive, address), order);
}

/* Every run in a list is free and as large as it can be. */
static const char *own_inconsistency(const struct instance *instance)
{
    const struct naive *naive = &instance->naive;

    for (size_t run = 0, end; run < naive->block_count * BLOCK_FRAMES; run = end) {
        const struct block *block = &naive->blocks[run / BLOCK_FRAMES];
        const unsigned order = instance->own.order[run];

        end = order == 0 ? run + 1 : run + ((size_t)1 << (order - 1));
        if (order == 0 && block->free[run % BLOCK_FRAMES])
            return "a free frame is in no run";
        for (size_t frame = run; order && frame < end; frame++) {
            if (!block->free[frame % BLOCK_FRAMES])
                return "a frame of a free run is not free";
        }
        if (order && order <= BLOCK_ORDER && instance->own.order[run ^ (end - run)] == order)
            return "two free neighbours are not merged";
    }
    return NULL;
}
