/*
 * The start of a run: the memory map as the model reads it, the allocator started on it, what that may cost,
 * and the deep check for programs that are only a map.
 */
#include "state.h"

enum {
    DRAINED_AT_START = 512,  /* most calls in which a deep check takes all of the memory */
    METADATA_SURE = 1 << 26, /* bytes that each adapter has */
    /* Steps of a start: per block, per entry, per pair of entries, and always. Twice and more what random maps of any
     * number of entries take. */
    STEPS_BLOCK = 64,
    STEPS_ENTRY = 2048,
    STEPS_PAIR = 24,
    STEPS_START = 20000,
};

bool start_read_map(struct run *run)
{
    struct start *start = &run->start;

    start->map.later_is_usable = !(run->allocator->promises & PROMISE_LATER);
    if (start->table.bytes) {
        reach_table(&start->table);
        start->map.regions = run->entries;
        start->broken = !map_from_table(&start->table, run->entries, RUN_ENTRIES, &start->map.count);
        if (start->broken)
            start->map.count = 0;
    }
    run->map = start->map;
    if (start->broken)
        return false;
    run->totals = map_totals(&run->map);
    reach_map(&run->map, &run->totals);
    return true;
}

void start_lend(struct run *run, const struct program *program)
{
    const struct range metadata = run->map.metadata;
    const struct memory_map *before = &run->start.map;
    struct start start = run_start_of(program);

    start.map.later_is_usable = before->later_is_usable;
    if (start.table.bytes) {
        start.map.regions = run->entries;
        start.map.count = before->count;
    }
    run->program = program;
    run->start = start;
    run->map = start.map;
    run->map.metadata = metadata;
}

static uint64_t entry_count(const struct run *run)
{
    return run->map.count + run->map.reserved_count + run->map.later_count;
}

/* Bytes of metadata at most. */
uint64_t start_metadata_budget(const struct run *run)
{
    const uint64_t rounded = run->start.placed ? FRAME_BYTES - 1 : 0; /* in whole frames */

    return 80 * run->totals.blocks + 512 * (uint64_t)run->start.cpus + 32 * entry_count(run) + 4096 + rounded;
}

static bool check_cost(struct run *run)
{
    const uint64_t blocks = run->totals.blocks;
    const uint64_t entries = entry_count(run) + 4;
    const uint64_t steps =
        STEPS_BLOCK * blocks + STEPS_ENTRY * entries + STEPS_PAIR * entries * entries + STEPS_START;
    const uint64_t bytes = start_metadata_budget(run);

    if (!(run->allocator->promises & PROMISE_BUDGET))
        return true;
    if (steps_taken() > steps)
        return run_fail(run, FAIL_S05, said_count(steps_taken()), said_count(steps));
    if (run->allocator->metadata_bytes && run->allocator->metadata_bytes(run->self) > bytes)
        return run_fail(run, FAIL_S04, said_count(run->allocator->metadata_bytes(run->self)), said_count(bytes));
    return true;
}

/* A structurally broken map: the one right answer is to refuse it. */
static bool start_on_broken_map(struct run *run)
{
    enum answer answer = ANSWER_OK;

    call_begins(run);
    run->self = run->allocator->start(&run->start, &answer);
    if (run->self)
        return run_fail(run, FAIL_S03, said_word("started"), said_word(answer_name(ANSWER_MAP)));
    if (answer == ANSWER_METADATA && (run->allocator->promises & PROMISE_CODES)) /* only its size was in the way */
        return run_fail(run, FAIL_S03, said_word("accepted"), said_word(answer_name(ANSWER_MAP)));
    if (answer != ANSWER_MAP && (run->allocator->promises & PROMISE_CODES))
        return run_fail(run, FAIL_S06, said_word(answer_name(answer)), said_word(answer_name(ANSWER_MAP)));
    reach(MARK_table_broken);
    return false;
}

/* Too little metadata for a large map is the adapter's limit, not a fault. */
static bool refused(struct run *run, enum answer answer)
{
    const bool small = run->allocator->promises & PROMISE_BUDGET && start_metadata_budget(run) < METADATA_SURE;

    if (answer == ANSWER_METADATA && small)
        return run_fail(run, FAIL_S04, said_word("more than there is"), said_count(start_metadata_budget(run)));
    if (answer == ANSWER_METADATA) {
        run->skipped = "the adapter has no room for the metadata of this map";
        return false;
    }
    return run_fail(run, FAIL_S02, said_word(answer_name(answer)), said_word(answer_name(ANSWER_OK)));
}

bool start_allocator(struct run *run)
{
    enum answer answer = ANSWER_REFUSED;

    call_begins(run);
    run->self = run->allocator->start(&run->start, &answer);
    if (!run->self)
        return refused(run, answer);
    return check_cost(run);
}

bool run_open(struct run *run)
{
    if (!start_read_map(run))
        return start_on_broken_map(run);
    if (run->totals.managed <= run->options->frame_limit) {
        if (run->start.placed && !(start_allocator(run) && start_check_place(run)))
            return false;
        run->model = model_new(&run->map, run->options->frame_limit);
    }
    if (!run->model) {
        run->skipped = "the map has more managed frames than this run has bools for";
        return false;
    }
    return (run->start.placed || start_allocator(run)) && compare_counts(run, FAIL_S01);
}

bool start_again(struct run *run)
{
    enum answer answer = ANSWER_REFUSED;
    bool started;

    call_begins(run);
    if (run->allocator->restart) {
        started = run->allocator->restart(run->self, &run->start, &answer);
    } else {
        run->allocator->stop(run->self);
        run->self = run->allocator->start(&run->start, &answer);
        started = run->self != NULL;
    }
    if (!started)
        return run_fail(run, FAIL_S02, said_word(answer_name(answer)), said_word(answer_name(ANSWER_OK)));
    if (model_total(run->model).free < run->totals.managed)
        reach(MARK_restart_after_use);
    if (run->start.placed && !start_check_place(run))
        return false;
    model_reset(run->model);
    run->slots_held = 0; /* addresses stay known: freeing them is a double free now */
    run->pool.count = 0;
    run->several_cpus = run->cpu > 0;
    return check_cost(run) && compare_everything(run, FAIL_S01);
}

bool take_and_give_all(struct run *run, uint64_t most)
{
    const uint64_t whole = serves(run, BLOCK_ORDER) ? model_total(run->model).whole : 0;
    const uint64_t rest = model_total(run->model).free - whole * BLOCK_FRAMES;
    uint64_t count;

    if (whole + rest > most)
        return true;
    if (whole > 0 && !take_all(run, BLOCK_ORDER, &count))
        return false;
    return take_all(run, 0, &count) && give_back(run, 0);
}

bool start_deep_check(struct run *run)
{
    return compare_everything(run, FAIL_S01) && take_and_give_all(run, DRAINED_AT_START) &&
           give_later(run, DRAINED_AT_START) && take_and_give_all(run, DRAINED_AT_START) &&
           compare_everything(run, FAIL_E01);
}
