/*
 * Maps too large for a bool per frame (terabytes): the start, the counts, the frames at every edge of the map and at
 * random places, and many allocations in both sizes, sorted to find overlaps. No model: the map itself is asked.
 */
#include "state.h"

#include <stdlib.h>

enum { SAMPLES = 100000 };

struct taken {
    uint64_t address;
    unsigned order;
};

static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return mixed ^ mixed >> 32;
}

static bool sample_frame(struct run *run, uint64_t frame)
{
    const enum frame_state expected = map_frame(&run->map, frame);
    enum frame_state state;

    call_begins(run);
    if (!run->allocator->frame(run->self, frame << FRAME_SHIFT, &state) || states_agree(run, state, expected))
        return true;
    return run_fail(run, FAIL_S01, said_word(frame_state_name(state)), said_word(frame_state_name(expected)));
}

/* Both sides of every place where the map may change, then anywhere up to a little past the end. */
static bool sample_frames(struct run *run)
{
    const uint64_t end = ADDRESS_LIMIT >> FRAME_SHIFT;
    const uint64_t span = (run->totals.end >> FRAME_SHIFT) + BLOCK_FRAMES;
    uint64_t state = 1;

    if (!run->allocator->frame)
        return true;
    for (uint64_t edge = map_next_change(&run->map, 0); edge < end; edge = map_next_change(&run->map, edge)) {
        if (!sample_frame(run, edge - 1) || !sample_frame(run, edge))
            return false;
    }
    for (int i = 0; i < SAMPLES; i++) {
        const uint64_t frame = next_random(&state) % span;

        if (frame < end && !sample_frame(run, frame))
            return false;
    }
    return true;
}

static bool sample_counts(struct run *run, uint64_t taken, enum failure_id as)
{
    struct counts zones[ZONE_COUNT];
    uint64_t free = 0;

    if (!run->allocator->counts)
        return true;
    call_begins(run);
    run->allocator->counts(run->self, zones);
    for (int zone = 0; zone < ZONE_COUNT; zone++) {
        if (zones[zone].managed != run->totals.zone_managed[zone])
            return run_fail(run, as, said_count(zones[zone].managed), said_count(run->totals.zone_managed[zone]));
        free += zones[zone].free;
    }
    return free == run->totals.managed - taken ||
           run_fail(run, as, said_count(free), said_count(run->totals.managed - taken));
}

/* As many as `available` allows; less is an unjustified refusal. */
static size_t sample_allocs(struct run *run, unsigned order, uint64_t available, struct taken *taken)
{
    const size_t wanted = available < SAMPLES ? (size_t)available : SAMPLES;

    for (size_t i = 0; i < wanted; i++) {
        enum zone limit = ZONE_NORMAL;
        uint64_t address;
        const enum answer answer = ask_alloc(run, order, &limit, &address);

        if (answer != ANSWER_OK)
            run_fail(run, FAIL_A04, said_word(answer_name(answer)),
                     said_word(order ? "a-whole-block" : "a-free-frame"));
        else if (address % (FRAME_BYTES << order) != 0)
            run_fail(run, FAIL_A03, said_address(address), said_word("aligned"));
        else if (address >= run->totals.end ||
                 !map_all_managed(&run->map, address >> FRAME_SHIFT, UINT64_C(1) << order))
            run_fail(run, FAIL_A01, said_address(address), said_word("unmanaged"));
        if (run->failure != FAIL_NONE)
            return i;
        taken[i] = (struct taken){address, order};
    }
    return wanted;
}

static int by_address(const void *left, const void *right)
{
    const struct taken *a = left;
    const struct taken *b = right;

    return (a->address > b->address) - (a->address < b->address);
}

static bool all_apart(struct run *run, struct taken *taken, size_t count)
{
    qsort(taken, count, sizeof(taken[0]), by_address);
    for (size_t i = 1; i < count; i++) {
        if (taken[i - 1].address + (FRAME_BYTES << taken[i - 1].order) > taken[i].address)
            return run_fail(run, FAIL_A02, said_address(taken[i].address), said_word("taken"));
    }
    return true;
}

/* Each is freed, and freed again in vain. */
static bool sample_frees(struct run *run, const struct taken *taken, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum answer answer;

        call_begins(run);
        answer = run->allocator->free(run->self, 0, taken[i].address, taken[i].order);
        if (answer != ANSWER_OK)
            return run_fail(run, FAIL_F01, said_word(answer_name(answer)), said_word(answer_name(ANSWER_OK)));
        answer = run->allocator->free(run->self, 0, taken[i].address, taken[i].order);
        if (answer == ANSWER_OK)
            return run_fail(run, FAIL_F02, said_word("ok"), said_word(answer_name(ANSWER_DOUBLE_FREE)));
        if (answer != ANSWER_DOUBLE_FREE && (run->allocator->promises & PROMISE_CODES))
            return run_fail(run, FAIL_F09, said_word(answer_name(answer)),
                            said_word(answer_name(ANSWER_DOUBLE_FREE)));
    }
    return true;
}

static bool sample_calls(struct run *run, struct taken *taken)
{
    const uint64_t blocks = serves(run, BLOCK_ORDER) ? run->totals.whole_blocks : 0;
    const size_t large = sample_allocs(run, BLOCK_ORDER, blocks, taken);
    const uint64_t rest = run->totals.managed - large * BLOCK_FRAMES;
    const size_t count = run->failure ? large : large + sample_allocs(run, 0, rest, taken + large);

    if (run->failure != FAIL_NONE || !all_apart(run, taken, count))
        return false;
    return sample_counts(run, large * BLOCK_FRAMES + (count - large), FAIL_C01) && sample_frees(run, taken, count) &&
           sample_counts(run, 0, FAIL_E01);
}

static bool sample_state(struct run *run)
{
    const char *wrong = NULL;
    uint64_t whole = run->totals.whole_blocks;

    call_begins(run);
    if (run->allocator->whole_blocks)
        whole = run->allocator->whole_blocks(run->self);
    if (whole != run->totals.whole_blocks)
        return run_fail(run, FAIL_C04, said_count(whole), said_count(run->totals.whole_blocks));
    call_begins(run);
    if (run->allocator->check)
        wrong = run->allocator->check(run->self);
    return !wrong || run_fail(run, FAIL_K01, said_word(wrong), said_word("consistent"));
}

void sample_whole_map(struct run *run)
{
    struct taken *taken = malloc(2 * SAMPLES * sizeof(*taken));

    if (!taken)
        run->skipped = "no memory for the list of samples";
    else if (run->totals.later > 0)
        run->skipped = "the map is too large for the model, and has memory that is allocated from the start";
    else if (start_allocator(run) && sample_counts(run, 0, FAIL_S01) && sample_frames(run) && sample_state(run)) {
        run->position = AT_WHOLE;
        if (sample_calls(run, taken))
            sample_state(run);
    }
    free(taken);
}
