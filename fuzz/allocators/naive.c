/*
 * A deliberately naive allocator under the suite: a bool per frame, first fit, one lock. It keeps every
 * promise but the budget, so that the suite has a second opinion beside the model, and a first adapter to
 * read. It shares no code with the model. Refuses maps of more than 16 GiB of memory.
 */
#include "naive_frames.h"

struct own { /* the bools of naive_frames.h are all there is */
    char nothing;
};
static const char own_name[] = "naive";
enum { OWN_PROMISES = PROMISE_ALL & ~(PROMISE_BUDGET | PROMISE_LATER) };

#include "naive_table.h"

static bool own_begin(struct instance *instance)
{
    (void)instance;
    return true;
}

static void own_end(struct instance *instance)
{
    (void)instance;
}

static bool own_take(struct instance *instance, enum zone zone, unsigned order, uint64_t *address)
{
    return take_in_zone(&instance->naive, zone, order, address);
}

static void own_give(struct instance *instance, uint64_t address, unsigned order)
{
    set_given(&instance->naive, address, order);
}

static const char *own_inconsistency(const struct instance *instance)
{
    (void)instance;
    return NULL;
}
