/* Questions on a real thread: only what holds whatever others do can be judged. */
#include "stress.h"

void stress_ask_stats(struct worker *worker)
{
    const struct world *world = worker->world;
    struct counts zones[ZONE_COUNT];

    if (!world->allocator->counts)
        return;
    worker->calls++;
    world->allocator->counts(world->self, zones);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++)
        if (zones[zone].free > zones[zone].managed)
            stress_fail("more frames free than there are, zone number", zone);
}

void stress_ask_state(struct worker *worker, uint64_t address)
{
    enum frame_state state;

    worker->calls++;
    if (worker->world->allocator->frame)
        worker->world->allocator->frame(worker->world->self, address, &state);
}
