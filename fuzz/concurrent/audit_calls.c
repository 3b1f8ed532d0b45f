/* What an audit calls: everything that is free is taken, then everything is freed. */
#include "audit.h"

#include <string.h>

enum { CHEAP_CALLS = 24 }; /* most calls of a drain, or of freeing everything, that every run makes */

/* ---- taking all that is free ---- */

/* Takes until refused: `expected` times, and never what is not free. */
static bool drain(struct books *books, unsigned order, uint64_t expected)
{
    const struct execution *execution = books->execution;
    const struct rules rules = {true, false};
    struct call call = {.kind = CALL_ALLOC, .order = order};

    for (uint64_t count = 0;; count++) {
        size_t block;
        uint8_t freed;

        call.address = UINT64_MAX;
        call.answer = execution->allocator->alloc(execution->stage->run.self, 0, order, ZONE_NORMAL, &call.address);
        if (call.answer != ANSWER_OK)
            return count == expected ||
                   books_wrong(books, FAIL_E02,
                               order ? "a drain of 2 MiB frames got, order" : "a drain of frames got, order", order,
                               count, expected);
        block = ground_find(&execution->stage->ground, call.address);
        if (block == GROUND_BLOCKS || call.address % (FRAME_BYTES << order) != 0 ||
            !step_apply(&books->blocks[block], &call, rules, &freed))
            return books_wrong(books, FAIL_A02, "a drain got what is not free:", call.address, call.address, 0);
    }
}

static uint64_t loose_frames(const struct books *books)
{
    uint64_t count = 0;

    for (size_t i = 0; i < books->execution->stage->ground.block_count; i++)
        count += books->blocks[i].large || words_full(books->blocks[i].free) ? 0 : count_bits(books->blocks[i].free);
    return count;
}

/* Whole blocks first, then the rest; by turns all of it frame by frame. */
bool drain_all(struct books *books, bool thorough)
{
    const uint64_t loose = loose_frames(books);
    uint64_t whole = serves(&books->execution->stage->run, BLOCK_ORDER) ? books_whole_blocks(books) : 0;
    const uint64_t frames = loose + books_whole_blocks(books) * BLOCK_FRAMES;

    if (loose + whole > CHEAP_CALLS && !thorough)
        return true;
    if (thorough && books->execution->history.count % 2) /* deterministic: the other order */
        return drain(books, 0, frames);
    return (whole == 0 || drain(books, BLOCK_ORDER, whole)) && drain(books, 0, frames - whole * BLOCK_FRAMES);
}

/* ---- freeing everything ---- */

static bool free_one(struct books *books, uint64_t address, unsigned order)
{
    const struct execution *execution = books->execution;
    const enum answer answer = execution->allocator->free(execution->stage->run.self, 0, address, order);

    return answer == ANSWER_OK ||
           books_wrong(books, FAIL_F01, answer_name(answer), address, (uint64_t)answer, (uint64_t)ANSWER_OK);
}

static bool free_block(struct books *books, size_t block)
{
    const struct ground_block *ground = &books->execution->stage->ground.blocks[block];
    struct block_state *state = &books->blocks[block];

    const bool whole = state->large || state->later;

    if (whole && !free_one(books, ground->base, BLOCK_ORDER))
        return false;
    for (unsigned word = 0; !whole && word < BLOCK_WORDS; word++)
        for (uint64_t held = ground->managed[word] & ~state->free[word]; held; held &= held - 1)
            if (!free_one(books, ground->base + (word * 64 + (unsigned)__builtin_ctzll(held)) * FRAME_BYTES, 0))
                return false;
    *state = (struct block_state){.large = false};
    memcpy(state->free, ground->managed, sizeof(state->free));
    return true;
}

static uint64_t frees_needed(const struct books *books)
{
    const struct ground *ground = &books->execution->stage->ground;
    uint64_t count = 0;

    for (size_t i = 0; i < ground->block_count; i++)
        count += books->blocks[i].large || books->blocks[i].later
                     ? 1
                     : count_bits(ground->blocks[i].managed) - count_bits(books->blocks[i].free);
    return count;
}

bool free_everything_held(struct books *books, bool thorough)
{
    if (frees_needed(books) > CHEAP_CALLS && !thorough)
        return true;
    for (size_t i = 0; i < books->execution->stage->ground.block_count; i++)
        if (!free_block(books, i))
            return false;
    return books_compare_blocks(books, FAIL_E01) && books_compare_numbers(books, FAIL_E01);
}
