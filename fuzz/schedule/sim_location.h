/*
 * What a run remembers of each atomic location: who wrote it last and when it changed, for feedback and the trace;
 * where its history of stores is, for weak memory. Found by address; nothing depends on where memory lies.
 */
#ifndef FUZZ_SIM_LOCATION_H
#define FUZZ_SIM_LOCATION_H

#include "sim_state.h"

enum {
    LOCATIONS = 1024, /* in a run; further ones share one, and have no history */
    CONTEXTS = SIM_CPUS * (SCHEDULE_DEPTH + 1),
    NO_CONTEXT = CONTEXTS,
};

/* One line of a cache. Times are 1 + time; 0: not in this run. */
struct location {
    uint16_t number;
    uint16_t writer; /* context: CPU and depth; NO_CONTEXT: not in this run */
    uint32_t writer_site;
    uint32_t changed;
    uint32_t read[CONTEXTS]; /* when each last read it */
};

struct location_slot {
    uintptr_t address;
    uint32_t run;
    uint32_t number;
};

/* sim_location.c: an open hash table that a new run empties by counting runs. */
enum { LOCATION_SLOTS = 4 * LOCATIONS };
extern struct location_slot location_slots[LOCATION_SLOTS];
extern struct location locations[LOCATIONS + 1]; /* the last one for those that found no room */
extern uint32_t location_run;

void location_begin(void);
struct location *location_search(uintptr_t address, uint32_t slot); /* from this slot on; added when it is new */

/* Counted from the region's start, so that equal places of two instances fall on the same, warm lines of the table. */
static inline struct location *location_find(const void *at)
{
    const uintptr_t address = (uintptr_t)at - sim.region;
    const uint32_t slot = (uint32_t)((uint64_t)address * UINT64_C(0x9e3779b97f4a7c15) >> 32) % LOCATION_SLOTS;

    if (location_slots[slot].address == address && location_slots[slot].run == location_run)
        return &locations[location_slots[slot].number];
    return location_search(address, slot);
}

/* The running CPU and depth. */
static inline unsigned sim_context(void)
{
    return sim.running->number * (SCHEDULE_DEPTH + 1u) + sim.running->depth;
}

#endif
