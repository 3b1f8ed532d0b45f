/*
 * The audit at rest: every block and count must be as the calls left them, what is free must be had, and after
 * freeing everything all must be as after the start. The parts whose cost grows with the frames are left out of most
 * runs of an engine when there are many; a replay leaves out nothing.
 */
#include "audit.h"

#include <inttypes.h>
#include <string.h>

enum {
    AUDIT_STEPS = 400000,     /* far beyond what taking and freeing every frame costs */
    AUDIT_ACCESSES = 1 << 22, /* and all questions, not in steps: hundredths of a second */
};

bool books_wrong(struct books *books, enum failure_id failure, const char *what, uint64_t address, uint64_t allocator,
                 uint64_t model)
{
    books->finding->failure = failure;
    books->finding->call = HISTORY_CALLS;
    snprintf(books->finding->what, sizeof(books->finding->what),
             "at rest: %s 0x%" PRIx64 ": allocator=0x%" PRIx64 " model=0x%" PRIx64, what, address, allocator, model);
    return false;
}

/* ---- comparing ---- */

/* As the allocator tells it; false when it tells nothing. */
static bool read_block(const struct books *books, size_t block, struct block_state *state)
{
    const struct execution *execution = books->execution;
    uint64_t words[BLOCK_WORDS];

    if (!execution->allocator->block)
        return false;
    if (!execution->allocator->block(execution->stage->run.self, execution->stage->ground.blocks[block].base, words,
                                     &state->large))
        memset(words, 0, sizeof(words));
    memcpy(state->free, words, sizeof(words));
    return true;
}

static bool same_block(const struct block_state *a, const struct block_state *b)
{
    return a->large == b->large && (a->large || memcmp(a->free, b->free, sizeof(a->free)) == 0);
}

/* The first word in which two blocks differ. */
static bool tell_difference(struct books *books, enum failure_id failure, size_t block,
                            const struct block_state *said)
{
    const struct block_state *state = &books->blocks[block];
    const uint64_t base = books->execution->stage->ground.blocks[block].base;
    unsigned word = 0;

    if (said->large != state->large)
        return books_wrong(books, failure, "allocated as 2 MiB: block", base, said->large, state->large);
    while (said->free[word] == state->free[word])
        word++;
    return books_wrong(books, failure, "the free frames of the word at", base + word * 64 * FRAME_BYTES,
                       said->free[word], state->free[word]);
}

/* What racing calls on one frame left may be one of several legal states. */
static bool settle_blocks(struct books *books, struct rules rules)
{
    const struct execution *execution = books->execution;

    for (size_t i = 0; i < execution->stage->ground.block_count; i++) {
        struct block_state said;

        if (!read_block(books, i, &said) || same_block(&said, &books->blocks[i]))
            continue;
        said.later = false;
        if (said.large)
            memset(said.free, 0xFF, sizeof(said.free));
        if (!judge_may_end(&execution->stage->ground, &execution->history, rules, i, &said))
            return tell_difference(books, FAIL_L04, i, &said);
        books->blocks[i] = said;
    }
    return true;
}

bool books_compare_blocks(struct books *books, enum failure_id failure)
{
    for (size_t i = 0; i < books->execution->stage->ground.block_count; i++) {
        struct block_state said;

        if (read_block(books, i, &said) && !same_block(&said, &books->blocks[i]))
            return tell_difference(books, failure, i, &said);
    }
    return true;
}

uint64_t books_whole_blocks(const struct books *books)
{
    uint64_t count = 0;

    for (size_t i = 0; i < books->execution->stage->ground.block_count; i++)
        count += !books->blocks[i].large && words_full(books->blocks[i].free);
    return count;
}

bool books_compare_numbers(struct books *books, enum failure_id failure)
{
    const struct allocator *allocator = books->execution->allocator;
    const struct ground *ground = &books->execution->stage->ground;
    void *self = books->execution->stage->run.self;
    uint64_t free[ZONE_COUNT] = {0};
    struct counts zones[ZONE_COUNT];

    for (size_t i = 0; i < ground->block_count; i++)
        free[ground->blocks[i].zone] += books->blocks[i].large ? 0 : count_bits(books->blocks[i].free);
    if (allocator->counts) {
        allocator->counts(self, zones);
        for (unsigned zone = 0; zone < ZONE_COUNT; zone++)
            if (zones[zone].free != free[zone])
                return books_wrong(books, failure, "free frames of zone number", zone, zones[zone].free, free[zone]);
    }
    if (allocator->whole_blocks && allocator->whole_blocks(self) != books_whole_blocks(books))
        return books_wrong(books, failure, "whole blocks, all zones:", 0, allocator->whole_blocks(self),
                           books_whole_blocks(books));
    if (allocator->check && allocator->check(self)) {
        books_wrong(books, FAIL_K01, "", 0, 0, 0);
        snprintf(books->finding->what, sizeof(books->finding->what), "at rest: %s", allocator->check(self));
        return false;
    }
    return true;
}

/* ---- the calls of an audit, alone ---- */

struct alone {
    struct books *books;
    struct rules rules;
    enum audit_depth depth;
    bool right;
};

static void take_and_give_all_held(void *context, unsigned cpu, size_t operation)
{
    struct alone *alone = context;

    (void)cpu;
    (void)operation;
    alone->right = drain_all(alone->books, alone->depth != AUDIT_CHEAP) &&
                   free_everything_held(alone->books, alone->depth != AUDIT_CHEAP);
}

/* A call that never ends is found by running them as steps. */
static bool run_in_steps(struct alone *alone)
{
    static const struct schedule nobody_else = {.strategy = STRATEGY_EXPLICIT};
    const struct sim_work work = {
        .cpus = 1,
        .context = alone,
        .operations = {1},
        .run = take_and_give_all_held,
        .region = alone->books->execution->stage->image,
        .region_bytes = alone->books->execution->stage->bytes,
        .step_limit = AUDIT_STEPS,
    };
    const struct sim_result result = sim_run(&work, &nobody_else);

    if (result.end == SIM_DONE)
        return alone->right;
    return books_wrong(alone->books, FAIL_L07, "a drain, or freeing everything, did not end; steps", 0, result.steps,
                       AUDIT_STEPS);
}

static void look_and_try(void *context)
{
    struct alone *alone = context;

    alone->right = settle_blocks(alone->books, alone->rules) && books_compare_numbers(alone->books, FAIL_L04);
    if (alone->right && alone->depth != AUDIT_IN_STEPS)
        take_and_give_all_held(alone, 0, 0);
}

bool audit(struct execution *execution, struct rules rules, const struct judgement *judgement, enum audit_depth depth,
           struct finding *finding)
{
    struct books books = {.execution = execution, .finding = finding};
    struct alone alone = {&books, rules, depth, false};

    memcpy(books.blocks, judgement->after, sizeof(books.blocks));
    sim_set_cpu(0);
    if (!sim_bounded(AUDIT_ACCESSES, look_and_try, &alone))
        return books_wrong(&books, FAIL_L07, "a question, a drain or freeing everything did not end; accesses", 0,
                           AUDIT_ACCESSES, AUDIT_ACCESSES);
    return alone.right && depth == AUDIT_IN_STEPS ? run_in_steps(&alone) : alone.right;
}
