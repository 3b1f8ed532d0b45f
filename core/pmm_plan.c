/*
 * The layout of the metadata, from runs of frames that are told in address order. Leaves out what is in the blocks at the
 * start: pmm_init.c.
 */
#include "pmm_plan.h"

const uint64_t pmm_zone_end[PMM_ZONES] = {
    (UINT64_C(16) << 20) >> PMM_FRAME_SHIFT,
    (UINT64_C(4) << 30) >> PMM_FRAME_SHIFT,
    PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT,
};

/* One by one: for an initializer compilers may call memset. */
void pmm_plan_begin(struct pmm_plan *plan)
{
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        plan->managed[zone] = plan->later[zone] = 0;
        plan->before[zone] = 0;
        plan->main[zone].frame = plan->main[zone].count = 0;
        plan->main[zone].number = 0;
    }
    plan->end = 0;
    plan->blocks = plan->segments = plan->edges = plan->in_block = 0;
    plan->last.frame = plan->last.count = 0;
    plan->last.number = 0;
}

/* ---- runs ---- */

/* The last block, address / 2 MiB, is the one that holds `frame`. */
static bool is_last_block(const struct pmm_plan *plan, uint64_t frame)
{
    return plan->blocks && (plan->end - 1) / PMM_BLOCK_FRAMES == frame / PMM_BLOCK_FRAMES;
}

uint64_t pmm_plan_part(uint64_t first, uint64_t end)
{
    const uint64_t block_end = (first / PMM_BLOCK_FRAMES + 1) * PMM_BLOCK_FRAMES;
    const uint64_t zone_end = pmm_zone_end[pmm_zone_of_frame(first)];

    if (first % PMM_BLOCK_FRAMES || end < block_end)
        return pmm_smaller(end, block_end);
    return pmm_smaller(end, zone_end) / PMM_BLOCK_FRAMES * PMM_BLOCK_FRAMES;
}

/* `count` blocks from `frame` on are wholly managed; the last of them is the last of all. */
static void add_whole(struct pmm_plan *plan, uint64_t frame, uint64_t count)
{
    const unsigned zone = pmm_zone_of_frame(frame);
    struct pmm_blocks *last = &plan->last;

    if (last->count && last->frame + last->count * PMM_BLOCK_FRAMES == frame &&
        pmm_zone_of_frame(last->frame) == zone) {
        last->count += count;
    } else {
        last->frame = frame;
        last->count = count;
        last->number = plan->blocks - (uint32_t)count;
    }
    if (last->count > plan->main[zone].count)
        plan->main[zone] = *last;
}

void pmm_plan_add(struct pmm_plan *plan, struct pmm_scribe *scribe, uint64_t first, uint64_t end, bool later)
{
    const uint64_t place = first / PMM_BLOCK_FRAMES, count = (end - 1) / PMM_BLOCK_FRAMES - place + 1;
    const unsigned zone = pmm_zone_of_frame(first);

    if (!is_last_block(plan, first)) {
        if (plan->blocks == 0 || (plan->end - 1) / PMM_BLOCK_FRAMES + 1 != place) {
            if (scribe)
                pmm_put(scribe, (uint64_t *)pmm_at(scribe->pmm, scribe->pmm->segments_at) + plan->segments,
                        place << 32 | plan->blocks);
            plan->segments++;
        }
        plan->in_block = 0;
        plan->blocks += (uint32_t)count;
        for (unsigned z = zone; z < PMM_ZONES; z++)
            plan->before[z] += (uint32_t)count;
    }
    plan->managed[zone] += end - first;
    if (later)
        plan->later[zone] += end - first;
    plan->end = end;
    plan->in_block += count > 1 ? PMM_BLOCK_FRAMES : (uint32_t)(end - first);
    if (plan->in_block == PMM_BLOCK_FRAMES)
        add_whole(plan, place * PMM_BLOCK_FRAMES, count);
}

void pmm_plan_edge(struct pmm_plan *plan, struct pmm_scribe *scribe, uint64_t frame, enum pmm_edge_kind kind)
{
    if (scribe)
        pmm_put(scribe, (uint64_t *)pmm_at(scribe->pmm, scribe->pmm->edges_at) + plan->edges,
                frame << 2 | (uint64_t)kind);
    plan->edges++;
}

/* ---- layout ---- */

/* Words of all levels of an index. */
static uint64_t index_words(uint32_t blocks)
{
    uint64_t words = blocks, all = 0;

    do {
        words = (words + 63) / 64;
        all += words;
    } while (words > 1);
    return all;
}

uint64_t pmm_plan_bytes(const struct pmm_plan *plan, uint32_t cpus)
{
    return sizeof(struct pmm) + (uint64_t)cpus * sizeof(struct pmm_cpu) +
           8 * ((uint64_t)plan->blocks * (PMM_BLOCK_WORDS + 1) + 2 * index_words(plan->blocks) +
                ((uint64_t)plan->segments + 1) + plan->edges + PMM_DIRECTORY_BUCKETS / 2 + 1);
}

