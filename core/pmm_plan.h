/*
 * What runs of frames need of the metadata, private to core/: counted (pmm_plan.c), and then either written at the start
 * (pmm_init.c) or compared with what is there when metadata is taken over (pmm_attach.c). One description of the layout
 * serves all three.
 */
#ifndef PMM_PLAN_H
#define PMM_PLAN_H

#include "pmm_index.h"
#include "pmm_map.h"

/* `count` blocks beside each other, all of whose frames are managed, in one zone. */
struct pmm_blocks {
    uint64_t frame; /* the first */
    uint64_t count;
    uint32_t number;
};

/* What the runs seen so far, in address order, add up to. */
struct pmm_plan {
    uint64_t managed[PMM_ZONES];
    uint64_t later[PMM_ZONES];
    uint64_t end;               /* of the highest managed frame, in frames */
    uint32_t before[PMM_ZONES]; /* blocks below the end of each zone */
    uint32_t blocks, segments, edges;
    uint32_t in_block;                 /* managed frames of the last block, so far */
    struct pmm_blocks last;            /* to which the last block belongs, if it is wholly managed */
    struct pmm_blocks main[PMM_ZONES]; /* the longest */
};

/* Writes words, or compares them. A null one does neither: then the plan only counts. */
struct pmm_scribe {
    struct pmm *pmm;
    bool compares;
    bool differs; /* from what was compared */
};

static inline void pmm_put(struct pmm_scribe *scribe, uint64_t *at, uint64_t value)
{
    if (!scribe->compares)
        *at = value;
    else if (*at != value)
        scribe->differs = true;
}

static inline void pmm_put_32(struct pmm_scribe *scribe, uint32_t *at, uint32_t value)
{
    if (!scribe->compares)
        *at = value;
    else if (*at != value)
        scribe->differs = true;
}

/* End of each zone, in frames. */
extern const uint64_t pmm_zone_end[PMM_ZONES];

static inline unsigned pmm_zone_of_frame(uint64_t frame)
{
    unsigned zone = PMM_ZONE_DMA;

    while (frame >= pmm_zone_end[zone])
        zone++;
    return zone;
}

static inline uint64_t pmm_smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void pmm_plan_begin(struct pmm_plan *plan);

/* Where the first part of [first, end) ends: frames of one block that do not fill it, or whole blocks of one zone. */
uint64_t pmm_plan_part(uint64_t first, uint64_t end);

/* Managed frames [first, end), one such part, above all before; notes the segment that they begin, if they do. */
void pmm_plan_add(struct pmm_plan *plan, struct pmm_scribe *scribe, uint64_t first, uint64_t end, bool later);

/* From `frame` on, frames are of this kind. */
void pmm_plan_edge(struct pmm_plan *plan, struct pmm_scribe *scribe, uint64_t frame, enum pmm_edge_kind kind);

/* Bytes of metadata. */
uint64_t pmm_plan_bytes(const struct pmm_plan *plan, uint32_t cpus);

/* The part of the head that follows from the numbers of blocks, segments, edges and CPUs: offsets and size. */
void pmm_plan_layout(const struct pmm_plan *plan, struct pmm_scribe *scribe, uint32_t cpus);

/* All of the head: that, and the frames, the zones, the longest runs. */
void pmm_plan_head(const struct pmm_plan *plan, struct pmm_scribe *scribe, uint32_t cpus);

/* What follows from the segments. */
void pmm_plan_directory(struct pmm_scribe *scribe);

/* pmm_attach.c: of what never changes after the start; the tables first, whose checksum is in the head. */
uint64_t pmm_checksum_tables(const struct pmm *pmm);
uint64_t pmm_checksum_head(const struct pmm *pmm);

/* pmm_attach.c: what is wrong with that, or null; reads `bytes` bytes at most. */
const char *pmm_unsound(const struct pmm *pmm, uint64_t bytes);

#endif
