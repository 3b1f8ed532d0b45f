/*
 * The judge, call by call in the order of responses: what the map alone decides, then every block's state, then the
 * intervals. Only when the order of responses does not explain a block is another one searched for.
 */
#include "judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 4, 5))) static bool found(struct finding *finding, enum failure_id failure, size_t call,
                                                        const char *format, ...)
{
    va_list arguments;

    finding->failure = failure;
    finding->call = call;
    va_start(arguments, format);
    vsnprintf(finding->what, sizeof(finding->what), format, arguments);
    va_end(arguments);
    return false;
}

static bool judge_allocation(const struct ground *ground, const struct call *call, size_t number, struct rules rules,
                             struct finding *finding)
{
    if (call->answer != ANSWER_OK)
        return call->answer == ANSWER_NO_MEMORY || !rules.codes ||
               found(finding, FAIL_A09, number, "allocator=%s model=no-memory", answer_name(call->answer));
    if (call->address % (FRAME_BYTES << call->order) != 0)
        return found(finding, FAIL_A03, number, "0x%" PRIx64 " is not aligned", call->address);
    if (model_frame(ground->model, call->address) <= FRAME_RESERVED ||
        (call->order == BLOCK_ORDER && !ground->blocks[ground_find(ground, call->address)].full))
        return found(finding, FAIL_A01, number, "0x%" PRIx64 " is not managed", call->address);
    if (zone_of(call->address) > call->limit)
        return found(finding, FAIL_A05, number, "0x%" PRIx64 " is above the limit", call->address);
    return true;
}

/* Frees and queries that the map alone decides. */
static bool judge_obstacle(const struct call *call, size_t number, enum answer obstacle, struct rules rules,
                           struct finding *finding)
{
    static const enum failure_id accepted[ANSWER_COUNT] = {
        [ANSWER_ARGUMENT] = FAIL_F10, [ANSWER_MISALIGNED] = FAIL_F03, [ANSWER_RANGE] = FAIL_F06,
        [ANSWER_HOLE] = FAIL_F04,     [ANSWER_RESERVED] = FAIL_F05,
    };

    if (call->kind == CALL_QUERY)
        return call->state == (obstacle == ANSWER_HOLE ? FRAME_HOLE : FRAME_RESERVED) ||
               found(finding, FAIL_B02, number, "allocator=%s model=%s", frame_state_name(call->state),
                     answer_name(obstacle));
    if (call->answer == ANSWER_OK)
        return found(finding, accepted[obstacle], number, "allocator=ok model=%s", answer_name(obstacle));
    return call->answer == obstacle || !rules.codes ||
           found(finding, FAIL_F09, number, "allocator=%s model=%s", answer_name(call->answer),
                 answer_name(obstacle));
}

static bool judge_one(const struct ground *ground, const struct call *call, size_t number, struct rules rules,
                      struct finding *finding, size_t *block)
{
    enum answer obstacle;

    *block = GROUND_BLOCKS;
    if (call->kind == CALL_STATS)
        return true;
    if (call->kind == CALL_ALLOC) {
        if (!judge_allocation(ground, call, number, rules, finding))
            return false;
        obstacle = ANSWER_OK;
    } else {
        obstacle = step_obstacle(ground, call);
        if (obstacle != ANSWER_OK)
            return judge_obstacle(call, number, obstacle, rules, finding);
    }
    if (step_matters(call, rules))
        *block = ground_find(ground, call->address);
    return true;
}

static bool frees(const struct call *call)
{
    return call->kind == CALL_FREE || call->kind == CALL_RELEASE;
}

/*
 * A free that has not ended, was refused, or was misuse says nothing of who owned what: only without any on its block
 * is it known who spoke last for a frame's contents.
 */
static bool judge_contents(const struct ground *ground, const struct history *history, size_t number,
                           struct finding *finding)
{
    const struct call *taken = &history->calls[number];
    const size_t block = ground_find(ground, taken->address);

