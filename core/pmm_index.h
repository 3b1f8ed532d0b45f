/*
 * Where to look next: two trees of bits over the blocks, `partial` (open, may have a free frame) and `whole`
 * (may be wholly free). Hints: a set bit may be stale and is dropped by whoever meets it (the described
 * lists' lazy cleanup); a clear bit may be wrong only while the call that will set it is in flight. Bits
 * instead of linked lists because a bit cannot be inserted twice, lost behind another one, or form a loop.
 *
 * The rule that makes it safe: whoever sets a frame free looks at the hint afterwards and sets it if it is
 * clear; whoever clears a hint looks at the block afterwards and sets it again if the block deserves it. Each
 * writes first and then reads what the other writes, in one total order, so one of the two sees the other.
 *
 * Every change is counted around it, by the CPU that makes it, so that a call that is about to refuse knows whether it
 * may trust the trees: none being changed, and none changed while it looked.
 *
 * A CPU that found nothing remembers pmm->hints_raised, and need not look again while that stands still: a search that
 * finds nothing leaves no hint set but of blocks that others work in, and what becomes free or is left after that counts
 * there.
 */
#ifndef PMM_INDEX_H
#define PMM_INDEX_H

#include "pmm_layout.h"

/* One more change in flight, one more change ever: bits 0-15 and 16-63. At most 65535 nested calls on all CPUs. */
#define PMM_HINT_CHANGE   (UINT64_C(0x10001))
#define PMM_HINT_SETTLED  (UINT64_MAX) /* added: one less in flight */
#define PMM_HINT_INFLIGHT UINT64_C(0xffff)

static inline void pmm_change_begins(struct pmm_cpu *cpu)
{
    pmm_local_add(&cpu->hint_changes, PMM_HINT_CHANGE);
}

static inline void pmm_change_settled(struct pmm_cpu *cpu)
{
    pmm_local_add(&cpu->hint_changes, PMM_HINT_SETTLED);
}

/*
 * Sum over all CPUs. Two equal sums, the first with nothing in flight: no hint changed between them, because each CPU's
 * count of changes only grows.
 */
static inline uint64_t pmm_hint_changes(const struct pmm *pmm)
{
    uint64_t changes = 0;

    for (unsigned cpu = 0; cpu < pmm->cpus; cpu++)
        changes += pmm_load(&pmm_cpu_of(pmm, cpu)->hint_changes);
    return changes;
}

static inline pmm_atomic *pmm_level(const struct pmm *pmm, const struct pmm_index *index, uint32_t level)
{
    return (pmm_atomic *)pmm_at(pmm, index->at[level]);
}

static inline const pmm_atomic *pmm_hint_word(const struct pmm *pmm, const struct pmm_index *index, pmm_block block)
{
    return &pmm_level(pmm, index, 0)[block.number / 64];
}

static inline bool pmm_hint_in(const pmm_atomic *word, pmm_block block)
{
    return (pmm_load(word) >> (block.number % 64)) & 1;
}

static inline bool pmm_hint(const struct pmm *pmm, const struct pmm_index *index, pmm_block block)
{
    return pmm_hint_in(pmm_hint_word(pmm, index, block), block);
}

/* Sets a bit of `level`, and above it those that are clear. */
static inline void pmm_hint_raise(struct pmm *pmm, const struct pmm_index *index, uint32_t level, uint32_t number)
{
    for (; level < index->levels; level++, number /= 64) {
        pmm_atomic *word = &pmm_level(pmm, index, level)[number / 64];
        const uint64_t bit = UINT64_C(1) << (number % 64);

        if (!(pmm_load(word) & bit))
            pmm_fetch_or(word, bit);
    }
}

/* Sets a hint, and says so to the CPUs that found nothing. */
static inline void pmm_hint_announce(struct pmm *pmm, const struct pmm_index *index, pmm_block block)
{
    pmm_hint_raise(pmm, index, 0, block.number);
    pmm_fetch_add(&pmm->hints_raised, 1);
}

