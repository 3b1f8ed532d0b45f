/*
 * The operations that free one address, rightly or wrongly, and what every free of a run goes through: the
 * model says the one legal answer first, and a free that must be refused must leave every byte of the
 * metadata as it was.
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

bool slot_is_live(const struct run *run, size_t index)
{
    const struct slot *slot = &run->slots[index];

    return (run->slots_held >> index & 1) && model_free_answer(run->model, slot->address, slot->order) == ANSWER_OK;
}

/* False when there is nothing to compare with later. */
static bool take_snapshot(struct run *run)
{
    const void *metadata;
    size_t size = 0;

    if (!run->allocator->metadata)
        return false;
    metadata = run->allocator->metadata(run->self, &size);
    if (size > run->snapshot_capacity) {
        free(run->snapshot);
        run->snapshot = malloc(size);
        run->snapshot_capacity = run->snapshot ? size : 0;
    }
    run->snapshot_size = size;
    if (size == 0 || size > run->snapshot_capacity)
        return false;
    memcpy(run->snapshot, metadata, size);
    return true;
}

static bool compare_snapshot(struct run *run)
{
    size_t size = 0;
    const uint8_t *metadata = run->allocator->metadata(run->self, &size);

    if (size != run->snapshot_size)
        return run_fail(run, FAIL_N01, said_count(size), said_count(run->snapshot_size));
    if (memcmp(run->snapshot, metadata, size) == 0)
        return true;
    for (size_t i = 0; i < size; i++) {
        if (run->snapshot[i] != metadata[i])
            return run_fail(run, FAIL_N01, said_address(metadata[i]), said_address(run->snapshot[i]));
    }
    return true;
}

/* The failure of accepting what had to be refused with `expected`. */
static enum failure_id accepted(const struct run *run, enum answer expected, uint64_t address)
{
    switch (expected) {
    case ANSWER_MISALIGNED:
        return FAIL_F03;
    case ANSWER_RANGE:
        return FAIL_F06;
    case ANSWER_HOLE:
        return FAIL_F04;
    case ANSWER_RESERVED:
        return FAIL_F05;
    case ANSWER_DOUBLE_FREE:
        return FAIL_F02;
    case ANSWER_SIZE:
        return model_frame(run->model, address) == FRAME_LARGE && address % BLOCK_BYTES != 0 ? FAIL_F08 : FAIL_F07;
    default:
        return FAIL_F10;
    }
}

static bool judge_free(struct run *run, uint64_t address, enum answer expected, enum answer answer)
{
    enum failure_id failure = FAIL_NONE;

    if (expected == ANSWER_OK && answer != ANSWER_OK)
        failure = FAIL_F01;
    else if (expected != ANSWER_OK && answer == ANSWER_OK)
        failure = accepted(run, expected, address);
    else if (expected != answer && (run->allocator->promises & PROMISE_CODES))
        failure = FAIL_F09;
    run->touched = address;
    return failure == FAIL_NONE ||
           run_fail(run, failure, said_word(answer_name(answer)), said_word(answer_name(expected)));
}

bool give_expecting(struct run *run, struct giving giving, enum answer expected, enum answer *answer)
{
    const uint64_t address = giving.address;
    const bool snapshot = expected != ANSWER_OK && take_snapshot(run);

    call_begins(run);
    *answer = giving.release ? run->allocator->release(run->self, run->cpu, address)
                             : run->allocator->free(run->self, run->cpu, address, giving.order);
    hash_mix(run, address ^ (uint64_t)*answer << 60);
    if (!judge_free(run, address, expected, *answer))
        return false;
    reach_free(run->model, address, giving.order, expected);
    if (run->totals.later > 0)
        reach_later(run->model, &run->map, address, giving.order, expected);
    if (expected == ANSWER_OK)
        model_give(run->model, address, giving.order);
    return !snapshot || compare_snapshot(run);
}

static bool free_one(struct run *run, struct giving giving)
{
    enum answer expected, answer;

    if (giving.release ? !run->allocator->release : !serves(run, giving.order))
        return true;
    expected = giving.release ? model_release_answer(run->model, giving.address, &giving.order)
                              : model_free_answer(run->model, giving.address, giving.order);
    if (!give_expecting(run, giving, expected, &answer))
        return false;
    run->outcome = (struct outcome){true, answer, giving.address, 0, NULL};
    if (answer == ANSWER_OK)
        return settle(run, giving.address, giving.order, false);
    return run->allocator->metadata || compare_touched(run, FAIL_N01); /* every byte has been compared already */
}

/* Frees by way of a slot that has ever held an address. */
static bool free_slot(struct run *run, const struct operation *operation, struct giving giving)
{
    const size_t index = (size_t)operation->operands[0];
    struct slot *slot = &run->slots[index];
    const bool held = run->slots_held >> index & 1;

    if (!(run->slots_known >> index & 1))
        return true;
    giving.address += slot->address;
    if (!free_one(run, giving))
        return false;
    if (run->outcome.acted && run->outcome.answer == ANSWER_OK && giving.address == slot->address) {
        if (!held)
            reach(MARK_freed_by_another);
        if (slot->cpu != run->cpu)
            reach(MARK_freed_on_other_cpu);
        run->slots_held &= ~(UINT64_C(1) << index);
    }
    return true;
}

bool operation_FREE(struct run *run, const struct operation *operation)
{
    return free_slot(run, operation, (struct giving){0, run->slots[operation->operands[0]].order, false});
}

bool operation_RELEASE(struct run *run, const struct operation *operation)
{
    return free_slot(run, operation, (struct giving){0, 0, true});
}

bool operation_FREE_AS(struct run *run, const struct operation *operation)
{
    return free_slot(run, operation, (struct giving){0, (unsigned)operation->operands[1], false});
}

bool operation_FREE_INSIDE(struct run *run, const struct operation *operation)
{
    return free_slot(run, operation, (struct giving){operation->operands[1] << FRAME_SHIFT, 0, false});
}

bool operation_RELEASE_INSIDE(struct run *run, const struct operation *operation)
{
    return free_slot(run, operation, (struct giving){operation->operands[1] << FRAME_SHIFT, 0, true});
}

bool operation_FREE_SKEWED(struct run *run, const struct operation *operation)
{
    return free_slot(run, operation,
                     (struct giving){operation->operands[1], run->slots[operation->operands[0]].order, false});
}

bool operation_FREE_AT(struct run *run, const struct operation *operation)
{
    return free_one(run, (struct giving){operation->operands[0], (unsigned)operation->operands[1], false});
}

bool operation_RELEASE_AT(struct run *run, const struct operation *operation)
{
    return free_one(run, (struct giving){operation->operands[0], 0, true});
}
