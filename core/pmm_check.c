/*
 * The full self-check: recounts every block and every hint from the bitmap and names the first contradiction.
 * Exact only while no other call is in flight; writes nothing. A check of the metadata against itself:
 * whether it agrees with what was handed out, only the callers know.
 */
#include "pmm_plan.h"

/* What the walk over the blocks adds up. */
struct recount {
    const struct pmm *pmm;
    struct pmm_fault *fault;
    uint64_t managed[PMM_ZONES];
    uint64_t free[PMM_ZONES];
    uint32_t edge; /* edges before the frame looked at */
};

static bool wrong(struct recount *recount, const char *what, uint64_t address, uint64_t expected, uint64_t found)
{
    if (recount->fault)
        *recount->fault = (struct pmm_fault){what, address, expected, found};
    return false;
}

/* Which of the 64 frames from `frame` on the map manages. Called with ascending frames. */
static uint64_t managed_word(struct recount *recount, uint64_t frame)
{
    const uint64_t *edges = pmm_at(recount->pmm, recount->pmm->edges_at);
    uint64_t mask = 0;

    for (unsigned i = 0; i < 64;) {
        uint64_t next;

        while (recount->edge < recount->pmm->edges && edges[recount->edge] >> 2 <= frame + i)
            recount->edge++;
        next = recount->edge < recount->pmm->edges ? edges[recount->edge] >> 2 : UINT64_MAX;
        if (next > frame + 64)
            next = frame + 64;
        if (recount->edge && (edges[recount->edge - 1] & 3) == PMM_EDGE_MANAGED)
            mask |= (UINT64_MAX >> (64 - (next - frame - i))) << i;
        i = (unsigned)(next - frame);
    }
    return mask;
}

/* A sealed word: in a block that is one, by its seal; else by an older one, and never in a ragged block. */
static bool seal_is_right(uint64_t state, uint64_t word)
{
    const uint64_t newest = pmm_state_sealed_word(state);

    if (!pmm_state_is_open(state))
        return word == newest;
    return !pmm_word_is_sealed(word) ||
           (!pmm_state_is_ragged(state) && ((newest - word) & (PMM_SEALS - 1)) < PMM_SEALS / 2);
}

static bool check_bitmap(struct recount *recount, pmm_block block, uint64_t state, uint64_t base)
{
    const unsigned zone = pmm_state_zone(state);
    unsigned managed = 0, free = 0;

    if (pmm_state_is_taken(state)) {
        if (pmm_state_is_ragged(state) || state >> PMM_STATE_SEAL || pmm_state_kind(state) == PMM_BLOCK_WHOLE)
            return wrong(recount, "a block cannot be managed later and this besides", base, 0, state);
        if (!pmm_state_is_open(state) && pmm_state_last(state))
            return wrong(recount, "a frame is free in a block of which none was given back", base, 0,
                         pmm_state_last(state));
    } else if (!pmm_state_is_open(state) && !pmm_state_last_is_full(state)) {
        return wrong(recount, "a frame is missing in a block that is whole or large", base, 0xff,
                     pmm_state_last(state));
    }
    for (unsigned i = 0; i < PMM_BLOCK_WORDS; i++) {
        const uint64_t at = base + ((uint64_t)i << PMM_WORD_SHIFT);
        const uint64_t mask = managed_word(recount, at >> PMM_FRAME_SHIFT);
        const uint64_t word = pmm_load(&pmm_words(recount->pmm, block)[i]);
        uint64_t bits;
        bool large;

        if (!seal_is_right(state, word))
            return wrong(recount, "the seal of a word", at, pmm_state_sealed_word(state), word);
        bits = pmm_free_frames(recount->pmm, block, i, &large);
        if (bits & ~mask)
            return wrong(recount, "a frame that is not managed is free", at, mask, bits);
        managed += pmm_count_bits(mask);
        free += pmm_count_bits(bits);
    }
    if (pmm_state_is_ragged(state) != (managed < PMM_BLOCK_FRAMES))
        return wrong(recount, "ragged mark", base, managed < PMM_BLOCK_FRAMES, pmm_state_is_ragged(state));
    recount->managed[zone] += managed;
    recount->free[zone] += free;
    return true;
}

