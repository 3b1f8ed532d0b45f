/*
 * Start-up: how much metadata a map needs, where it could lie, and writing it. One sweep over the map that counts and one
 * that writes; time per block, not per frame. Leaves out what the map means (pmm_map.c), the layout (pmm_plan.c), and
 * taking metadata over (pmm_attach.c).
 */
#include "pmm_plan.h"

enum { CUT_WORDS = 3 }; /* cutting the metadata's place out of a run makes two edges and one segment more */

/* ---- blocks at the start ---- */

/* Frames [first, end) of the last block, whose other frames, if managed, are others' or later. */
static void fill_partly(struct pmm *pmm, const struct pmm_plan *plan, uint64_t first, uint64_t end, bool later)
{
    const pmm_block block = {plan->blocks - 1};
    const uint64_t base = first / PMM_BLOCK_FRAMES * PMM_BLOCK_FRAMES;
    pmm_atomic *words = pmm_words(pmm, block), *state = pmm_state(pmm, block);
    pmm_atomic *hints = &pmm_level(pmm, &pmm->partial, 0)[block.number / 64];

    if (plan->in_block == end - first) { /* the first of this block */
        pmm_fill(words, 0, PMM_BLOCK_WORDS);
        pmm_store(state, pmm_state_make(PMM_BLOCK_OPEN, pmm_zone_of_frame(base), true));
    }
    if (plan->in_block == PMM_BLOCK_FRAMES)
        pmm_store(state, pmm_load(state) & ~PMM_STATE_RAGGED);
    if (later)
        return;
    while (first < end) {
        const unsigned word = (unsigned)((first - base) / PMM_WORD_FRAMES);
        const uint64_t next = pmm_smaller(base + (word + 1) * PMM_WORD_FRAMES, end);
        const uint64_t bits = (UINT64_MAX >> (64 - (next - first))) << (first - base) % PMM_WORD_FRAMES;

        pmm_store(&words[word], pmm_load(&words[word]) | (bits & PMM_WORD_FREE));
        if (bits >> PMM_WORD_LAST)
            pmm_store(state, pmm_load(state) | pmm_state_last_bit(word));
        first = next;
    }
    pmm_store(hints, pmm_load(hints) | UINT64_C(1) << (block.number % 64));
}

/* `count` blocks, the last ones so far, all of whose frames are free, or all managed later. */
static void fill_wholly(struct pmm *pmm, const struct pmm_plan *plan, uint64_t frame, uint64_t count, bool later)
{
    const unsigned zone = pmm_zone_of_frame(frame);
    const uint64_t state = later ? pmm_state_make_taken(zone) : pmm_state_make(PMM_BLOCK_WHOLE, zone, false);
    const pmm_block block = {plan->blocks - (uint32_t)count};
    uint64_t bit = block.number, end = bit + count;

    pmm_fill(pmm_words(pmm, block), pmm_state_sealed_word(state), count * PMM_BLOCK_WORDS);
    pmm_fill(pmm_state(pmm, block), state, count);
    while (!later && bit < end) {
        pmm_atomic *hints = &pmm_level(pmm, &pmm->whole, 0)[bit / 64];
        const uint64_t next = pmm_smaller((bit / 64 + 1) * 64, end);

        pmm_store(hints, pmm_load(hints) | (UINT64_MAX >> (64 - (next - bit))) << bit % 64);
        bit = next;
    }
}

static PMM_NOINLINE void add_run(struct pmm_plan *plan, struct pmm_scribe *scribe, const struct pmm_run *run)
{
    const bool later = run->kind == PMM_RUN_LATER;
    uint64_t first = run->first;

    while (first < run->end) {
        const uint64_t end = pmm_plan_part(first, run->end);
        const uint64_t count = (end - first) / PMM_BLOCK_FRAMES;

        pmm_plan_add(plan, scribe, first, end, later);
        if (scribe && count)
            fill_wholly(scribe->pmm, plan, first, count, later);
        else if (scribe)
            fill_partly(scribe->pmm, plan, first, end, later);
        first = end;
    }
}

/* Adds all that a sweep comes by; with a scribe, writes it. */
static PMM_NOINLINE void add_window(struct pmm_plan *plan, struct pmm_scribe *scribe, struct pmm_window *window)
{
    static const enum pmm_edge_kind kinds[] = {
        [PMM_RUN_HOLE] = PMM_EDGE_HOLE,
        [PMM_RUN_RESERVED] = PMM_EDGE_RESERVED,
        [PMM_RUN_MANAGED] = PMM_EDGE_MANAGED,
        [PMM_RUN_LATER] = PMM_EDGE_MANAGED,
    };
    enum pmm_edge_kind kind = PMM_EDGE_HOLE;
    struct pmm_sweep sweep;
    struct pmm_run run;

    pmm_plan_begin(plan);
    pmm_sweep_begin(&sweep, window);
    while (pmm_sweep_next(&sweep, &run)) {
        if (kinds[run.kind] != kind)
            pmm_plan_edge(plan, scribe, run.first, kinds[run.kind]);
        kind = kinds[run.kind];
        if (kind == PMM_EDGE_MANAGED)
            add_run(plan, scribe, &run);
    }
    if (kind != PMM_EDGE_HOLE)
        pmm_plan_edge(plan, scribe, PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT, PMM_EDGE_HOLE);
}

