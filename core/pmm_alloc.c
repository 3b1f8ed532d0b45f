/*
 * Allocating: my block, hints, and the way to a refusal. What happens inside a block is pmm_frames.h.
 *
 * The fast path costs one locked instruction, a compare-and-swap of a bitmap word of the block this CPU works in.
 * Everything else it reads is constant or rarely written, and each CPU counts for itself.
 *
 * Why a refusal is right (rule: at some instant of the call there were at most as many satisfying frames as
 * other calls in flight). A refusing call sums, over all CPUs, the returns begun and the returns finished,
 * before it looks and after; both sums only grow, and a return is begun before the bit is set and finished
 * last. It refuses only if neither sum moved, so every return is either in flight during the whole look or
 * not at all. Take a frame that is free at the end of the look. If the return that made it so is in flight,
 * it is the one frame (or block) that call may have in its hands. Otherwise the return was finished before
 * the look began, and had made sure that the hint of its block was set; the frame has been free since, as
 * freeing it again would have moved a sum. So either the look came by that block, and took a frame there (a
 * bit that is set stays set until somebody takes it); or the hint had been cleared, which only a change of
 * hints does that looks at the block again before it is counted as settled, or hidden by a level above still
 * to be set, which is not settled either. Unless the count of changes says that none was in flight before and
 * none has begun since, the call looks at every block itself, without hints. Blocks wander from `whole` to
 * `partial` only by being broken up, the other way only by returns, so `partial` is looked at last. A search
 * begins again only if somebody else's return has begun or finished: progress, so lock-free.
 *
 * What racing misuse can do: a frame that nobody owns, freed at the very moment in which an allocation in flight has
 * it in its hands, counts as that allocation's frame: the free succeeds, or as 2 MiB is refused as the wrong size. The
 * allocation goes on and finds another frame, or none. Should the block meanwhile have been taken whole, freed, broken
 * up, and that frame taken, then the way back of the first allocation frees it: what a double free that nothing could
 * detect does everywhere. Counts stay exact.
 */
#include "pmm_frames.h"

/* ---- the block a CPU works in ---- */

static pmm_block own_block(uint64_t own)
{
    return (pmm_block){(uint32_t)own - 1};
}

/* Leaves a block to everybody: whole, it can serve 2 MiB; empty, nobody need look at it. */
static void leave_block(struct pmm_call *call, pmm_block block)
{
    struct pmm *pmm = call->pmm;
    uint64_t state = pmm_load(pmm_state(pmm, block));

    while (pmm_state_kind(state) == PMM_BLOCK_OPEN && pmm_state_owner(state) == call->owner)
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_own(state, PMM_NO_OWNER)))
            break;
    if (pmm_words_are_full(pmm_words(pmm, block)))
        pmm_note_full(pmm, block);
    else if (pmm_hint(pmm, &pmm->partial, block) && !pmm_deserves_partial(pmm, block))
        pmm_drop_partial(pmm, block);
}

/* From now on this CPU works in `block`, which it has marked as its own. */
static void work_in(struct pmm_call *call, unsigned zone, pmm_block block, uint64_t place)
{
    const uint64_t before = pmm_load(&call->cpu->own[zone]);

    pmm_store(&call->cpu->own[zone], place << 32 | (block.number + 1));
    call->cpu->word[zone] = 0;
    if (before && own_block(before).number != block.number)
        leave_block(call, own_block(before));
}

static bool take_from_own(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    const uint64_t own = pmm_load(&call->cpu->own[zone]);
    unsigned frame;

    if (!own || !pmm_state_is_open(pmm_load(pmm_state(call->pmm, own_block(own)))) ||
        !pmm_take_frame(call, own_block(own), zone, &call->cpu->word[zone], &frame))
        return false;
    *address = pmm_frame_address(own >> 32, frame);
    return true;
}

static bool take_from_new_own(struct pmm_call *call, unsigned zone, pmm_block block, uint64_t *address)
{
    work_in(call, zone, block, pmm_block_place(call->pmm, block));
    return take_from_own(call, zone, address);
}

/* ---- a 4 KiB frame of a zone: my block, a partly used one, a whole one, one that another CPU works in ---- */

static bool take_from_partial(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t end = pmm->zone_first[zone + 1];
    const uint64_t own = pmm_load(&call->cpu->own[zone]);
    pmm_block block = pmm_hint_find(pmm, &pmm->partial, pmm->zone_first[zone], end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->partial, block.number + 1, end)) {
        uint64_t state = pmm_load(pmm_state(pmm, block));
        const unsigned owner = pmm_state_owner(state);

        if (!pmm_state_is_open(state) || pmm_words_are_empty(pmm_words(pmm, block))) {
            pmm_drop_partial(pmm, block);
            continue;
        }
        if ((owner != PMM_NO_OWNER && owner != call->owner) || block.number + 1 == (uint32_t)own ||
            pmm_state_kind(state) == PMM_BLOCK_CLOSING || pmm_words_are_full(pmm_words(pmm, block)))
            continue;
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_own(state, call->owner)) &&
            take_from_new_own(call, zone, block, address))
            return true;
    }
    return false;
}

