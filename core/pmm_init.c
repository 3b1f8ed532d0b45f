/*
 * Start-up: how much metadata a map needs, where it could lie, and laying it out. Two sweeps over the map,
 * one that counts and one that writes; time per block, not per frame. Leaves out what the map means:
 * pmm_map.c.
 */
#include "pmm_index.h"

/* What the counting sweep finds out. */
struct plan {
    uint64_t managed[PMM_ZONES];
    uint64_t end;               /* of the highest managed frame, in frames */
    uint32_t before[PMM_ZONES]; /* blocks below the end of each zone */
    uint32_t blocks, segments, edges;
};

/* A sweep: counting only while `pmm` is null, writing the tables of `pmm` otherwise. */
struct sweep {
    struct plan plan;
    struct pmm *pmm;
    uint64_t last_place; /* of the last block, address / 2 MiB; UINT64_MAX: none yet */
    uint64_t edge_frame; /* the edge not yet written: several at one frame are one */
    enum pmm_edge_kind edge_kind;
    enum pmm_edge_kind written_kind;
};

static const uint64_t zone_end[PMM_ZONES] = {
    (UINT64_C(16) << 20) >> PMM_FRAME_SHIFT,
    (UINT64_C(4) << 30) >> PMM_FRAME_SHIFT,
    PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT,
};

static void write_edge(struct sweep *sweep)
{
    if (sweep->edge_kind == sweep->written_kind)
        return;
    if (sweep->pmm)
        ((uint64_t *)pmm_at(sweep->pmm, sweep->pmm->edges_at))[sweep->plan.edges] =
            sweep->edge_frame << 2 | (uint64_t)sweep->edge_kind;
    sweep->written_kind = sweep->edge_kind;
    sweep->plan.edges++;
}

