/*
 * Taking metadata over: whether what never changes after the start is sound. Its edges (which frames are managed) are
 * checked by themselves; all else that never changes follows from them and is compared, so that no pattern of bytes makes
 * a later call read out of bounds. Leaves out what calls change: pmm_check.c.
 */
#include "pmm_plan.h"

/* ---- checksum ---- */

static uint64_t sum_words(uint64_t sum, const void *from, const void *to)
{
    for (const uint64_t *at = from; at < (const uint64_t *)to; at++) {
        sum = (sum ^ *at) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29;
    }
    return sum;
}

/* From behind it to the first word that calls change. */
uint64_t pmm_checksum_head(const struct pmm *pmm)
{
    return sum_words(PMM_MAGIC, &pmm->checksum + 1, &pmm->hints_raised);
}

/* Segments, edges and directory. */
uint64_t pmm_checksum_tables(const struct pmm *pmm)
{
    return sum_words(PMM_MAGIC, pmm_at(pmm, pmm->segments_at), pmm_at(pmm, pmm->bytes));
}

/* ---- what follows from the edges ---- */

/* The offsets in the head are those of its counts, so that everything lies inside. Only the counts are trusted. */
static bool layout_is_sound(const struct pmm *pmm, uint64_t bytes)
{
    struct pmm_scribe scribe = {(struct pmm *)(uintptr_t)pmm, true, false};
    struct pmm_plan plan;

    if (pmm->cpus < 1 || pmm->cpus > PMM_MOST_CPUS || pmm->segments > pmm->blocks)
        return false;
    pmm_plan_begin(&plan);
    plan.blocks = pmm->blocks;
    plan.segments = pmm->segments;
    plan.edges = pmm->edges;
    if (pmm_plan_bytes(&plan, pmm->cpus) > bytes)
        return false;
    pmm_plan_layout(&plan, &scribe, pmm->cpus);
    return !scribe.differs;
}

/* Ascending, each another kind than the one before, a hole at the end. */
static bool edges_are_sound(const struct pmm *pmm)
{
    const uint64_t *edges = pmm_at(pmm, pmm->edges_at);
    uint64_t kind = PMM_EDGE_HOLE;

    for (uint32_t i = 0; i < pmm->edges; i++) {
        if (edges[i] >> 2 > PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT || (i && edges[i] >> 2 <= edges[i - 1] >> 2) ||
            (edges[i] & 3) == kind || (edges[i] & 3) > PMM_EDGE_MANAGED)
            return false;
        kind = edges[i] & 3;
    }
    return kind == PMM_EDGE_HOLE;
}

/* Adds the managed runs that the edges tell; with a scribe, compares the segments. */
static void add_edges(struct pmm_plan *plan, struct pmm_scribe *scribe, const struct pmm *pmm)
{
    const uint64_t *edges = pmm_at(pmm, pmm->edges_at);

    pmm_plan_begin(plan);
    plan->edges = pmm->edges;
    for (uint32_t i = 0; i + 1 < pmm->edges; i++) {
        uint64_t first = edges[i] >> 2, end = edges[i + 1] >> 2, part;

        for (; (edges[i] & 3) == PMM_EDGE_MANAGED && first < end; first = part) {
            part = pmm_plan_part(first, end);
            pmm_plan_add(plan, scribe, first, part, false);
        }
    }
}

static bool head_is_sound(const struct pmm *pmm)
{
    struct pmm_scribe scribe = {(struct pmm *)(uintptr_t)pmm, true, false};
    struct pmm_plan plan;

    add_edges(&plan, 0, pmm);
    pmm_plan_head(&plan, &scribe, pmm->cpus);
    return !scribe.differs;
}

static bool tables_are_sound(const struct pmm *pmm)
{
    struct pmm_scribe scribe = {(struct pmm *)(uintptr_t)pmm, true, false};
    struct pmm_plan plan;

    add_edges(&plan, &scribe, pmm);
    pmm_plan_directory(&scribe);
    return !scribe.differs;
}

/* In this order: each reads only what the one before has found to be inside. */
const char *pmm_unsound(const struct pmm *pmm, uint64_t bytes)
{
    if (pmm->magic != PMM_MAGIC || pmm->version != PMM_VERSION)
        return "magic and version";
    if (pmm_checksum_head(pmm) != pmm->checksum)
        return "the checksum of the head";
    if (!layout_is_sound(pmm, bytes))
        return "the layout of the metadata";
    if (pmm_checksum_tables(pmm) != pmm->tables_checksum)
        return "the checksum of segments, edges and directory";
    if (!edges_are_sound(pmm))
        return "the edges between managed, reserved and holes";
    if (!head_is_sound(pmm))
        return "the head does not follow from the edges";
    if (!tables_are_sound(pmm))
        return "segments and directory do not follow from the edges";
    return 0;
}

enum pmm_status pmm_attach(void *metadata, uint64_t bytes, struct pmm **out)
{
    struct pmm *pmm = metadata;

    if (!metadata || (uintptr_t)metadata % PMM_ALIGNMENT || !out)
        return PMM_ERR_ARGUMENT;
    if (bytes < sizeof(struct pmm))
        return PMM_ERR_METADATA;
    if (pmm_unsound(pmm, bytes)) /* an image that is sound as far as its head tells, but cut off, is only too short */
        return pmm->magic == PMM_MAGIC && pmm_checksum_head(pmm) == pmm->checksum && bytes < pmm->bytes &&
                       layout_is_sound(pmm, pmm->bytes)
                   ? PMM_ERR_METADATA
                   : PMM_ERR_CORRUPT;
    *out = pmm;
    return PMM_OK;
}