static PMM_NOINLINE bool check_block(struct recount *recount, pmm_block block)
{
    const struct pmm *pmm = recount->pmm;
    const uint64_t state = pmm_load(pmm_state(pmm, block));
    const uint64_t base = pmm_block_place(pmm, block) << PMM_BLOCK_SHIFT;
    const unsigned zone = pmm_state_zone(state);
    pmm_block found = {PMM_NO_BLOCK};

    if (!pmm_find_block(pmm, base, &found) || found.number != block.number)
        return wrong(recount, "the directory does not find a block", base, block.number, found.number);
    if (zone >= PMM_ZONES || block.number < pmm->zone_first[zone] || block.number >= pmm->zone_first[zone + 1])
        return wrong(recount, "zone of a block", base, zone < PMM_ZONES ? pmm->zone_first[zone] : 0, block.number);
    if (pmm_state_kind(state) == PMM_BLOCK_SEALING)
        return wrong(recount, "a block is being sealed by nobody", base, PMM_BLOCK_OPEN, PMM_BLOCK_SEALING);
    if (!check_bitmap(recount, block, state, base))
        return false;
    if (pmm_deserves_partial(pmm, block) && !pmm_hint(pmm, &pmm->partial, block))
        return wrong(recount, "an open block with a free frame is not in the index", base, 1, 0);
    if (pmm_deserves_whole(pmm, block) && !pmm_hint(pmm, &pmm->whole, block))
        return wrong(recount, "a whole block is not in the index", base, 1, 0);
    return true;
}

/* No word of bits may be hidden by a clear bit above it. */
static bool check_index(struct recount *recount, const struct pmm_index *index)
{
    uint32_t words = (recount->pmm->blocks + 63) / 64;

    for (uint32_t level = 1; level < index->levels; level++) {
        for (uint32_t i = 0; i < words; i++)
            if (pmm_load(&pmm_level(recount->pmm, index, level - 1)[i]) &&
                !((pmm_load(&pmm_level(recount->pmm, index, level)[i / 64]) >> (i % 64)) & 1))
                return wrong(recount, "an upper level of an index hides a block", 0, 1, 0);
        words = (words + 63) / 64;
    }
    return true;
}

/* Where the CPUs work and look next; calls index by it. */
static bool check_cpus(struct recount *recount)
{
    const struct pmm *pmm = recount->pmm;

    for (unsigned cpu = 0; cpu < pmm->cpus; cpu++) {
        const struct pmm_cpu *of = pmm_cpu_of(pmm, cpu);
        const uint64_t changing = pmm_load(&of->hint_changes) & PMM_HINT_INFLIGHT;

        if (changing)
            return wrong(recount, "hints are being changed by nobody", 0, 0, changing);
        for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
            const uint32_t first = pmm->zone_first[zone], end = pmm->zone_first[zone + 1];
            const uint64_t own = pmm_load(&of->zone[zone].own);

            if (own && (own < pmm_own_word((pmm_block){first}, 0) || own >= pmm_own_word((pmm_block){end}, 0)))
                return wrong(recount, "a CPU works outside its zone", 0, first, own / PMM_BLOCK_WORDS - 1);
            if (of->large[zone] < first || of->large[zone] > end)
                return wrong(recount, "a CPU looks for whole blocks outside its zone", 0, first, of->large[zone]);
        }
    }
    return true;
}

static bool check_counts(struct recount *recount)
{
    const struct pmm *pmm = recount->pmm;

    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        uint64_t returned = 0, taken = 0;

        for (unsigned cpu = 0; cpu < pmm->cpus; cpu++) {
            returned += pmm_load(&pmm_cpu_of(pmm, cpu)->zone[zone].returned);
            taken += pmm_load(&pmm_cpu_of(pmm, cpu)->zone[zone].taken);
        }
        if (recount->managed[zone] != pmm->managed[zone])
            return wrong(recount, "managed frames of a zone", 0, recount->managed[zone], pmm->managed[zone]);
        if (recount->free[zone] != pmm->managed[zone] - (taken - returned))
            return wrong(recount, "free frames of a zone", 0, recount->free[zone],
                         pmm->managed[zone] - (taken - returned));
    }
    return true;
}

enum pmm_status pmm_check(const struct pmm *pmm, struct pmm_fault *fault)
{
    struct recount recount;
    pmm_block block = {0};
    const char *unsound;

    if (!pmm)
        return PMM_ERR_ARGUMENT;
    recount.pmm = pmm; /* one by one: for an initializer compilers may call memset */
    recount.fault = fault;
    recount.edge = 0;
    for (unsigned zone = 0; zone < PMM_ZONES; zone++)
        recount.managed[zone] = recount.free[zone] = 0;
    unsound = pmm_unsound(pmm, pmm->bytes);
    if (unsound) {
        wrong(&recount, unsound, 0, PMM_MAGIC, pmm->magic);
        return PMM_ERR_CORRUPT;
    }
    for (; block.number < pmm->blocks; block.number++)
        if (!check_block(&recount, block))
            return PMM_ERR_CORRUPT;
    if (!check_cpus(&recount) || !check_index(&recount, &pmm->partial) || !check_index(&recount, &pmm->whole) ||
        !check_counts(&recount))
        return PMM_ERR_CORRUPT;
    return PMM_OK;
}