static bool take_from_whole(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t end = pmm->zone_first[zone + 1];
    pmm_block block = pmm_hint_find(pmm, &pmm->whole, pmm->zone_first[zone], end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->whole, block.number + 1, end)) {
        uint64_t state = pmm_load(pmm_state(pmm, block));

        if (pmm_state_kind(state) == PMM_BLOCK_WHOLE) {
            if (!pmm_break_up(pmm, block, &state, call->owner))
                continue;
            pmm_drop_whole(pmm, block);
            if (take_from_new_own(call, zone, block, address))
                return true;
        } else if (!pmm_deserves_whole(pmm, block)) {
            pmm_drop_whole(pmm, block);
        }
    }
    return false;
}

/* Last resort: whatever is not allocated as one, whoever works in it. */
static bool take_from_any(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t end = pmm->zone_first[zone + 1];
    pmm_block block = pmm_hint_find(pmm, &pmm->partial, pmm->zone_first[zone], end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->partial, block.number + 1, end)) {
        uint32_t word = 0;
        unsigned frame;

        /* Not only open ones: what was skipped as full, then as being closed, may be whole by now; a bit breaks it. */
        if (pmm_state_kind(pmm_load(pmm_state(pmm, block))) != PMM_BLOCK_LARGE &&
            pmm_take_frame(call, block, zone, &word, &frame)) {
            *address = pmm_frame_address(pmm_block_place(pmm, block), frame);
            return true;
        }
    }
    return false;
}

static bool small_in_zone(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    const uint64_t own = pmm_load(&call->cpu->own[zone]);
    bool own_is_whole = false;

    if (own) {
        own_is_whole = pmm_words_are_full(pmm_words(call->pmm, own_block(own)));
        if (!own_is_whole) {
            if (take_from_own(call, zone, address))
                return true;
            pmm_store(&call->cpu->own[zone], 0);
            leave_block(call, own_block(own));
        }
    }
    if (take_from_partial(call, zone, address))
        return true;
    if (own_is_whole && take_from_own(call, zone, address))
        return true;
    return take_from_whole(call, zone, address) || take_from_any(call, zone, address);
}

/* ---- a 2 MiB block of a zone ---- */

/* Takes a block that is whole; one in which a CPU works (all frames free) only if `steal`. */
static bool take_block(struct pmm *pmm, pmm_block block, bool steal)
{
    uint64_t state = pmm_load(pmm_state(pmm, block));

    while (pmm_state_kind(state) == PMM_BLOCK_WHOLE)
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_make_large(state)))
            return true;
    if (pmm_state_kind(state) != PMM_BLOCK_OPEN || (!steal && pmm_state_owner(state) != PMM_NO_OWNER))
        return false;
    return pmm_words_are_full(pmm_words(pmm, block)) && pmm_close_block(pmm, block, state, PMM_BLOCK_LARGE);
}

static pmm_block take_block_between(struct pmm *pmm, uint32_t first, uint32_t end, bool steal)
{
    pmm_block block = pmm_hint_find(pmm, &pmm->whole, first, end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->whole, block.number + 1, end)) {
        if (take_block(pmm, block, steal))
            break;
        if (!pmm_deserves_whole(pmm, block))
            pmm_drop_whole(pmm, block);
    }
    return block;
}

/* Counts and answers for a block that was taken. */
static bool got_block(struct pmm_call *call, unsigned zone, pmm_block block, uint64_t *address)
{
    pmm_local_add(&call->cpu->taken[zone], PMM_BLOCK_FRAMES);
    call->cpu->large[zone] = block.number;
    *address = pmm_frame_address(pmm_block_place(call->pmm, block), 0);
    return true;
}

static bool large_in_zone(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t first = pmm->zone_first[zone], end = pmm->zone_first[zone + 1];
    uint32_t start = call->cpu->large[zone];

    if (start < first || start >= end)
        start = first;
    for (int steal = 0; steal <= 1; steal++) {
        pmm_block block = take_block_between(pmm, start, end, steal);

        if (block.number == PMM_NO_BLOCK)
            block = take_block_between(pmm, first, start, steal);
        if (block.number != PMM_NO_BLOCK)
            return got_block(call, zone, block, address);
    }
    return false;
}

/* ---- refusing ---- */

