/*
 * Allocating: my block, hints, and the way to a refusal. What happens inside a block is pmm_frames.h.
 *
 * The fast path costs one locked instruction, a compare-and-swap of a bitmap word of the block this CPU works in, after
 * which the frame is this call's for good. Everything else it reads is constant or rarely written, and each CPU counts
 * for itself.
 *
 * Why a refusal is right is shown step by step in README.md beside this file; "step N" below is one of those.
 *
 * A block that is being sealed is nobody's: a 2 MiB request joins in, a 4 KiB request reopens it.
 */
#include "pmm_frames.h"

/* ---- the block a CPU works in ---- */

/* Leaves a block to everybody: whole, it can serve 2 MiB; empty, its hint is dropped by who meets it. */
static void leave_block(struct pmm_call *call, pmm_block block)
{
    struct pmm *pmm = call->pmm;
    uint64_t state = pmm_load(pmm_state(pmm, block));

    while (pmm_state_kind(state) == PMM_BLOCK_OPEN && pmm_state_owner(state) == call->owner)
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_with_owner(state, PMM_NO_OWNER)))
            break;
    if (pmm_state_is_open(state) && pmm_block_is_full(pmm, block, state))
        pmm_note_full(pmm, call->cpu, block);
}

/* From now on this CPU works in `block`, which it has marked as its own, from `word` on. */
static void work_in(struct pmm_call *call, unsigned zone, pmm_block block, uint32_t word)
{
    pmm_atomic *own = &call->cpu->zone[zone].own;
    const uint64_t before = pmm_load(own);

    pmm_store(own, pmm_own_word(block, word));
    if (before && pmm_own_block(before).number != block.number)
        leave_block(call, pmm_own_block(before));
}

static bool take_from_own(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    uint64_t own = pmm_load(&call->cpu->zone[zone].own);
    const pmm_block block = pmm_own_block(own);
    uint32_t word = own % PMM_BLOCK_WORDS;
    unsigned frame;

    if (!own || !pmm_state_is_open(pmm_load(pmm_state(call->pmm, block))) ||
        !pmm_take_frame(call, block, zone, &word, &frame))
        return false;
    if (pmm_own_word(block, word) != own) /* an interrupt may have chosen another block meanwhile: then that stays */
        pmm_compare_swap(&call->cpu->zone[zone].own, &own, pmm_own_word(block, word));
    *address = pmm_frame_address(pmm_block_place(call->pmm, block), frame);
    return true;
}

static bool take_from_new_own(struct pmm_call *call, unsigned zone, pmm_block block, uint32_t word, uint64_t *address)
{
    work_in(call, zone, block, word);
    return take_from_own(call, zone, address);
}

/* ---- a 4 KiB frame of a zone: my block, a partly used one, a whole one, one that another CPU works in ---- */

/*
 * One that nobody works in, but not `mine`. Always the lowest: so the highest are the ones that become whole (starting
 * where the last search ended instead left 7 whole blocks of 204 after long random reallocation, not 174).
 */
static bool take_from_partial(struct pmm_call *call, unsigned zone, pmm_block mine, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    const uint32_t end = pmm->zone_first[zone + 1];
    pmm_block block = pmm_hint_find(pmm, &pmm->partial, pmm->zone_first[zone], end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->partial, block.number + 1, end)) {
        uint64_t state;
        uint32_t word;

        if (block.number == mine.number)
            continue;
        state = pmm_load(pmm_state(pmm, block));
        if (pmm_state_is_open(state) && pmm_state_owner(state) != PMM_NO_OWNER &&
            pmm_state_owner(state) != call->owner)
            continue; /* before its words are read, which its owner is writing */
        word = pmm_first_word(pmm, block, state);
        if (!pmm_state_is_open(state) || (word == PMM_BLOCK_WORDS && pmm_state_last(state) == 0)) {
            pmm_drop_partial(pmm, call->cpu, block);
            continue;
        }
        if (pmm_state_kind(state) == PMM_BLOCK_SEALING || pmm_block_is_full(pmm, block, state))
            continue;
        if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_with_owner(state, call->owner)) &&
            take_from_new_own(call, zone, block, word % PMM_BLOCK_WORDS, address))
            return true;
    }
    return false;
}

