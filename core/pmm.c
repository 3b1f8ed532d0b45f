/*
 * Allocating and freeing, and the statistics of it. How a block changes is pmm_block.h, where to look
 * pmm_index.h.
 *
 * The fast paths cost one locked instruction: taking a frame is an AND on a bitmap word of the block this CPU
 * works in, freeing it an OR. Everything else they read is constant or rarely written, and each CPU counts
 * for itself.
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
 * What racing misuse can do: a frame that nobody owns, freed at the very moment in which an allocation in
 * flight has it in its hands, counts as that allocation's frame, and the free succeeds. Counts stay exact.
 */
#include "pmm_index.h"

/* One call: the instance, and the CPU that makes it. */
struct call {
    struct pmm *pmm;
    struct pmm_cpu *cpu;
    unsigned owner; /* CPU number + 1, as in the state word */
};

static uint64_t frame_address(uint64_t place, unsigned frame)
{
    return place << PMM_BLOCK_SHIFT | (uint64_t)frame << PMM_FRAME_SHIFT;
}

/* ---- blocks
 * --------------------------------------------------------------------------------------------------- */

/*
 * OPEN -> CLOSING -> WHOLE or LARGE if all 512 frames are free. False when they are not, when somebody took
 * one meanwhile (and reopened the block), or when the state is no longer the one given.
 */
static bool close_block(struct pmm *pmm, pmm_block block, uint64_t state, enum pmm_block_kind kind)
{
    pmm_atomic *at = pmm_state(pmm, block);
    const uint64_t closing = pmm_state_close(state);
    uint64_t expected = state;

    if (!pmm_compare_swap(at, &expected, closing))
        return false;
    expected = closing;
    if (!pmm_words_are_full(pmm_words(pmm, block))) {
        pmm_compare_swap(at, &expected, pmm_state_reopen(closing));
        return false;
    }
    return pmm_compare_swap(at, &expected,
                            kind == PMM_BLOCK_LARGE ? pmm_state_make_large(closing)
                                                    : pmm_state_make_whole(closing));
}

/* All 512 frames were seen free: announce it, and make the block whole unless its owner goes on working in
 * it. */
static void note_full(struct pmm *pmm, pmm_block block)
{
    uint64_t state;

    pmm_hint_set(pmm, &pmm->whole, block);
    state = pmm_load(pmm_state(pmm, block));
    if (pmm_state_kind(state) == PMM_BLOCK_OPEN && pmm_state_owner(state) == PMM_NO_OWNER &&
        close_block(pmm, block, state, PMM_BLOCK_WHOLE))
        pmm_drop_partial(pmm, block);
}

/* ---- single frames
 * -------------------------------------------------------------------------------------------- */

/*
 * Sets a frame free, and whatever follows from it: the one way back, for frees and for what an allocation
 * took in vain. False when the frame was free already; then nothing has changed but this CPU's own counters,
 * and no count.
 */
static bool return_frame(struct call *call, pmm_block block, unsigned zone, unsigned frame)
{
    struct pmm *pmm = call->pmm;
    pmm_atomic *words = pmm_words(pmm, block);
    const uint64_t bit = UINT64_C(1) << (frame % 64);
    uint64_t old;

    pmm_local_add(&call->cpu->returning[zone], 1);
    old = pmm_fetch_or(&words[frame / 64], bit);
    if (old & bit) {
        pmm_local_add(&call->cpu->taken[zone], 1); /* never taken back: both sums only grow */
        pmm_local_add(&call->cpu->returned[zone], 1);
        return false;
    }
    pmm_hint_set(pmm, &pmm->partial, block);
    if ((old | bit) == PMM_WORD_FULL && pmm_words_are_full(words))
        note_full(pmm, block);
    pmm_local_add(&call->cpu->returned[zone], 1);
    return true;
}

/* A bit was taken; true when that makes the frame ours, false when the block is LARGE and the bit means
 * nothing. */
static bool settle(struct pmm *pmm, pmm_block block)
{
    pmm_atomic *at = pmm_state(pmm, block);
    uint64_t state = pmm_load(at);

    for (;;) {
        switch (pmm_state_kind(state)) {
        case PMM_BLOCK_OPEN:
            return true;
        case PMM_BLOCK_CLOSING:
            if (pmm_compare_swap(at, &state, pmm_state_reopen(state)))
                return true;
            break;
        case PMM_BLOCK_WHOLE:
            pmm_hint_set(pmm, &pmm->partial, block);
            if (pmm_compare_swap(at, &state, pmm_state_break_up(state, PMM_NO_OWNER)))
                return true;
            break;
        case PMM_BLOCK_LARGE:
            return false;
        }
    }
}

