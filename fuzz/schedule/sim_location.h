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

struct location {
    uint32_t number;
    uint32_t writer_site;
    uint32_t writer;         /* context: CPU and depth; NO_CONTEXT: not in this run */
    uint64_t changed;        /* 1 + time; 0: not in this run */
    uint64_t read[CONTEXTS]; /* when each last read it, as above */
};

void location_begin(void);
struct location *location_find(const void *at);

/* The running CPU and depth. */
static inline unsigned sim_context(void)
{
    return sim.running->number * (SCHEDULE_DEPTH + 1u) + sim.running->depth;
}

#endif