static void add_edge(struct sweep *sweep, uint64_t frame, enum pmm_edge_kind kind)
{
    if (frame != sweep->edge_frame)
        write_edge(sweep);
    sweep->edge_frame = frame;
    sweep->edge_kind = kind;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static unsigned zone_of_frame(uint64_t frame)
{
    unsigned zone = PMM_ZONE_DMA;

    while (frame >= zone_end[zone])
        zone++;
    return zone;
}

/* Frames [first, end) of a block that the run does not cover in full; `fresh`: no earlier run wrote to it. */
static void write_ragged(struct pmm *pmm, uint32_t number, uint64_t first, uint64_t end, bool fresh)
{
    const pmm_block block = {number};
    const uint64_t base = first / PMM_BLOCK_FRAMES * PMM_BLOCK_FRAMES;
    pmm_atomic *words = pmm_words(pmm, block), *state = pmm_state(pmm, block);
    pmm_atomic *hints = &pmm_level(pmm, &pmm->partial, 0)[number / 64];

    if (fresh) {
        pmm_fill(words, 0, PMM_BLOCK_WORDS);
        pmm_store(state, pmm_state_make(PMM_BLOCK_OPEN, zone_of_frame(base), true));
    }
    while (first < end) {
        const unsigned word = (unsigned)((first - base) / PMM_WORD_FRAMES);
        const uint64_t next = smaller(base + (word + 1) * PMM_WORD_FRAMES, end);
        const uint64_t bits = (UINT64_MAX >> (64 - (next - first))) << (first - base) % PMM_WORD_FRAMES;

        pmm_store(&words[word], pmm_load(&words[word]) | (bits & PMM_WORD_FREE));
        if (bits >> PMM_WORD_LAST)
            pmm_store(state, pmm_load(state) | pmm_state_last_bit(word));
        first = next;
    }
    pmm_store(hints, pmm_load(hints) | UINT64_C(1) << (number % 64));
}

/* Blocks [number, number + count), of which the first begins at `frame`, are a run: the longest of its zone? */
static void compare_with_main(struct pmm *pmm, uint32_t number, uint64_t frame, uint64_t count, unsigned zone)
{
    struct pmm_main *main = &pmm->main[zone];

    if (count * PMM_BLOCK_WORDS <= main->words)
        return;
    main->first = frame / PMM_WORD_FRAMES;
    main->words = count * PMM_BLOCK_WORDS;
    main->bitmap_at = pmm->bitmap_at + (uint64_t)number * PMM_BLOCK_WORDS * sizeof(pmm_atomic);
    main->states_at = pmm->states_at + (uint64_t)number * sizeof(pmm_atomic);
    main->own = pmm_own_word((pmm_block){number}, 0);
}

/* `count` whole blocks of one zone. */
static void write_whole(struct pmm *pmm, uint32_t number, uint64_t frame, uint64_t count)
{
    const unsigned zone = zone_of_frame(frame);
    const uint64_t state = pmm_state_make(PMM_BLOCK_WHOLE, zone, false);
    const pmm_block block = {number};
    uint64_t bit = number, end = number + count;

    compare_with_main(pmm, number, frame, count, zone);
    pmm_fill(pmm_words(pmm, block), pmm_state_sealed_word(state), count * PMM_BLOCK_WORDS);
    pmm_fill(pmm_state(pmm, block), state, count);
    while (bit < end) {
        pmm_atomic *hints = &pmm_level(pmm, &pmm->whole, 0)[bit / 64];
        const uint64_t next = smaller((bit / 64 + 1) * 64, end);

        pmm_store(hints, pmm_load(hints) | (UINT64_MAX >> (64 - (next - bit))) << bit % 64);
        bit = next;
    }
}

/* Writes the blocks of a run: ragged ones at its ends, whole ones between, zone by zone. */
static void write_run(struct pmm *pmm, const struct pmm_frames *run, uint32_t number, bool fresh)
{
    uint64_t frame = run->first;

    while (frame < run->end) {
        const uint64_t block_end = (frame / PMM_BLOCK_FRAMES + 1) * PMM_BLOCK_FRAMES;

        if (frame % PMM_BLOCK_FRAMES || run->end < block_end) {
            write_ragged(pmm, number, frame, smaller(run->end, block_end), fresh);
            frame = smaller(run->end, block_end);
            number++;
        } else {
            const uint64_t zone_limit = zone_end[zone_of_frame(frame)];
            const uint64_t count = (smaller(run->end, zone_limit) - frame) / PMM_BLOCK_FRAMES;

            write_whole(pmm, number, frame, count);
            frame += count * PMM_BLOCK_FRAMES;
            number += (uint32_t)count;
        }
        fresh = true;
    }
}

static PMM_NOINLINE void add_run(struct sweep *sweep, const struct pmm_frames *run)
{
    struct plan *plan = &sweep->plan;
    const uint64_t place = run->first / PMM_BLOCK_FRAMES;
    const uint64_t last = (run->end - 1) / PMM_BLOCK_FRAMES;
    const bool shared = sweep->last_place == place;
    uint64_t from = run->first;

    if (sweep->last_place == UINT64_MAX || place > sweep->last_place + 1) {
        if (sweep->pmm)
            ((uint64_t *)pmm_at(sweep->pmm, sweep->pmm->segments_at))[plan->segments] = place << 32 | plan->blocks;
        plan->segments++;
    }
    if (sweep->pmm)
        write_run(sweep->pmm, run, plan->blocks - shared, !shared);
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        const uint64_t end_place = zone_end[zone] / PMM_BLOCK_FRAMES;
        const uint64_t end = smaller(run->end, zone_end[zone]);

        if (from < end) {
            plan->managed[zone] += end - from;
            from = end;
        }
        if (place + shared < end_place)
            plan->before[zone] += (uint32_t)(smaller(last + 1, end_place) - place - shared);
    }
    plan->blocks += (uint32_t)(last + 1 - place - shared);
    plan->end = run->end;
    sweep->last_place = last;
}

/* One by one: for an initializer compilers may call memset. */
static void begin_sweep(struct sweep *sweep, struct pmm *pmm)
{
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        sweep->plan.managed[zone] = 0;
        sweep->plan.before[zone] = 0;
    }
    sweep->plan.end = 0;
    sweep->plan.blocks = sweep->plan.segments = sweep->plan.edges = 0;
    sweep->pmm = pmm;
    sweep->last_place = UINT64_MAX;
    sweep->edge_frame = 0;
    sweep->edge_kind = sweep->written_kind = PMM_EDGE_HOLE;
}

static PMM_NOINLINE void sweep_map(struct sweep *sweep, struct pmm *pmm, const struct pmm_map *map,
                                   const struct pmm_config *config)
{
    struct pmm_frames covered = {0, 0}, managed;
    bool more = pmm_map_next_managed(map, config, 0, &managed);

    begin_sweep(sweep, pmm);
    while (pmm_map_next_covered(map, config, covered.end, &covered)) {
        add_edge(sweep, covered.first, PMM_EDGE_RESERVED);
        while (more && managed.first < covered.end) {
            add_edge(sweep, managed.first, PMM_EDGE_MANAGED);
            add_run(sweep, &managed);
            add_edge(sweep, managed.end, PMM_EDGE_RESERVED);
            more = pmm_map_next_managed(map, config, managed.end, &managed);
        }
        add_edge(sweep, covered.end, PMM_EDGE_HOLE);
    }
    write_edge(sweep);
}