/* Takes any frame of a block, from bitmap word *word on. False when it has none or is no longer open. */
static bool take_frame(struct call *call, pmm_block block, unsigned zone, uint32_t *word, unsigned *frame)
{
    pmm_atomic *words = pmm_words(call->pmm, block);

    for (uint32_t i = 0; i < PMM_BLOCK_WORDS; i++) {
        const uint32_t at = (*word + i) % PMM_BLOCK_WORDS;
        uint64_t value = pmm_load(&words[at]);

        while (value) {
            const unsigned number = pmm_lowest_bit(value);
            const uint64_t bit = UINT64_C(1) << number;

            value = pmm_fetch_and(&words[at], ~bit);
            if (!(value & bit))
                continue; /* somebody else was faster; the others of `value` are still worth a try */
            pmm_local_add(&call->cpu->taken[zone], 1);
            *frame = at * 64 + number;
            *word = at;
            if (settle(call->pmm, block))
                return true;
            return_frame(call, block, zone, *frame);
            return false;
        }
    }
    return false;
}

/* ---- the block a CPU works in
 * --------------------------------------------------------------------------------- */

static pmm_block own_block(uint64_t own)
{
    return (pmm_block){(uint32_t)own - 1};
}

/* Leaves a block to everybody: whole, it can serve 2 MiB; empty, nobody need look at it. */
static void leave_block(struct call *call, pmm_block block)
{
    struct pmm *pmm = call->pmm;
    uint64_t state = pmm_load(pmm_state(pmm, block));

    while (pmm_state_kind(state) == PMM_BLOCK_OPEN && pmm_state_owner(state) == call->owner)
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_own(state, PMM_NO_OWNER)))
            break;
    if (pmm_words_are_full(pmm_words(pmm, block)))
        note_full(pmm, block);
    else if (pmm_hint(pmm, &pmm->partial, block) && !pmm_deserves_partial(pmm, block))
        pmm_drop_partial(pmm, block);
}

/* From now on this CPU works in `block`, which it has marked as its own. */
static void work_in(struct call *call, unsigned zone, pmm_block block, uint64_t place)
{
    const uint64_t before = pmm_load(&call->cpu->own[zone]);

    pmm_store(&call->cpu->own[zone], place << 32 | (block.number + 1));
    call->cpu->word[zone] = 0;
    if (before && own_block(before).number != block.number)
        leave_block(call, own_block(before));
}

static bool take_from_own(struct call *call, unsigned zone, uint64_t *address)
{
    const uint64_t own = pmm_load(&call->cpu->own[zone]);
    unsigned frame;

    if (!own || !pmm_state_is_open(pmm_load(pmm_state(call->pmm, own_block(own)))) ||
        !take_frame(call, own_block(own), zone, &call->cpu->word[zone], &frame))
        return false;
    *address = frame_address(own >> 32, frame);
    return true;
}

static bool take_from_new_own(struct call *call, unsigned zone, pmm_block block, uint64_t *address)
{
    work_in(call, zone, block, pmm_block_place(call->pmm, block));
    return take_from_own(call, zone, address);
}

/* ---- a 4 KiB frame of a zone: my block, a partly used one, a whole one, one that another CPU works in
 * ---------- */

static bool take_from_partial(struct call *call, unsigned zone, uint64_t *address)
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

static bool take_from_whole(struct call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t end = pmm->zone_first[zone + 1];
    pmm_block block = pmm_hint_find(pmm, &pmm->whole, pmm->zone_first[zone], end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->whole, block.number + 1, end)) {
        uint64_t state = pmm_load(pmm_state(pmm, block));

        if (pmm_state_kind(state) == PMM_BLOCK_WHOLE) {
            pmm_hint_set(pmm, &pmm->partial, block);
            if (!pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_break_up(state, call->owner)))
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

/* Last resort: whatever is open, whoever works in it. */
static bool take_from_any(struct call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t end = pmm->zone_first[zone + 1];
    pmm_block block = pmm_hint_find(pmm, &pmm->partial, pmm->zone_first[zone], end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->partial, block.number + 1, end)) {
        uint32_t word = 0;
        unsigned frame;

        if (pmm_state_is_open(pmm_load(pmm_state(pmm, block))) &&
            take_frame(call, block, zone, &word, &frame)) {
            *address = frame_address(pmm_block_place(pmm, block), frame);
            return true;
        }
    }
    return false;
}

