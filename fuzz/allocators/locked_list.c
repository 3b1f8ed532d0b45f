/* A linked list of free frames for each zone, under one lock: last in, first out. Serves no 2 MiB frames. */
#include "naive_list.h"

struct own {
    link *links;
    link heads[ZONE_COUNT];
};
static const char own_name[] = "locked_list";
enum { OWN_PROMISES = PROMISE_ZONES | PROMISE_CODES };

#include "naive_table.h"

static bool own_begin(struct instance *instance)
{
    struct own *own = &instance->own;

    own->links = links_new(&instance->naive);
    if (own->links)
        push_all(&instance->naive, own->links, own->heads);
    return own->links != NULL;
}

static void own_end(struct instance *instance)
{
    free(instance->own.links);
}

static bool own_take(struct instance *instance, enum zone zone, unsigned order, uint64_t *address)
{
    struct own *own = &instance->own;
    size_t frame;

    if (!own->heads[zone])
        return false;
    frame = pop(own->links, &own->heads[zone]);
    *address = address_of(&instance->naive, frame);
    set_free(&instance->naive, &instance->naive.blocks[frame / BLOCK_FRAMES], frame % BLOCK_FRAMES, order, false);
    return true;
}

static void own_give(struct instance *instance, uint64_t address, unsigned order)
{
    set_given(&instance->naive, address, order);
    push(instance->own.links, &instance->own.heads[zone_of(address)], number_of(&instance->naive, address));
}

static const char *own_inconsistency(const struct instance *instance)
{
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++) {
        size_t length = 0;
        const char *wrong =
            list_inconsistency(&instance->naive, instance->own.links, instance->own.heads[zone], &length);

        if (wrong)
            return wrong;
        if (length != instance->naive.zones[zone].free)
            return "a zone's list is not as long as it has free frames";
    }
    return NULL;
}