/* Lays `words` out at *offset, which moves on. */
static void lay(struct pmm_scribe *scribe, uint64_t *at, uint64_t *offset, uint64_t words)
{
    pmm_put(scribe, at, *offset);
    *offset += words * 8;
}

/* Both indexes have the same shape; levels that are not there lie at 0. */
static void lay_index(struct pmm_scribe *scribe, struct pmm_index *index, uint64_t *offset, uint32_t blocks)
{
    uint64_t words = blocks;
    uint32_t level = 0;

    do {
        words = (words + 63) / 64;
        lay(scribe, &index->at[level++], offset, words);
    } while (words > 1);
    pmm_put_32(scribe, &index->levels, level);
    while (level < PMM_INDEX_LEVELS)
        pmm_put(scribe, &index->at[level++], 0);
}

static void lay_main(struct pmm_scribe *scribe, struct pmm_main *main, const struct pmm_blocks *blocks)
{
    const struct pmm *pmm = scribe->pmm;
    const uint64_t number = blocks->number;

    pmm_put(scribe, &main->first, blocks->frame / PMM_WORD_FRAMES);
    pmm_put(scribe, &main->words, blocks->count * PMM_BLOCK_WORDS);
    pmm_put(scribe, &main->bitmap_at, pmm->bitmap_at + number * PMM_BLOCK_WORDS * sizeof(pmm_atomic));
    pmm_put(scribe, &main->states_at, pmm->states_at + number * sizeof(pmm_atomic));
    pmm_put(scribe, &main->own, pmm_own_word((pmm_block){blocks->number}, 0));
}

void pmm_plan_layout(const struct pmm_plan *plan, struct pmm_scribe *scribe, uint32_t cpus)
{
    struct pmm *pmm = scribe->pmm;
    uint64_t offset = sizeof(struct pmm) + (uint64_t)cpus * sizeof(struct pmm_cpu);

    pmm_put_32(scribe, &pmm->version, PMM_VERSION);
    pmm_put_32(scribe, &pmm->cpus, cpus);
    pmm_put(scribe, &pmm->bytes, pmm_plan_bytes(plan, cpus));
    pmm_put_32(scribe, &pmm->blocks, plan->blocks);
    pmm_put_32(scribe, &pmm->segments, plan->segments);
    pmm_put_32(scribe, &pmm->edges, plan->edges);
    lay(scribe, &pmm->bitmap_at, &offset, (uint64_t)plan->blocks * PMM_BLOCK_WORDS);
    lay(scribe, &pmm->states_at, &offset, plan->blocks);
    lay_index(scribe, &pmm->partial, &offset, plan->blocks);
    lay_index(scribe, &pmm->whole, &offset, plan->blocks);
    lay(scribe, &pmm->segments_at, &offset, (uint64_t)plan->segments + 1);
    lay(scribe, &pmm->edges_at, &offset, plan->edges);
    lay(scribe, &pmm->directory_at, &offset, PMM_DIRECTORY_BUCKETS / 2 + 1);
}

void pmm_plan_head(const struct pmm_plan *plan, struct pmm_scribe *scribe, uint32_t cpus)
{
    struct pmm *pmm = scribe->pmm;
    uint32_t shift = 0;

    pmm_plan_layout(plan, scribe, cpus);
    pmm_put(scribe, &pmm->end, plan->end << PMM_FRAME_SHIFT);
    pmm_put_32(scribe, &pmm->zone_first[0], 0);
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        pmm_put(scribe, &pmm->managed[zone], plan->managed[zone]);
        pmm_put_32(scribe, &pmm->zone_first[zone + 1], plan->before[zone]);
    }
    while ((plan->end / PMM_BLOCK_FRAMES) >> shift >= PMM_DIRECTORY_BUCKETS)
        shift++;
    pmm_put_32(scribe, &pmm->directory_shift, shift);
    for (unsigned zone = 0; zone < PMM_ZONES; zone++)
        lay_main(scribe, &pmm->main[zone], &plan->main[zone]);
}

/* directory[k]: the last segment that begins at or before bucket k; one more than buckets, and one to fill the word. */
void pmm_plan_directory(struct pmm_scribe *scribe)
{
    struct pmm *pmm = scribe->pmm;
    uint32_t *directory = pmm_at(pmm, pmm->directory_at);
    uint64_t *segments = pmm_at(pmm, pmm->segments_at);
    uint32_t segment = 0;

    pmm_put(scribe, &segments[pmm->segments], pmm->blocks); /* where the last segment ends */
    for (uint64_t bucket = 0; bucket < PMM_DIRECTORY_BUCKETS + 2; bucket++) {
        while (segment + 1 < pmm->segments && segments[segment + 1] >> 32 <= bucket << pmm->directory_shift)
            segment++;
        pmm_put_32(scribe, &directory[bucket], segment);
    }
}
