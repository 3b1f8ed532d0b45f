/* Locations of a run, see sim_location.h: what is done once for each of them. */
#include "sim_location.h"

#include <string.h>

struct location_slot location_slots[LOCATION_SLOTS];
struct location locations[LOCATIONS + 1];
uint32_t location_run;
static uint32_t count;

static void clear(struct location *location, uint32_t number)
{
    memset(location, 0, sizeof *location);
    location->number = (uint16_t)number;
    location->writer = NO_CONTEXT;
}

void location_begin(void)
{
    if (++location_run == 0) {
        memset(location_slots, 0, sizeof location_slots);
        location_run = 1;
    }
    count = 0;
    clear(&locations[LOCATIONS], LOCATIONS);
}

struct location *location_search(uintptr_t address, uint32_t slot)
{
    for (; location_slots[slot].run == location_run; slot = (slot + 1) % LOCATION_SLOTS)
        if (location_slots[slot].address == address)
            return &locations[location_slots[slot].number];
    if (count == LOCATIONS)
        return &locations[LOCATIONS];
    location_slots[slot] = (struct location_slot){address, location_run, count};
    clear(&locations[count], count);
    return &locations[count++];
}