static bool take_from_whole(struct pmm_call *call, unsigned zone, uint32_t first, uint32_t end, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    pmm_block block = pmm_hint_find(pmm, &pmm->whole, first, end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->whole, block.number + 1, end)) {
        uint64_t state = pmm_load(pmm_state(pmm, block));

        if (pmm_state_kind(state) == PMM_BLOCK_WHOLE) {
            if (pmm_break_up(call, block, &state, call->owner) && take_from_new_own(call, zone, block, 0, address))
                return true;
        } else if (!pmm_deserves_whole(pmm, block)) {
            pmm_drop_whole(pmm, call->cpu, block);
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

        /* Not only open ones: what was skipped as full may be whole by now; taking a frame breaks it up. */
        if (pmm_take_frame(call, block, zone, &word, &frame)) {
            pmm_store(&call->cpu->zone[zone].own, pmm_own_word(block, word)); /* as a guest: the owner stays */
            *address = pmm_frame_address(pmm_block_place(pmm, block), frame);
            return true;
        }
        if (!pmm_deserves_partial(pmm, block)) /* of a block passed over because of its owner */
            pmm_drop_partial(pmm, call->cpu, block);
    }
    return false;
}

/* No hint was being changed at `before`, and none has been since: steps 6 and 7. */
static bool hints_stood_still(const struct pmm *pmm, uint64_t before)
{
    return !(before & PMM_HINT_INFLIGHT) && pmm_hint_changes(pmm) == before;
}

/* Was nothing free here, and has no hint been set since? Whoever frees the first frame of a block sets one. */
static inline bool is_dry(const struct pmm *pmm, const struct pmm_work *work)
{
    return pmm_load(&work->own) == 0 && pmm_load(&pmm->hints_raised) == work->searched;
}

static bool own_is_full(const struct pmm *pmm, uint64_t own)
{
    const pmm_block block = pmm_own_block(own);
    uint64_t state;

    if (!pmm_word_is_full(pmm_load(&pmm_words(pmm, block)[own % PMM_BLOCK_WORDS])))
        return false;
    state = pmm_load(pmm_state(pmm, block));
    return pmm_state_is_open(state) && pmm_block_is_full(pmm, block, state);
}

/*
 * The hint of a block that this CPU left when it was empty. Only after the search for another, which by then keeps the
 * levels above as they are.
 */
static void settle_left(struct pmm_call *call, pmm_block block)
{
    if (pmm_deserves_partial(call->pmm, block))
        pmm_fetch_add(&call->pmm->hints_raised, 1); /* to be had again */
    else
        pmm_drop_partial(call->pmm, call->cpu, block);
}

static bool small_in_zone(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    struct pmm_work *work = &call->cpu->zone[zone];
    const uint32_t first = pmm->zone_first[zone], end = pmm->zone_first[zone + 1];
    const uint64_t own = pmm_load(&work->own), raised = pmm_load(&pmm->hints_raised);
    const bool own_is_whole = own && own_is_full(pmm, own);
    /* "No other block has a free frame" is remembered only if no hint changed during the search. */
    const uint64_t hints = !own || own_is_whole ? pmm_hint_changes(pmm) : PMM_HINT_INFLIGHT;
    const pmm_block mine = {own ? pmm_own_block(own).number : PMM_NO_BLOCK};
    /* Whole blocks are looked for where other CPUs are not. */
    const uint32_t next = own ? mine.number + 1 : call->cpu->large[zone];
    bool found;

    if (own && !own_is_whole) {
        if (take_from_own(call, zone, address))
            return true;
        pmm_store(&work->own, 0);
        work->searched = 0;
        leave_block(call, mine);
    }
    found = take_from_partial(call, zone, mine, address);
    if (!found && own_is_whole) {
        if (hints_stood_still(pmm, hints))
            work->searched = raised;
        found = take_from_own(call, zone, address);
    }
    found = found || take_from_whole(call, zone, next, end, address) ||
            take_from_whole(call, zone, first, next, address) || take_from_any(call, zone, address);
    if (own && !own_is_whole)
        settle_left(call, mine);
    else if (!own && !found && hints_stood_still(pmm, hints))
        work->searched = raised;
    return found;
}

/* ---- a 2 MiB block of a zone ---- */

/* Takes a block that is whole; one in which a CPU works (all frames free) only if `steal`. */
static bool take_block(struct pmm *pmm, pmm_block block, bool steal)
{
    for (;;) {
        uint64_t state = pmm_load(pmm_state(pmm, block));

        switch (pmm_state_kind(state)) {
        case PMM_BLOCK_WHOLE:
            if (pmm_compare_swap(pmm_state(pmm, block), &state, pmm_state_make_large(state)))
                return true;
            break;
        case PMM_BLOCK_LARGE:
            return false;
        case PMM_BLOCK_OPEN:
        case PMM_BLOCK_SEALING:
            if ((!steal && pmm_state_owner(state) != PMM_NO_OWNER) || !pmm_block_is_full(pmm, block, state))
                return false;
            if (pmm_seal_block(pmm, block, state, PMM_BLOCK_LARGE))
                return true;
            break;
        }
    }
}

