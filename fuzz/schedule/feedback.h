/*
 * Feedback about interleavings for the engines: code coverage alone sees no difference between two schedules. A hit
 * is a number made of what happened and the ids of the sites where, so it is the same in each run of an input.
 */
#ifndef FUZZ_FEEDBACK_H
#define FUZZ_FEEDBACK_H

#include "sim.h"
#include "sim_location.h"

enum feedback {
    FEEDBACK_READS_FROM,  /* a site read what another site wrote, on another CPU or at another depth */
    FEEDBACK_FAILED_SWAP, /* and the site that interfered */
    FEEDBACK_ABA,
    FEEDBACK_SWITCH,
    FEEDBACK_INTERRUPT,
    FEEDBACK_STALE,
};

void feedback_begin(void);
void feedback_first(uint32_t index);

static inline void feedback_hit(enum feedback what, uint32_t a, uint32_t b)
{
    const uint64_t mixed = ((uint64_t)a * 3 + what) * UINT64_C(0x9e3779b97f4a7c15) ^ b * UINT64_C(0xd6e8feb86659fd93);
    const uint32_t index = (uint32_t)((mixed * UINT64_C(0xff51afd7ed558ccd)) >> 40) % SIM_FEEDBACK;

    if (!sim_feedback[index])
        feedback_first(index);
}

static inline void feedback_switch(const struct sim_site *left, const struct sim_site *entered)
{
    feedback_hit(FEEDBACK_SWITCH, left ? left->id : 0, entered ? entered->id : 0);
}

static inline void feedback_interrupt(const struct sim_site *site, unsigned handler)
{
    feedback_hit(FEEDBACK_INTERRUPT, site->id, handler);
}

static inline void feedback_read(const struct location *location, const struct sim_site *site)
{
    if (location->writer != NO_CONTEXT && location->writer != sim_context())
        feedback_hit(FEEDBACK_READS_FROM, location->writer_site, site->id);
}

#endif
