/* One call against one state of its block: what it may have answered, and what it changed. */
#include "judge.h"

#include <string.h>

bool step_matters(const struct call *call, struct rules rules)
{
    switch (call->kind) {
    case CALL_ALLOC:
        return call->answer == ANSWER_OK;
    case CALL_FREE:
    case CALL_RELEASE:
        return call->answer == ANSWER_OK || !rules.weak;
    case CALL_QUERY:
        return !rules.weak;
    case CALL_STATS:
        break;
    }
    return false;
}

enum answer step_obstacle(const struct ground *ground, const struct call *call)
{
    enum frame_state state;

    if (call->kind == CALL_FREE && call->order != 0 && call->order != BLOCK_ORDER)
        return ANSWER_ARGUMENT;
    if (call->kind != CALL_QUERY &&
        call->address % (FRAME_BYTES << (call->kind == CALL_RELEASE ? 0 : call->order)) != 0)
        return ANSWER_MISALIGNED;
    if (call->kind != CALL_QUERY && call->address >= model_totals(ground->model)->end)
        return ANSWER_RANGE;
    state = model_frame(ground->model, call->address);
    return state == FRAME_HOLE ? ANSWER_HOLE : state == FRAME_RESERVED ? ANSWER_RESERVED : ANSWER_OK;
}

static bool apply_alloc(struct block_state *state, const struct call *call)
{
    const unsigned frame = frame_of(call->address);

    if (state->large)
        return false;
    if (call->order == BLOCK_ORDER) {
        state->large = words_full(state->free);
        return state->large;
    }
    if (!frame_bit(state->free, frame))
        return false;
    state->free[frame / 64] ^= UINT64_C(1) << (frame % 64);
    return true;
}

static bool frees_block(const struct call *call)
{
    return call->kind == CALL_FREE && call->order == BLOCK_ORDER;
}

static enum answer free_answer(const struct block_state *state, const struct call *call)
{
    const bool whole = call->kind == CALL_RELEASE ? frame_of(call->address) == 0 : call->order == BLOCK_ORDER;

    if (state->large)
        return whole ? ANSWER_OK : ANSWER_SIZE;
    if (frame_bit(state->free, frame_of(call->address)))
        return ANSWER_DOUBLE_FREE;
    return frees_block(call) && !state->later ? ANSWER_SIZE : ANSWER_OK;
}

static bool apply_free(struct block_state *state, const struct call *call, struct rules rules, uint8_t *freed)
{
    const enum answer answer = free_answer(state, call);
    const unsigned frame = frame_of(call->address);

    *freed = NOTHING_FREED;
    if (state->later && call->met_split && call->answer == ANSWER_SIZE) /* that call has begun to split the block */
        return true;
    if (call->answer != answer && (rules.codes || answer == ANSWER_OK || call->answer == ANSWER_OK))
        return false;
    if (answer != ANSWER_OK)
        return true;
    *freed = state->large || frees_block(call) ? BLOCK_ORDER : 0;
    state->later = false;
    if (state->large)
        state->large = false;
    else if (frees_block(call))
        memset(state->free, 0xFF, sizeof(state->free));
    else
        state->free[frame / 64] |= UINT64_C(1) << (frame % 64);
    return true;
}

static bool apply_query(const struct block_state *state, const struct call *call)
{
    if (state->large)
        return call->state == FRAME_LARGE;
    if (!frame_bit(state->free, frame_of(call->address)))
        return call->state == FRAME_SMALL;
    return call->state == FRAME_FREE;
}

bool step_apply(struct block_state *state, const struct call *call, struct rules rules, uint8_t *freed)
{
    switch (call->kind) {
    case CALL_ALLOC:
        return apply_alloc(state, call);
    case CALL_FREE:
    case CALL_RELEASE:
        return apply_free(state, call, rules, freed);
    case CALL_QUERY:
        return apply_query(state, call);
    case CALL_STATS:
        break;
    }
    return true;
}
