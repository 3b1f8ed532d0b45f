/*
 * The search for an order of the calls on one block: depth first, earliest response first, so that the first attempt
 * is nearly always the last. From the same set of calls in the same state, what failed once is not tried again.
 */
#include "judge.h"

#include <string.h>

enum { TRIED = 1 << 16 }; /* what is not remembered is searched again: slower, never wrong */

struct search {
    const struct history *history;
    struct rules rules;
    const struct block_state *goal;
    uint8_t *freed;
    size_t count;
    uint8_t calls[HISTORY_CALLS]; /* on this block, by response */
    struct block_state state;
};

/*
 * Sets of calls from which there is no way on, while `search` is the search they were met in. Each call takes or returns
 * what it says, so that the set decides the state: but for a release at the start of a block, which may have been of a
 * frame or of the block; hence the key has what those two leave.
 */
static struct tried {
    uint64_t set;
    uint32_t search;
    bool large, first;
} tried[TRIED];
static uint32_t searches;

static struct tried tried_key(uint64_t set, const struct block_state *state)
{
    return (struct tried){set, searches, state->large, frame_bit(state->free, 0)};
}

static struct tried *tried_at(struct tried key)
{
    const uint64_t hash =
        (key.set ^ (uint64_t)key.large << 63 ^ (uint64_t)key.first << 62) * UINT64_C(0x9e3779b97f4a7c15);

    return &tried[hash >> 48];
}

static bool was_tried(struct tried key)
{
    const struct tried *entry = tried_at(key);

    return entry->search == key.search && entry->set == key.set && entry->large == key.large &&
           entry->first == key.first;
}

static bool reached_goal(const struct search *search)
{
    const struct block_state *goal = search->goal, *state = &search->state;

    return !goal || (state->large == goal->large &&
                     (state->large || memcmp(state->free, goal->free, sizeof(state->free)) == 0));
}

/* `set`: the calls that stand in the order already. */
static bool search_from(struct search *search, uint64_t set)
{
    const uint64_t all = search->count == 64 ? UINT64_MAX : (UINT64_C(1) << search->count) - 1;
    const struct block_state before = search->state;
    const struct tried key = tried_key(set, &before);
    uint64_t deadline;

    if (set == all)
        return reached_goal(search);
    if (was_tried(key))
        return false;
    deadline = search->history->calls[search->calls[__builtin_ctzll(~set)]].responded;
    for (size_t i = (size_t)__builtin_ctzll(~set); i < search->count; i++) {
        const size_t number = search->calls[i];
        const struct call *call = &search->history->calls[number];

        if (set >> i & 1 || call->invoked > deadline)
            continue;
        if (step_apply(&search->state, call, search->rules, &search->freed[number]) &&
            search_from(search, set | UINT64_C(1) << i))
            return true;
        search->state = before;
    }
    *tried_at(key) = key;
    return false;
}

bool order_exists(const struct ground *ground, const struct history *history, struct rules rules, size_t block,
                  const struct block_state *goal, struct block_state *after, uint8_t freed[HISTORY_CALLS])
{
    struct search search = {history, rules, goal, freed, 0, {0}, ground->blocks[block].state};

    for (size_t i = 0; i < history->responded; i++) {
        const struct call *call = &history->calls[history->order[i]];

        if (step_matters(call, rules) && step_obstacle(ground, call) == ANSWER_OK &&
            ground_find(ground, call->address) == block)
            search.calls[search.count++] = history->order[i];
    }
    searches++;
    if (!search_from(&search, 0))
        return false;
    *after = search.state;
    return true;
}

bool judge_may_end(const struct ground *ground, const struct history *history, struct rules rules, size_t block,
                   const struct block_state *goal)
{
    struct block_state after;
    uint8_t freed[HISTORY_CALLS];

    return order_exists(ground, history, rules, block, goal, &after, freed);
}