static bool small_in_zone(struct call *call, unsigned zone, uint64_t *address)
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

/* ---- a 2 MiB block of a zone
 * ---------------------------------------------------------------------------------- */

/* Takes a block that is whole; one in which a CPU works (all frames free) only if `steal`. */
static bool take_block(struct pmm *pmm, pmm_block block, bool steal)
{
    uint64_t state = pmm_load(pmm_state(pmm, block));

    while (pmm_state_kind(state) == PMM_BLOCK_WHOLE)
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_make_large(state)))
            return true;
    if (pmm_state_kind(state) != PMM_BLOCK_OPEN || (!steal && pmm_state_owner(state) != PMM_NO_OWNER))
        return false;
    return pmm_words_are_full(pmm_words(pmm, block)) && close_block(pmm, block, state, PMM_BLOCK_LARGE);
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
static bool got_block(struct call *call, unsigned zone, pmm_block block, uint64_t *address)
{
    pmm_local_add(&call->cpu->taken[zone], PMM_BLOCK_FRAMES);
    call->cpu->large[zone] = block.number;
    *address = frame_address(pmm_block_place(call->pmm, block), 0);
    return true;
}

static bool large_in_zone(struct call *call, unsigned zone, uint64_t *address)
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

/* ---- refusing
 * ------------------------------------------------------------------------------------------------- */

/* Looks at every block of a zone itself: for when hints are being changed. */
static bool scan_zone(struct call *call, unsigned order, unsigned zone, uint64_t *address)
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
        while (pmm_state_kind(state) == PMM_BLOCK_WHOLE) {
            pmm_hint_set(pmm, &pmm->partial, block);
            if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_break_up(state, PMM_NO_OWNER)))
                break;
        }
        if (pmm_state_kind(state) != PMM_BLOCK_LARGE && take_frame(call, block, zone, &word, &frame)) {
            *address = frame_address(pmm_block_place(pmm, block), frame);
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

static enum pmm_status allocate(struct call *call, unsigned order, unsigned zone, uint64_t *address)
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

enum pmm_status pmm_alloc(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address)
{
    const unsigned cpu = PMM_THIS_CPU;
    const unsigned zone = PMM_ZONE_NORMAL - flags;
    struct call call = {pmm, 0, cpu + 1};

    if (!pmm || !address || flags > PMM_DMA || cpu >= pmm->cpus)
        return PMM_ERR_ARGUMENT;
    call.cpu = pmm_cpu_of(pmm, cpu);
    if (order == PMM_ORDER_SMALL) {
        const uint64_t own = pmm_load(&call.cpu->own[zone]);

        if (own) {
            const uint32_t word = call.cpu->word[zone];
            pmm_atomic *at = &pmm_words(pmm, own_block(own))[word];
            const uint64_t value = pmm_load(at);

            /* A full word may mean a whole block, which is broken up only if there is no other way. */
            if (value != 0 && value != PMM_WORD_FULL) {
                const unsigned number = pmm_lowest_bit(value);
                const uint64_t bit = UINT64_C(1) << number;

                if (pmm_fetch_and(at, ~bit) & bit) {
                    pmm_local_add(&call.cpu->taken[zone], 1);
                    if (settle(pmm, own_block(own))) {
                        *address = frame_address(own >> 32, word * 64 + number);
                        return PMM_OK;
                    }
                    return_frame(&call, own_block(own), zone, word * 64 + number);
                }
            }
        }
    } else if (order != PMM_ORDER_LARGE) {
        return PMM_ERR_ARGUMENT;
    }
    return allocate(&call, order, zone, address);
}

/* ---- freeing
 * -------------------------------------------------------------------------------------------------- */

/* Why a frame that is not managed cannot be freed; PMM_OK when it is managed. */
static enum pmm_status unmanaged_status(const struct pmm *pmm, uint64_t address)
{
    switch (pmm_edge_kind_of(pmm, address >> PMM_FRAME_SHIFT)) {
    case PMM_EDGE_HOLE:
        return PMM_ERR_HOLE;
    case PMM_EDGE_RESERVED:
        return PMM_ERR_RESERVED;
    case PMM_EDGE_MANAGED:
        break;
    }
    return PMM_OK;
}

static enum pmm_status free_small(struct call *call, pmm_block block, uint64_t state, uint64_t address)
{
    const unsigned frame = (unsigned)(address >> PMM_FRAME_SHIFT) % PMM_BLOCK_FRAMES;

    if (pmm_state_is_ragged(state)) {
        const enum pmm_status status = unmanaged_status(call->pmm, address);
        if (status != PMM_OK)
            return status;
    }
    if (pmm_state_kind(state) == PMM_BLOCK_LARGE)
        return PMM_ERR_SIZE;
    if ((pmm_load(&pmm_words(call->pmm, block)[frame / 64]) >> (frame % 64)) & 1)
        return PMM_ERR_DOUBLE_FREE; /* seen before anything is written, not even a counter */
    return return_frame(call, block, pmm_state_zone(state), frame) ? PMM_OK : PMM_ERR_DOUBLE_FREE;
}

static enum pmm_status free_large(struct call *call, pmm_block block, uint64_t state)
{
    struct pmm *pmm = call->pmm;
    const unsigned zone = pmm_state_zone(state);
    bool freed;

    pmm_local_add(&call->cpu->returning[zone], PMM_BLOCK_FRAMES);
    freed = pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_make_whole(state));
    if (freed)
        pmm_hint_set(pmm, &pmm->whole, block);
    else
        pmm_local_add(&call->cpu->taken[zone], PMM_BLOCK_FRAMES); /* another CPU freed it first */
    pmm_local_add(&call->cpu->returned[zone], PMM_BLOCK_FRAMES);
    return freed ? PMM_OK : PMM_ERR_DOUBLE_FREE;
}

