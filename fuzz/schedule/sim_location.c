/* Locations of a run, see sim_location.h: an open hash table that a new run empties by counting runs. */
#include "sim_location.h"

#include <string.h>

enum { SLOTS = 4 * LOCATIONS };

static struct {
    uintptr_t address;
    uint32_t run;
    uint32_t number;
} slots[SLOTS];

static struct location locations[LOCATIONS + 1]; /* the last one for those that found no room */
static uint32_t run, count;

static void clear(struct location *location, uint32_t number)
{
    memset(location, 0, sizeof *location);
    location->number = number;
    location->writer = NO_CONTEXT;
}

void location_begin(void)
{
    if (++run == 0) {
        memset(slots, 0, sizeof slots);
        run = 1;
    }
    count = 0;
    clear(&locations[LOCATIONS], LOCATIONS);
}

struct location *location_find(const void *at)
{
    const uintptr_t address = (uintptr_t)at;
    uint32_t slot = (uint32_t)((uint64_t)address * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SLOTS;

    for (; slots[slot].run == run; slot = (slot + 1) % SLOTS)
        if (slots[slot].address == address)
            return &locations[slots[slot].number];
    if (count == LOCATIONS)
        return &locations[LOCATIONS];
    slots[slot].address = address;
    slots[slot].run = run;
    slots[slot].number = count;
    clear(&locations[count], count);
    return &locations[count++];
}
