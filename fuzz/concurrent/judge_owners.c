/*
 * Who may have had which frame when. A frame counts as taken from the invocation of the call that got it to the
 * response of the call that freed it: the most lenient reading, so that no allocator is accused wrongly.
 */
#include "judge.h"

#include <string.h>

/* Who holds the frames that the calls touched: 1 for who had it before, or took it; a free takes that back. */
struct holders {
    size_t count;
    struct {
        unsigned frame;
        int holders;
    } frames[HISTORY_CALLS];
};

static void hold(struct holders *all, const struct block_state *before, unsigned frame, int change)
{
    size_t i = 0;

    while (i < all->count && all->frames[i].frame != frame)
        i++;
    if (i == all->count) {
        all->frames[i].frame = frame;
        all->frames[i].holders = !frame_bit(before->free, frame);
        all->count++;
    }
    all->frames[i].holders += change;
}

/*
 * What there was before the calls. A block that was later and was freed as one stands for an allocated one: no call but
 * that could free it so, since no history has as many calls as it has frames.
 */
static struct block_state state_before(const struct ground *ground, const struct history *history, size_t block)
{
    struct block_state before = ground->blocks[block].state;

    for (size_t i = 0; before.later && i < history->count; i++) {
        const struct call *call = &history->calls[i];

        if (call->kind != CALL_FREE || call->order != BLOCK_ORDER || call->answer != ANSWER_OK ||
            ground_find(ground, call->address) != block)
            continue;
        memset(before.free, 0xFF, sizeof(before.free));
        before.large = true;
        before.later = false;
    }
    return before;
}

/* What at `time` is free in `block`, whatever else may be going on. */
struct block_state surely_free(const struct ground *ground, const struct history *history,
                               const uint8_t freed[HISTORY_CALLS], size_t block, uint64_t time)
{
    const struct block_state before = state_before(ground, history, block);
    struct block_state state = before;
    struct holders holders;
    int large = before.large;

    holders.count = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct call *call = &history->calls[i];
        const bool takes = call->kind == CALL_ALLOC;

        if (call->answer != ANSWER_OK || call->kind >= CALL_QUERY || ground_find(ground, call->address) != block ||
            (takes ? call->invoked > time : call->responded >= time))
            continue;
        if ((takes ? call->order : freed[i]) == BLOCK_ORDER)
            large += takes ? 1 : -1;
        else if (takes || freed[i] != NOTHING_FREED)
            hold(&holders, &before, frame_of(call->address), takes ? 1 : -1);
    }
    state.large = large > 0;
    for (size_t i = 0; i < holders.count; i++) {
        const unsigned frame = holders.frames[i].frame;
        const uint64_t bit = UINT64_C(1) << (frame % 64);

        state.free[frame / 64] = (state.free[frame / 64] & ~bit) | (holders.frames[i].holders <= 0 ? bit : 0);
    }
    return state;
}

/* Takings of one frame by their response, against its being free before and its frees begun by then. */
static bool taken_too_often(const struct ground *ground, const struct history *history, size_t number)
{
    const struct call *call = &history->calls[number];
    const size_t block = ground_find(ground, call->address);
    const struct block_state before = state_before(ground, history, block);
    int available = call->order == BLOCK_ORDER ? !before.large : frame_bit(before.free, frame_of(call->address));

    for (size_t i = 0; i < history->count; i++) {
        const struct call *other = &history->calls[i];

        if (other->answer != ANSWER_OK || other->kind >= CALL_QUERY || other->address != call->address)
            continue;
        if (other->kind == CALL_ALLOC)
            available -= other->order == call->order && other->responded <= call->responded;
        else
            available += other->invoked < call->responded;
    }
    return available < 0;
}

size_t handed_out_twice(const struct ground *ground, const struct history *history, size_t block)
{
    for (size_t i = 0; i < history->responded; i++) {
        const struct call *call = &history->calls[history->order[i]];

        if (call->kind == CALL_ALLOC && call->answer == ANSWER_OK && ground_find(ground, call->address) == block &&
            taken_too_often(ground, history, history->order[i]))
            return history->order[i];
    }
    return HISTORY_CALLS;
}