static PMM_NOINLINE void sweep_map(struct pmm_plan *plan, struct pmm_scribe *scribe, const struct pmm_map *map,
                                   const struct pmm_config *config, const struct pmm_range *metadata)
{
    struct pmm_window window;

    pmm_window_open(&window, map, config, metadata);
    add_window(plan, scribe, &window);
}

/* ---- sizing and placing ---- */

static enum pmm_status check_arguments(const struct pmm_map *map, const struct pmm_config *config)
{
    if (!map || !config || config->cpus < 1 || config->cpus > PMM_MOST_CPUS ||
        (!config->reserved && config->reserved_count) || (!config->later && config->later_count))
        return PMM_ERR_ARGUMENT;
    return pmm_map_status(map);
}

enum pmm_status pmm_metadata_size(const struct pmm_map *map, const struct pmm_config *config, uint64_t *bytes)
{
    const enum pmm_status status = check_arguments(map, config);
    struct pmm_plan plan;

    if (status != PMM_OK || !bytes)
        return status != PMM_OK ? status : PMM_ERR_ARGUMENT;
    sweep_map(&plan, 0, map, config, 0);
    *bytes = pmm_plan_bytes(&plan, config->cpus) + CUT_WORDS * 8;
    return PMM_OK;
}

/*
 * Where metadata lies best, in the order of preference: below 4 GiB it can be reached early, DMA memory is scarce. Frames
 * [first, end), as high there as possible or as low.
 */
struct band {
    uint64_t first, end;
    bool high;
};
static const struct band bands[] = {
    {(UINT64_C(16) << 20) >> PMM_FRAME_SHIFT, (UINT64_C(4) << 30) >> PMM_FRAME_SHIFT, true},
    {(UINT64_C(4) << 30) >> PMM_FRAME_SHIFT, PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT, false},
    {0, (UINT64_C(4) << 30) >> PMM_FRAME_SHIFT, true},
    {0, PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT, false},
};
enum { BANDS = sizeof bands / sizeof bands[0] };

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The best place for `frames` frames, as a frame number; false when there is none. */
static PMM_NOINLINE bool choose_place(struct pmm_window *window, uint64_t frames, uint64_t *place)
{
    const struct pmm_config *config = window->config;
    const uint64_t lowest =
        (config->place_above >> PMM_FRAME_SHIFT) + (config->place_above % (UINT64_C(1) << PMM_FRAME_SHIFT) != 0);
    const uint64_t highest = (config->place_below ? config->place_below : PMM_ADDRESS_LIMIT) >> PMM_FRAME_SHIFT;
    unsigned best = BANDS;
    struct pmm_sweep sweep;
    struct pmm_run run;

    pmm_sweep_begin(&sweep, window);
    while (pmm_sweep_next(&sweep, &run)) {
        for (unsigned i = 0; run.kind == PMM_RUN_MANAGED && i < BANDS && i <= best; i++) {
            const uint64_t first = larger(larger(run.first, lowest), bands[i].first);
            const uint64_t end = pmm_smaller(pmm_smaller(run.end, highest), bands[i].end);

            if (first >= end || end - first < frames || (i == best && !bands[i].high))
                continue;
            best = i;
            *place = bands[i].high ? end - frames : first;
        }
    }
    return best < BANDS;
}

static PMM_NOINLINE bool find_place(const struct pmm_map *map, const struct pmm_config *config, uint64_t frames,
                                    uint64_t *place)
{
    struct pmm_window window;

    pmm_window_open(&window, map, config, 0);
    return choose_place(&window, frames, place);
}

enum pmm_status pmm_place_metadata(const struct pmm_map *map, struct pmm_config *config)
{
    const uint64_t page = UINT64_C(1) << PMM_FRAME_SHIFT;
    uint64_t bytes, place;
    const enum pmm_status status = pmm_metadata_size(map, config, &bytes);

    if (status != PMM_OK)
        return status;
    bytes = (bytes + page - 1) & ~(page - 1);
    if (!find_place(map, config, bytes >> PMM_FRAME_SHIFT, &place))
        return PMM_ERR_NO_MEMORY;
    config->metadata.base = place << PMM_FRAME_SHIFT;
    config->metadata.length = bytes;
    return PMM_OK;
}

/* ---- starting ---- */

static void clear(struct pmm *pmm, uint64_t from, uint64_t to)
{
    pmm_fill(pmm_at(pmm, from), 0, (to - from) / 8);
}