/* Why the block at `address`, which is not allocated as one, cannot be freed as one: judged on its first
 * frame. */
static enum pmm_status not_large_status(const struct pmm *pmm, uint64_t address)
{
    switch (pmm_query(pmm, address)) {
    case PMM_FRAME_HOLE:
        return PMM_ERR_HOLE;
    case PMM_FRAME_RESERVED:
        return PMM_ERR_RESERVED;
    case PMM_FRAME_FREE:
        return PMM_ERR_DOUBLE_FREE;
    case PMM_FRAME_SMALL:
    case PMM_FRAME_LARGE:
        break;
    }
    return PMM_ERR_SIZE;
}

/* The checks that both ways of freeing share, up to the block and its state. */
static enum pmm_status find_for_free(struct call *call, uint64_t address, unsigned order, pmm_block *block,
                                     uint64_t *state)
{
    const unsigned cpu = PMM_THIS_CPU;
    enum pmm_status status;

    if (!call->pmm || cpu >= call->pmm->cpus)
        return PMM_ERR_ARGUMENT;
    call->cpu = pmm_cpu_of(call->pmm, cpu);
    call->owner = cpu + 1;
    if (address & ((UINT64_C(1) << (PMM_FRAME_SHIFT + order)) - 1))
        return PMM_ERR_MISALIGNED;
    if (address >= call->pmm->end)
        return PMM_ERR_RANGE;
    if (!pmm_find_block(call->pmm, address, block)) {
        status = unmanaged_status(call->pmm, address);
        return status == PMM_OK ? PMM_ERR_CORRUPT : status;
    }
    *state = pmm_load(pmm_state(call->pmm, *block));
    return PMM_OK;
}

enum pmm_status pmm_free(struct pmm *pmm, uint64_t address, unsigned order)
{
    struct call call = {pmm, 0, 0};
    pmm_block block;
    uint64_t state;
    enum pmm_status status;

    if (order != PMM_ORDER_SMALL && order != PMM_ORDER_LARGE)
        return PMM_ERR_ARGUMENT;
    status = find_for_free(&call, address, order, &block, &state);
    if (status != PMM_OK)
        return status;
    if (order == PMM_ORDER_SMALL)
        return free_small(&call, block, state, address);
    if (pmm_state_kind(state) == PMM_BLOCK_LARGE)
        return free_large(&call, block, state);
    return not_large_status(pmm, address);
}

enum pmm_status pmm_release(struct pmm *pmm, uint64_t address)
{
    struct call call = {pmm, 0, 0};
    pmm_block block;
    uint64_t state;
    const enum pmm_status status = find_for_free(&call, address, PMM_ORDER_SMALL, &block, &state);

    if (status != PMM_OK)
        return status;
    if (pmm_state_kind(state) == PMM_BLOCK_LARGE && address % (UINT64_C(1) << PMM_BLOCK_SHIFT) == 0)
        return free_large(&call, block, state);
    return free_small(&call, block, state, address);
}
