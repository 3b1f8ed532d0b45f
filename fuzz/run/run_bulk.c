/*
 * The operations that take or free many frames, so that short programs reach deep states: fill, free with a
 * stride, free all, drain. Every answer is judged; blocks are compared often but not each time.
 */
#include "state.h"

#include <stdlib.h>

enum { EVERY_FIRST = 8 }; /* frames of a bulk operation after each of which everything touched is compared */

static uint64_t held_address(uint64_t held)
{
    return held & ~(FRAME_BYTES - 1);
}

static unsigned held_order(uint64_t held)
{
    return held & (FRAME_BYTES - 1);
}

static void pool_add(struct pool *pool, uint64_t address, unsigned order)
{
    if (pool->count == pool->capacity) {
        pool->capacity = pool->capacity ? 2 * pool->capacity : 256;
        pool->frames = realloc(pool->frames, pool->capacity * sizeof(pool->frames[0]));
        if (!pool->frames) {
            fprintf(stderr, "out of memory for the addresses of %zu frames: replay a smaller map\n", pool->capacity);
            exit(2);
        }
    }
    pool->frames[pool->count++] = address | order;
}

/* The first ones, and those that usually take or give the last frame of a word. */
static bool compared(uint64_t count, uint64_t address)
{
    return count < EVERY_FIRST || (address >> FRAME_SHIFT) % 64 == 63;
}

static bool take_into_pool(struct run *run, unsigned order, uint64_t count, uint64_t address)
{
    pool_add(&run->pool, address, order);
    run->touched = address;
    return !compared(count, address) || settle(run, address, order, true);
}

/* Frees what the pool or a slot remembers, if it is still allocated so. */
static bool free_held(struct run *run, uint64_t address, unsigned order, uint64_t *count)
{
    enum answer answer;

    if (model_free_answer(run->model, address, order) != ANSWER_OK)
        return true;
    if (!give_expecting(run, (struct giving){address, order, false}, ANSWER_OK, &answer))
        return false;
    *count += 1;
    return !compared(*count, address) || settle(run, address, order, false);
}

bool operation_FILL(struct run *run, const struct operation *operation)
{
    const unsigned order = (unsigned)operation->operands[0];
    const uint64_t wanted = operation->operands[2] ? operation->operands[2] : UINT64_MAX;
    enum zone limit = (enum zone)operation->operands[1];
    enum answer answer = ANSWER_OK;
    uint64_t taken = 0;

    if (!serves(run, order))
        return true;
    while (taken < wanted) {
        uint64_t address;

        answer = ask_alloc(run, order, &limit, &address);
        if (!judge_alloc(run, order, limit, answer, address))
            return false;
        if (answer != ANSWER_OK)
            break;
        if (!take_into_pool(run, order, taken++, address))
            return false;
    }
    run->outcome = (struct outcome){true, answer, UINT64_MAX, taken, "taken"};
    return answer == ANSWER_OK ? compare_touched(run, FAIL_NONE) : compare_refused(run);
}

bool operation_FREE_EVERY(struct run *run, const struct operation *operation)
{
    const uint64_t stride = operation->operands[0] ? operation->operands[0] : 1;
    const uint64_t first = operation->operands[1];
    struct pool *pool = &run->pool;
    uint64_t count = 0;
    size_t kept = 0;

    for (size_t i = 0; i < pool->count; i++) {
        const uint64_t held = pool->frames[i];

        if (i < first || (i - first) % stride != 0)
            pool->frames[kept++] = held;
        else if (!free_held(run, held_address(held), held_order(held), &count))
            return false;
    }
    pool->count = kept;
    run->outcome = (struct outcome){true, ANSWER_OK, UINT64_MAX, count, "freed"};
    return compare_touched(run, FAIL_NONE);
}

bool free_everything(struct run *run, uint64_t *count)
{
    for (size_t i = 0; i < PROGRAM_SLOTS; i++) {
        const struct slot *slot = &run->slots[i];

        if ((run->slots_held >> i & 1) && !free_held(run, slot->address, slot->order, count))
            return false;
    }
    run->slots_held = 0;
    for (size_t i = 0; i < run->pool.count; i++) {
        const uint64_t held = run->pool.frames[i];

        if (!free_held(run, held_address(held), held_order(held), count))
            return false;
    }
    run->pool.count = 0;
    return compare_everything(run, FAIL_E01);
}

bool operation_FREE_ALL(struct run *run, const struct operation *operation)
{
    uint64_t count = 0;

    (void)operation;
    if (!free_everything(run, &count))
        return false;
    run->outcome = (struct outcome){true, ANSWER_OK, UINT64_MAX, count, "freed"};
    return true;
}

/* Out of order: every other one forwards, then the rest backwards. */
bool give_back(struct run *run, size_t first)
{
    struct pool *pool = &run->pool;
    const size_t count = pool->count - first;
    const size_t forwards = (count + 1) / 2;
    uint64_t freed = 0;

    for (size_t i = 0; i < count; i++) {
        const uint64_t held = pool->frames[first + (i < forwards ? 2 * i : 2 * (count - i) - 1)];

        if (!free_held(run, held_address(held), held_order(held), &freed))
            return false;
    }
    pool->count = first;
    return compare_touched(run, FAIL_NONE);
}

bool take_all(struct run *run, unsigned order, uint64_t *count)
{
    const struct model_counts total = model_total(run->model);
    const uint64_t expected = order == 0 ? total.free : order == BLOCK_ORDER ? total.whole : 0;

    for (*count = 0;; *count += 1) {
        enum zone limit = ZONE_NORMAL;
        uint64_t address;
        const enum answer answer = ask_alloc(run, order, &limit, &address);

        if (answer != ANSWER_OK && *count != expected)
            return run_fail(run, FAIL_E02, said_count(*count), said_count(expected));
        if (!judge_alloc(run, order, limit, answer, address))
            return false;
        run->outcome.answer = answer;
        if (answer != ANSWER_OK)
            return compare_refused(run);
        if (!take_into_pool(run, order, *count, address))
            return false;
    }
}

bool operation_DRAIN(struct run *run, const struct operation *operation)
{
    const unsigned order = (unsigned)operation->operands[0];
    const bool exists = order == 0 || order == BLOCK_ORDER;
    const size_t first = run->pool.count;
    uint64_t count;

    if (!serves(run, order))
        return true;
    if (!take_all(run, order, &count))
        return false;
    run->outcome = (struct outcome){true, exists ? ANSWER_OK : run->outcome.answer, UINT64_MAX, count, "drained"};
    return give_back(run, first);
}