/* ---- layout ---- */

/* Lays `count` words of 64 bits out at *offset, which moves on. */
static uint64_t lay(uint64_t *offset, uint64_t count)
{
    const uint64_t at = *offset;

    *offset += count * 8;
    return at;
}

/* Both indexes have the same shape; returns the words of all levels. `index` may be null. */
static uint64_t lay_index(struct pmm_index *index, uint64_t *offset, uint32_t blocks)
{
    uint64_t words = blocks, all = 0;
    uint32_t level = 0;

    do {
        words = (words + 63) / 64;
        if (index)
            index->at[level] = lay(offset, words);
        all += words;
        level++;
    } while (words > 1);
    if (index)
        index->levels = level;
    return all;
}

static uint64_t metadata_bytes(const struct plan *plan, uint32_t cpus)
{
    return sizeof(struct pmm) + (uint64_t)cpus * sizeof(struct pmm_cpu) +
           8 * ((uint64_t)plan->blocks * (PMM_BLOCK_WORDS + 1) + 2 * lay_index(0, 0, plan->blocks) +
                (plan->segments + 1) + plan->edges + PMM_DIRECTORY_BUCKETS / 2 + 1);
}

static bool config_is_valid(const struct pmm_map *map, const struct pmm_config *config)
{
    return map && config && (map->entries || map->length == 0) && config->cpus >= 1 && config->cpus <= PMM_MOST_CPUS;
}

enum pmm_status pmm_metadata_size(const struct pmm_map *map, const struct pmm_config *config, uint64_t *bytes)
{
    struct sweep sweep;

    if (!config_is_valid(map, config) || !bytes)
        return PMM_ERR_ARGUMENT;
    sweep_map(&sweep, 0, map, config);
    *bytes = metadata_bytes(&sweep.plan, config->cpus);
    return PMM_OK;
}

static PMM_NOINLINE void lay_out(struct pmm *pmm, const struct plan *plan, uint32_t cpus)
{
    uint64_t offset = sizeof(struct pmm);

    pmm->version = PMM_VERSION;
    pmm->cpus = cpus;
    pmm->bytes = metadata_bytes(plan, cpus);
    pmm->end = plan->end << PMM_FRAME_SHIFT;
    pmm->zone_first[0] = 0;
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        pmm->managed[zone] = plan->managed[zone];
        pmm->zone_first[zone + 1] = plan->before[zone];
    }
    pmm->blocks = plan->blocks;
    pmm->segments = plan->segments;
    pmm->edges = plan->edges;
    while ((plan->end / PMM_BLOCK_FRAMES) >> pmm->directory_shift >= PMM_DIRECTORY_BUCKETS)
        pmm->directory_shift++;
    lay(&offset, (uint64_t)cpus * sizeof(struct pmm_cpu) / 8);
    pmm->bitmap_at = lay(&offset, (uint64_t)plan->blocks * PMM_BLOCK_WORDS);
    pmm->states_at = lay(&offset, plan->blocks);
    lay_index(&pmm->partial, &offset, plan->blocks);
    lay_index(&pmm->whole, &offset, plan->blocks);
    pmm->segments_at = lay(&offset, (uint64_t)plan->segments + 1);
    pmm->edges_at = lay(&offset, plan->edges);
    pmm->directory_at = offset;
}

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

/* directory[k]: the last segment that begins at or before bucket k; one more than buckets, and one to fill
 * the word. */