/* Looks at every block of a zone itself: for when hints are being changed. */
static bool scan_zone(struct pmm_call *call, unsigned order, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    pmm_block block = {pmm->zone_first[zone]};

    for (; block.number < pmm->zone_first[zone + 1]; block.number++) {
        uint32_t word = 0;
        unsigned frame;
        uint64_t state;

        if (order == PMM_ORDER_LARGE) {
            if (take_block(pmm, block, true))
                return got_block(call, zone, block, address);
            continue;
        }
        state = pmm_load(pmm_state(pmm, block));
        while (pmm_state_kind(state) == PMM_BLOCK_WHOLE)
            if (pmm_break_up(pmm, block, &state, PMM_NO_OWNER))
                break;
        if (pmm_state_kind(state) != PMM_BLOCK_LARGE && pmm_take_frame(call, block, zone, &word, &frame)) {
            *address = pmm_frame_address(pmm_block_place(pmm, block), frame);
            return true;
        }
    }
    return false;
}

/* Returns begun and finished, ever, in the zones up to `zone`. */
struct returns {
    uint64_t begun;
    uint64_t finished;
};

static struct returns count_returns(const struct pmm *pmm, unsigned zone)
{
    struct returns returns = {0, 0};

    for (unsigned cpu = 0; cpu < pmm->cpus; cpu++) {
        for (unsigned z = 0; z <= zone; z++) {
            returns.begun += pmm_load(&pmm_cpu_of(pmm, cpu)->returning[z]);
            returns.finished += pmm_load(&pmm_cpu_of(pmm, cpu)->returned[z]);
        }
    }
    return returns;
}

static enum pmm_status search(struct pmm_call *call, unsigned order, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;

    /* Where most calls end, before anything is counted. */
    if (order == PMM_ORDER_LARGE ? large_in_zone(call, zone, address) : small_in_zone(call, zone, address))
        return PMM_OK;
    for (;;) {
        const uint64_t hints = pmm_load(&pmm->hint_changes);
        const struct returns before = count_returns(pmm, zone);
        struct returns after;

        for (unsigned z = zone + 1; z-- > 0;)
            if (order == PMM_ORDER_LARGE ? large_in_zone(call, z, address) : small_in_zone(call, z, address))
                return PMM_OK;
        /* A returning block announces itself after the fact, and has 512 frames in its hands until then. */
        if ((hints & PMM_HINT_INFLIGHT) || before.begun - before.finished >= PMM_BLOCK_FRAMES ||
            pmm_load(&pmm->hint_changes) != hints)
            for (unsigned z = zone + 1; z-- > 0;)
                if (scan_zone(call, order, z, address))
                    return PMM_OK;
        after = count_returns(pmm, zone);
        if (after.begun == before.begun && after.finished == before.finished)
            return PMM_ERR_NO_MEMORY;
    }
}

/* Everything but the fast path, in a frame of its own, so that the fast path saves no registers. */
static PMM_NOINLINE enum pmm_status allocate(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address)
{
    const unsigned cpu = PMM_THIS_CPU;
    struct pmm_call call = {pmm, 0, cpu + 1};

    if (!pmm || !address || flags > PMM_DMA || cpu >= pmm->cpus ||
        (order != PMM_ORDER_SMALL && order != PMM_ORDER_LARGE))
        return PMM_ERR_ARGUMENT;
    call.cpu = pmm_cpu_of(pmm, cpu);
    return search(&call, order, PMM_ZONE_NORMAL - flags, address);
}

/* A frame from the word of this CPU's own block where it last found one; *taken is false when there is no such. */
static inline bool take_from_own_word(struct pmm *pmm, unsigned cpu, unsigned zone, uint64_t *address)
{
    struct pmm_cpu *const mine = pmm_cpu_of(pmm, cpu);
    const uint64_t own = pmm_load(&mine->own[zone]);
    const uint32_t word = mine->word[zone];
    pmm_atomic *const at = &pmm_words(pmm, own_block(own))[word];
    uint64_t value;
    unsigned number;

    if (!own)
        return false;
    value = pmm_load(at);
    if (value == 0 || value == PMM_WORD_FULL) /* full: the block may be whole, and is broken up only as a last way */
        return false;
    if (!pmm_compare_swap(at, &value, value & (value - 1)))
        return false;
    number = pmm_lowest_bit(value);
    pmm_local_add(&mine->taken[zone], 1);
    if (pmm_state_kind(pmm_load(pmm_state(pmm, own_block(own)))) != PMM_BLOCK_OPEN &&
        !pmm_settle(pmm, own_block(own))) {
        struct pmm_call call = {pmm, mine, cpu + 1};

        pmm_return_frame(&call, own_block(own), zone, word * 64 + number);
        return false;
    }
    *address = pmm_frame_address(own >> 32, word * 64 + number);
    return true;
}

enum pmm_status pmm_alloc(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (order == PMM_ORDER_SMALL && pmm && address && flags <= PMM_DMA && cpu < pmm->cpus &&
        take_from_own_word(pmm, cpu, PMM_ZONE_NORMAL - flags, address))
        return PMM_OK;
    return allocate(pmm, order, flags, address);
}