/* Where each CPU looks for whole blocks first: apart, so that their states are not in the same cache lines. */
static void spread_cpus(struct pmm *pmm)
{
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        const uint32_t first = pmm->zone_first[zone];
        const uint32_t share = (pmm->zone_first[zone + 1] - first) / pmm->cpus;

        for (unsigned cpu = 0; cpu < pmm->cpus; cpu++)
            pmm_cpu_of(pmm, cpu)->large[zone] = first + share * cpu;
    }
}

/* The levels above the bits of the blocks. */
static void write_upper_levels(struct pmm *pmm, const struct pmm_index *index)
{
    uint32_t words = (pmm->blocks + 63) / 64;

    for (uint32_t level = 1; level < index->levels; level++) {
        for (uint32_t i = 0; i < words; i++) {
            pmm_atomic *above = &pmm_level(pmm, index, level)[i / 64];

            if (pmm_load(&pmm_level(pmm, index, level - 1)[i]))
                pmm_store(above, pmm_load(above) | UINT64_C(1) << (i % 64));
        }
        words = (words + 63) / 64;
    }
}

static PMM_NOINLINE void tell_ignored(const struct pmm_report *report, const struct pmm_map *map)
{
    struct pmm_extent entry;
    size_t cursor = 0;

    while (pmm_map_entry(map, &cursor, 0, UINT64_MAX, 0, &entry))
        if (entry.wraps && entry.says & PMM_BYTES_USABLE)
            report->ignored(report->context, entry.first, entry.length);
}

/* From the edges, since the map has been read for the last time. */
static PMM_NOINLINE void tell_managed(const struct pmm_report *report, const struct pmm *pmm)
{
    const uint64_t *edges = pmm_at(pmm, pmm->edges_at);

    for (uint32_t i = 0; report->managed && i + 1 < pmm->edges; i++)
        if ((edges[i] & 3) == PMM_EDGE_MANAGED)
            report->managed(report->context, edges[i] >> 2 << PMM_FRAME_SHIFT, edges[i + 1] >> 2 << PMM_FRAME_SHIFT);
    if (report->total)
        report->total(report->context, pmm->managed[0] + pmm->managed[1] + pmm->managed[2], pmm->bytes);
}

/* The metadata would lie over what is still to be read. */
static PMM_NOINLINE bool overwrites(const void *metadata, uint64_t bytes, const struct pmm_map *map,
                                    const struct pmm_config *config)
{
    return pmm_overlaps(map, sizeof *map, metadata, bytes) || pmm_overlaps(config, sizeof *config, metadata, bytes) ||
           pmm_overlaps(config->reserved, config->reserved_count * sizeof *config->reserved, metadata, bytes) ||
           pmm_overlaps(config->later, config->later_count * sizeof *config->later, metadata, bytes) ||
           pmm_map_overlaps(map, metadata, bytes);
}

/* Everything but what says that it is there; `plan` has been counted and its bytes are enough. */
static PMM_NOINLINE void write_metadata(struct pmm *pmm, struct pmm_plan *plan, const struct pmm_map *map,
                                        const struct pmm_config *config)
{
    struct pmm_scribe scribe = {pmm, false, false};

    clear(pmm, 0, sizeof(struct pmm));
    pmm_plan_head(plan, &scribe, config->cpus);
    clear(pmm, sizeof(struct pmm), pmm->bitmap_at);
    clear(pmm, pmm->partial.at[0], pmm->segments_at);
    sweep_map(plan, &scribe, map, config, &config->metadata);
    pmm_plan_directory(&scribe);
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) /* allocated from the start; by whom does not matter */
        pmm_store(&pmm_cpu_of(pmm, 0)->zone[zone].taken, plan->later[zone]);
    spread_cpus(pmm);
    pmm_store(&pmm->hints_raised, 1); /* no CPU has searched at this count */
    write_upper_levels(pmm, &pmm->partial);
    write_upper_levels(pmm, &pmm->whole);
}

enum pmm_status pmm_init(void *metadata, uint64_t bytes, const struct pmm_map *map, const struct pmm_config *config,
                         struct pmm **out)
{
    struct pmm *pmm = metadata;
    struct pmm_plan plan;
    uint64_t needed;
    enum pmm_status status = check_arguments(map, config);

    if (status != PMM_OK)
        return status;
    if (!metadata || (uintptr_t)metadata % PMM_ALIGNMENT || !out)
        return PMM_ERR_ARGUMENT;
    sweep_map(&plan, 0, map, config, &config->metadata);
    needed = pmm_plan_bytes(&plan, config->cpus);
    if (bytes < needed || (config->metadata.length && config->metadata.length < needed))
        return PMM_ERR_METADATA;
    if (overwrites(metadata, needed, map, config))
        return PMM_ERR_ARGUMENT;
    if (config->report && config->report->ignored)
        tell_ignored(config->report, map);
    write_metadata(pmm, &plan, map, config);
    pmm->tables_checksum = pmm_checksum_tables(pmm);
    pmm->checksum = pmm_checksum_head(pmm);
    pmm->magic = PMM_MAGIC;
    if (config->report)
        tell_managed(config->report, pmm);
    *out = pmm;
    return PMM_OK;
}