/* *busy: blocks were passed over because CPUs work there. */
static pmm_block take_block_between(struct pmm_call *call, uint32_t first, uint32_t end, bool steal, bool *busy)
{
    struct pmm *pmm = call->pmm;
    pmm_block block = pmm_hint_find(pmm, &pmm->whole, first, end);

    for (; block.number != PMM_NO_BLOCK; block = pmm_hint_find(pmm, &pmm->whole, block.number + 1, end)) {
        if (take_block(pmm, block, steal))
            break;
        if (pmm_deserves_whole(pmm, block))
            *busy = true;
        else
            pmm_drop_whole(pmm, call->cpu, block);
    }
    return block;
}

/* Counts and answers for a block that was taken. */
static bool got_block(struct pmm_call *call, unsigned zone, pmm_block block, uint64_t *address)
{
    pmm_local_add(&call->cpu->zone[zone].taken, PMM_BLOCK_FRAMES);
    call->cpu->large[zone] = block.number;
    *address = pmm_frame_address(pmm_block_place(call->pmm, block), 0);
    return true;
}

static bool large_in_zone(struct pmm_call *call, unsigned zone, uint64_t *address)
{
    const uint32_t first = call->pmm->zone_first[zone], end = call->pmm->zone_first[zone + 1];
    const uint32_t last = call->cpu->large[zone];
    const uint32_t next =
        last >= first && last < end ? last + 1 : first; /* the hint at `last` is most likely stale */
    bool busy = true;

    for (int steal = 0; steal <= 1 && busy; steal++) {
        pmm_block block;

        busy = false;
        block = take_block_between(call, next, end, steal, &busy);
        if (block.number == PMM_NO_BLOCK)
            block = take_block_between(call, first, next, steal, &busy);
        if (block.number != PMM_NO_BLOCK)
            return got_block(call, zone, block, address);
    }
    return false;
}

/* ---- refusing ---- */

/* Looks at every block of a zone itself, without hints: step 7. */
static bool scan_zone(struct pmm_call *call, unsigned order, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;
    pmm_block block = {pmm->zone_first[zone]};

    for (; block.number < pmm->zone_first[zone + 1]; block.number++) {
        uint32_t word = 0;
        unsigned frame;

        if (order == PMM_ORDER_LARGE) {
            if (take_block(pmm, block, true))
                return got_block(call, zone, block, address);
            continue;
        }
        if (pmm_take_frame(call, block, zone, &word, &frame)) {
            *address = pmm_frame_address(pmm_block_place(pmm, block), frame);
            return true;
        }
    }
    return false;
}

/* Frames returned, ever, in the zones up to `zone`: step 2. */
static uint64_t count_returned(const struct pmm *pmm, unsigned zone)
{
    uint64_t returned = 0;

    for (unsigned cpu = 0; cpu < pmm->cpus; cpu++)
        for (unsigned z = 0; z <= zone; z++)
            returned += pmm_load(&pmm_cpu_of(pmm, cpu)->zone[z].returned);
    return returned;
}

static bool take_in_zone(struct pmm_call *call, unsigned order, unsigned zone, uint64_t *address)
{
    return order == PMM_ORDER_LARGE ? large_in_zone(call, zone, address) : small_in_zone(call, zone, address);
}

static enum pmm_status search(struct pmm_call *call, unsigned order, unsigned zone, uint64_t *address)
{
    struct pmm *pmm = call->pmm;

    /* Most calls end here: nothing needs to be counted for a success. */
    for (unsigned z = zone + 1; z-- > 0;)
        if (!(order == PMM_ORDER_SMALL && is_dry(pmm, &call->cpu->zone[z])) && take_in_zone(call, order, z, address))
            return PMM_OK;
    for (;;) {
        const uint64_t hints = pmm_hint_changes(pmm);
        const uint64_t returned = count_returned(pmm, zone);

        for (unsigned z = zone + 1; z-- > 0;)
            if (take_in_zone(call, order, z, address))
                return PMM_OK;
        if (!hints_stood_still(pmm, hints))
            for (unsigned z = zone + 1; z-- > 0;)
                if (scan_zone(call, order, z, address))
                    return PMM_OK;
        if (count_returned(pmm, zone) == returned)
            return PMM_ERR_NO_MEMORY;
    }
}

/* ---- the fast paths ---- */