/* Something was set free: makes sure that the hint is set. One load when it is. */
static inline void pmm_hint_set(struct pmm *pmm, struct pmm_cpu *cpu, const struct pmm_index *index, pmm_block block)
{
    if (pmm_hint(pmm, index, block))
        return;
    pmm_change_begins(cpu);
    pmm_hint_announce(pmm, index, block);
    pmm_change_settled(cpu);
}

/* Clears the hint, and above it the bits of words that became empty, each with a second look at what is below. */
static inline void pmm_hint_lower(struct pmm *pmm, const struct pmm_index *index, pmm_block block)
{
    const pmm_atomic *below = 0;
    uint32_t number = block.number;

    for (uint32_t level = 0; level < index->levels; level++, number /= 64) {
        pmm_atomic *word = &pmm_level(pmm, index, level)[number / 64];

        pmm_fetch_and(word, ~(UINT64_C(1) << (number % 64)));
        if (below && pmm_load(below) != 0)
            pmm_hint_raise(pmm, index, level, number);
        if (pmm_load(word) != 0)
            return;
        below = word;
    }
}

/* What a block that stands in `partial`, in `whole`, by right looks like. */
static inline bool pmm_deserves_partial(const struct pmm *pmm, pmm_block block)
{
    const uint64_t state = pmm_load(pmm_state(pmm, block));

    return pmm_state_is_open(state) && !pmm_block_is_empty(pmm, block, state);
}

static inline bool pmm_deserves_whole(const struct pmm *pmm, pmm_block block)
{
    const uint64_t state = pmm_load(pmm_state(pmm, block));

    if (pmm_state_is_open(state))
        return pmm_block_is_full(pmm, block, state);
    return pmm_state_kind(state) == PMM_BLOCK_WHOLE;
}

/* Drops a stale membership: clear, look at the block, set again if it was not stale after all. */
static inline void pmm_drop_partial(struct pmm *pmm, struct pmm_cpu *cpu, pmm_block block)
{
    pmm_change_begins(cpu);
    pmm_hint_lower(pmm, &pmm->partial, block);
    if (pmm_deserves_partial(pmm, block))
        pmm_hint_announce(pmm, &pmm->partial, block);
    pmm_change_settled(cpu);
}

/* Within a change that is counted. */
static inline void pmm_lower_whole(struct pmm *pmm, pmm_block block)
{
    pmm_hint_lower(pmm, &pmm->whole, block);
    if (pmm_deserves_whole(pmm, block))
        pmm_hint_raise(pmm, &pmm->whole, 0, block.number);
}

static inline void pmm_drop_whole(struct pmm *pmm, struct pmm_cpu *cpu, pmm_block block)
{
    pmm_change_begins(cpu);
    pmm_lower_whole(pmm, block);
    pmm_change_settled(cpu);
}

/* The first block in [from, end) whose hint is set; its number is PMM_NO_BLOCK when there is none. */
static inline pmm_block pmm_hint_find(const struct pmm *pmm, const struct pmm_index *index, uint32_t from,
                                      uint32_t end)
{
    uint64_t position = from; /* a bit of `level` */
    uint32_t level = 0;

    while (position << (6 * level) < end) {
        const uint64_t at = position / 64;
        const uint64_t bits = pmm_load(&pmm_level(pmm, index, level)[at]) & (UINT64_MAX << (position % 64));

        if (bits) {
            position = at * 64 + pmm_lowest_bit(bits);
            if (level == 0)
                return (pmm_block){position < end ? (uint32_t)position : PMM_NO_BLOCK};
            level--;
            position *= 64;
        } else if (level + 1 < index->levels) {
            level++;
            position = at + 1;
        } else {
            position = (at + 1) * 64;
        }
    }
    return (pmm_block){PMM_NO_BLOCK};
}

#endif