    for (size_t i = 0; i < history->count; i++) {
        const struct call *call = &history->calls[i];

        if (frees(call) && ground_find(ground, call->address) == block &&
            (call->misuse || call->answer != ANSWER_OK ||
             (call->begun <= taken->responded && call->responded > taken->responded)))
            return true;
    }
    return found(finding, FAIL_L08, number, "0x%" PRIx64 " comes without what its last owner wrote", taken->address);
}

/* `number`: the call at which the order of responses was no explanation. */
static bool judge_block(const struct ground *ground, const struct history *history, struct rules rules, size_t block,
                        size_t number, struct judgement *judgement, struct finding *finding)
{
    const struct call *call = &history->calls[number];
    size_t twice;

    if (order_exists(ground, history, rules, block, NULL, &judgement->after[block], judgement->freed))
        return true;
    twice = handed_out_twice(ground, history, block);
    if (twice < HISTORY_CALLS)
        return found(finding, FAIL_L03, twice, "0x%" PRIx64 " was not free, nor about to be",
                     history->calls[twice].address);
    return found(finding, FAIL_L01, number, "no order of the calls on block 0x%" PRIx64 " explains %s at 0x%" PRIx64,
                 ground->blocks[block].base,
                 call->kind == CALL_QUERY ? frame_state_name(call->state) : answer_name(call->answer), call->address);
}

/*
 * A release at the start of a block may have been of the frame there or of the whole block, whatever the order found
 * says, if it was misuse or a misuse may have freed what it meant: then what was free when is not known. A free says
 * itself which it means.
 */
static bool is_muddled(const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct call *release = &history->calls[i];

        if (release->kind != CALL_RELEASE || release->answer != ANSWER_OK || frame_of(release->address) != 0)
            continue;
        for (size_t j = 0; j < history->count; j++) {
            const struct call *call = &history->calls[j];

            if (frees(call) && call->answer == ANSWER_OK && call->misuse && call->address == release->address)
                return true;
        }
    }
    return false;
}

static bool judge_intervals(const struct ground *ground, const struct history *history, struct rules rules,
                            const struct judgement *judgement, struct finding *finding)
{
    /* Only bounds are left to judge then, as where loads may be stale. */
    const struct rules bounds = {rules.codes, rules.weak || is_muddled(history)};

    for (size_t i = 0; i < history->responded; i++) {
        const size_t number = history->order[i];
        const struct call *call = &history->calls[number];

        if (call->invisible && !judge_contents(ground, history, number, finding))
            return false;
        if (call->kind == CALL_ALLOC && call->answer != ANSWER_OK && !bounds.weak &&
            !judge_refusal(ground, history, judgement->freed, number, finding))
            return false;
        if (call->kind == CALL_STATS && !judge_stats(ground, history, judgement->freed, bounds, number, finding))
            return false;
    }
    return true;
}

bool judge(const struct ground *ground, const struct history *history, struct rules rules,
           struct judgement *judgement, struct finding *finding)
{
    size_t broken[GROUND_BLOCKS]; /* the call from which on another order is needed */

    finding->failure = FAIL_NONE;
    for (size_t i = 0; i < ground->block_count; i++) {
        judgement->after[i] = ground->blocks[i].state;
        broken[i] = HISTORY_CALLS;
    }
    for (size_t i = 0; i < history->responded; i++) {
        const size_t number = history->order[i];
        const struct call *call = &history->calls[number];
        size_t block;

        if (!judge_one(ground, call, number, rules, finding, &block))
            return false;
        if (block < GROUND_BLOCKS && broken[block] == HISTORY_CALLS &&
            !step_apply(&judgement->after[block], call, rules, &judgement->freed[number]))
            broken[block] = number;
    }
    for (size_t i = 0; i < ground->block_count; i++)
        if (broken[i] < HISTORY_CALLS && !judge_block(ground, history, rules, i, broken[i], judgement, finding))
            return false;
    return judge_intervals(ground, history, rules, judgement, finding);
}