/*
 * A frame from the word of this CPU's own block where it last found one; false when there is no such, or the block is
 * not of the longest run of its zone. The address is made before the compare-and-swap, while nothing depends on what
 * that finds: the caller need not wait for it.
 */
static inline bool take_from_own_word(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, uint64_t *address)
{
    const struct pmm_main *const main = &pmm->main[zone];
    struct pmm_work *const work = &cpu->zone[zone];
    const uint64_t word = pmm_load(&work->own) - main->own; /* large when `own` is 0 */
    pmm_atomic *at;
    uint64_t value, frame;

    if (word >= main->words)
        return false;
    at = pmm_main_word(pmm, main, word);
    pmm_about_to_write(at);
    value = pmm_load(at);
    if (value == 0 || pmm_word_is_sealed(value))
        return false;
    /* The block may be whole, and is broken up only as a last way: unless it was lately seen to be just that. */
    if (pmm_word_is_full(value) && pmm_load(&pmm->hints_raised) != work->searched)
        return false;
    frame = (main->first + word) * PMM_WORD_FRAMES + pmm_lowest_bit(value);
    if (!pmm_compare_swap(at, &value, value & (value - 1)))
        return false;
    pmm_local_add(&work->taken, 1);
    *address = frame << PMM_FRAME_SHIFT;
    return true;
}

/* This block, if it is whole and of the longest run of its zone. */
static inline bool take_main_block(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, uint32_t block,
                                   uint64_t *address)
{
    const struct pmm_main *const main = &pmm->main[zone];
    const uint64_t word = pmm_own_word((pmm_block){block}, 0) - main->own;
    pmm_atomic *at;
    uint64_t state;

    if (word >= main->words)
        return false;
    at = pmm_main_state(pmm, main, word);
    pmm_about_to_write(at);
    state = pmm_load(at);
    if (pmm_state_kind(state) != PMM_BLOCK_WHOLE || !pmm_compare_swap(at, &state, pmm_state_make_large(state)))
        return false;
    pmm_local_add(&cpu->zone[zone].taken, PMM_BLOCK_FRAMES);
    cpu->large[zone] = block;
    *address = (main->first + word) << PMM_WORD_SHIFT;
    return true;
}

/* The block this CPU took whole last, or the one after it, where a search would begin. */
static inline bool take_next_block(struct pmm *pmm, struct pmm_cpu *cpu, unsigned zone, uint64_t *address)
{
    const uint32_t last = cpu->large[zone];

    return take_main_block(pmm, cpu, zone, last, address) || take_main_block(pmm, cpu, zone, last + 1, address);
}

/* Everything but the fast path, in a frame of its own, so that the fast path saves no registers. */
static PMM_NOINLINE enum pmm_status allocate(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address)
{
    const unsigned cpu = PMM_THIS_CPU;
    struct pmm_call call = {pmm, 0, cpu + 1};
    unsigned zone = PMM_ZONE_NORMAL - flags;

    if (!pmm || !address || flags > PMM_DMA || cpu >= pmm->cpus)
        return PMM_ERR_ARGUMENT;
    call.cpu = pmm_cpu_of(pmm, cpu);
    if (order == PMM_ORDER_SMALL) { /* zones without a free frame cost next to nothing */
        if (flags && take_from_own_word(pmm, call.cpu, zone, address))
            return PMM_OK;
        while (zone > PMM_ZONE_DMA && is_dry(pmm, &call.cpu->zone[zone]))
            if (take_from_own_word(pmm, call.cpu, --zone, address))
                return PMM_OK;
    }
    return search(&call, order, PMM_ZONE_NORMAL - flags, address);
}

static PMM_NOINLINE enum pmm_status allocate_large(struct pmm *pmm, unsigned flags, uint64_t *address)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (pmm && address && flags <= PMM_DMA && cpu < pmm->cpus &&
        take_next_block(pmm, pmm_cpu_of(pmm, cpu), PMM_ZONE_NORMAL - flags, address))
        return PMM_OK;
    return allocate(pmm, PMM_ORDER_LARGE, flags, address);
}

enum pmm_status pmm_alloc(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address)
{
    const unsigned cpu = PMM_THIS_CPU;

    if (order != PMM_ORDER_SMALL)
        return order == PMM_ORDER_LARGE ? allocate_large(pmm, flags, address) : PMM_ERR_ARGUMENT;
    if (pmm && address && flags == 0 && cpu < pmm->cpus && /* with the zone a constant */
        take_from_own_word(pmm, pmm_cpu_of(pmm, cpu), PMM_ZONE_NORMAL, address))
        return PMM_OK;
    return allocate(pmm, PMM_ORDER_SMALL, flags, address);
}