static void write_directory(struct pmm *pmm)
{
    uint32_t *directory = pmm_at(pmm, pmm->directory_at);
    const uint64_t *segments = pmm_segments(pmm);
    uint32_t segment = 0;

    for (uint64_t bucket = 0; bucket < PMM_DIRECTORY_BUCKETS + 2; bucket++) {
        while (segment + 1 < pmm->segments && segments[segment + 1] >> 32 <= bucket << pmm->directory_shift)
            segment++;
        directory[bucket] = segment;
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

static PMM_NOINLINE void tell(const struct pmm_report *report, const struct pmm *pmm, const struct pmm_map *map,
                              const struct pmm_config *config)
{
    struct pmm_frames run = {0, 0};
    struct pmm_region region;
    size_t cursor = 0;

    while (report->ignored && pmm_map_entry(map, &cursor, &region))
        if (region.type == PMM_USABLE && region.length && region.base + (region.length - 1) < region.base)
            report->ignored(report->context, region.base, region.length);
    while (report->managed && pmm_map_next_managed(map, config, run.end, &run))
        report->managed(report->context, run.first << PMM_FRAME_SHIFT, run.end << PMM_FRAME_SHIFT);
    if (report->total)
        report->total(report->context, pmm->managed[0] + pmm->managed[1] + pmm->managed[2], pmm->bytes);
}

enum pmm_status pmm_init(void *metadata, uint64_t bytes, const struct pmm_map *map, const struct pmm_config *config,
                         struct pmm **out)
{
    struct pmm *pmm = metadata;
    struct sweep sweep;

    if (!metadata || (uintptr_t)metadata % PMM_ALIGNMENT || !out || !config_is_valid(map, config))
        return PMM_ERR_ARGUMENT;
    sweep_map(&sweep, 0, map, config);
    if (bytes < metadata_bytes(&sweep.plan, config->cpus))
        return PMM_ERR_METADATA;
    clear(pmm, 0, sizeof(struct pmm));
    lay_out(pmm, &sweep.plan, config->cpus);
    clear(pmm, sizeof(struct pmm), pmm->bitmap_at);
    clear(pmm, pmm->partial.at[0], pmm->segments_at);
    sweep_map(&sweep, pmm, map, config);
    ((uint64_t *)pmm_at(pmm, pmm->segments_at))[pmm->segments] = pmm->blocks; /* where the last segment ends */
    spread_cpus(pmm);
    pmm_store(&pmm->hints_raised, 1); /* no CPU has searched at this count */
    write_directory(pmm);
    write_upper_levels(pmm, &pmm->partial);
    write_upper_levels(pmm, &pmm->whole);
    if (config->report)
        tell(config->report, pmm, map, config);
    pmm->magic = PMM_MAGIC;
    *out = pmm;
    return PMM_OK;
}

enum pmm_status pmm_attach(void *metadata, uint64_t bytes, struct pmm **out)
{
    struct pmm *pmm = metadata;

    if (!metadata || (uintptr_t)metadata % PMM_ALIGNMENT || !out)
        return PMM_ERR_ARGUMENT;
    if (bytes < sizeof(struct pmm))
        return PMM_ERR_METADATA;
    if (pmm->magic != PMM_MAGIC || pmm->version != PMM_VERSION || pmm->bytes < sizeof(struct pmm))
        return PMM_ERR_CORRUPT;
    if (bytes < pmm->bytes)
        return PMM_ERR_METADATA;
    *out = pmm;
    return PMM_OK;
}

/* The better place of two: below 4 GiB and above 16 MiB, then above 4 GiB, then below 16 MiB. */
static unsigned place_rank(uint64_t end_frame, uint64_t first_frame)
{
    if (first_frame < zone_end[PMM_ZONE_DMA])
        return 1;
    return end_frame <= zone_end[PMM_ZONE_DMA32] ? 3 : 2;
}

enum pmm_status pmm_place_metadata(const struct pmm_map *map, const struct pmm_config *config, uint64_t *base,
                                   uint64_t *bytes)
{
    const uint64_t page = UINT64_C(1) << PMM_FRAME_SHIFT;
    struct pmm_frames run = {0, 0};
    uint64_t frames;
    unsigned best = 0;
    enum pmm_status status = pmm_metadata_size(map, config, bytes);

    if (status != PMM_OK || !base)
        return PMM_ERR_ARGUMENT;
    /* Cutting the place out of its run makes two edges and one segment more. */
    *bytes = (*bytes + 3 * 8 + page - 1) & ~(page - 1);
    frames = *bytes >> PMM_FRAME_SHIFT;
    while (pmm_map_next_managed(map, config, run.end, &run)) {
        /* The highest place of the run below 4 GiB if there is one, else its lowest. */
        const uint64_t top = smaller(run.end, zone_end[PMM_ZONE_DMA32]);
        const uint64_t first = top >= run.first + frames ? top - frames : run.first;
        unsigned rank;

        if (run.end - run.first < frames)
            continue;
        rank = place_rank(first + frames, first);
        if (rank > best || (rank == best && rank != 2)) {
            best = rank;
            *base = first << PMM_FRAME_SHIFT;
        }
    }
    return best ? PMM_OK : PMM_ERR_NO_MEMORY;
}
