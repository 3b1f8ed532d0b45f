/*
 * The comparison: what the allocator says of itself against the model. What an allocator cannot be asked is
 * not compared. Judging the answers of allocations and frees is not done here.
 */
#include "state.h"

#include <string.h>

static enum failure_id named(enum failure_id as, enum failure_id otherwise)
{
    return as == FAIL_NONE ? otherwise : as;
}

bool compare_counts(struct run *run, enum failure_id as)
{
    struct counts zones[ZONE_COUNT];
    uint64_t free = 0, model_free = 0;
    int differs = -1; /* a zone whose free frames do */

    if (!run->allocator->counts)
        return true;
    call_begins(run);
    run->allocator->counts(run->self, zones);
    for (int zone = 0; zone < ZONE_COUNT; zone++) {
        const struct model_counts model = model_zone(run->model, (enum zone)zone);

        if (zones[zone].managed != model.managed)
            return run_fail(run, named(as, FAIL_C03), said_count(zones[zone].managed), said_count(model.managed));
        if (zones[zone].free != model.free)
            differs = zone;
        free += zones[zone].free;
        model_free += model.free;
    }
    if (differs < 0)
        return true;
    if (free != model_free)
        return run_fail(run, named(as, FAIL_C01), said_count(free), said_count(model_free));
    return run_fail(run, named(as, FAIL_C02), said_count(zones[differs].free),
                    said_count(model_zone(run->model, (enum zone)differs).free));
}

/* Without a code per cause an allocator has no words for the two ways of not being managed. */
bool states_agree(const struct run *run, enum frame_state allocator, enum frame_state model)
{
    if (allocator == model)
        return true;
    return !(run->allocator->promises & PROMISE_CODES) && (allocator == FRAME_HOLE || allocator == FRAME_RESERVED) &&
           (model == FRAME_HOLE || model == FRAME_RESERVED);
}

bool compare_frame(struct run *run, uint64_t address, enum failure_id as)
{
    enum frame_state model = model_frame(run->model, address);
    enum frame_state state;

    if (!run->allocator->frame)
        return true;
    call_begins(run);
    if (!run->allocator->frame(run->self, address, &state) || states_agree(run, state, model))
        return true;
    run->touched = address;
    return run_fail(run, named(as, FAIL_B02), said_word(frame_state_name(state)), said_word(frame_state_name(model)));
}

/* `words` and `large` are the model's. A block that the allocator knows nothing of has no free frames. */
static bool compare_words(struct run *run, uint64_t address, const uint64_t words[8], bool large, enum failure_id as)
{
    uint64_t theirs[8] = {0};
    bool theirs_large = false;

    call_begins(run);
    if (!run->allocator->block(run->self, address, theirs, &theirs_large)) {
        memset(theirs, 0, sizeof(theirs));
        theirs_large = false;
    }
    if (theirs_large == large && memcmp(theirs, words, sizeof(theirs)) == 0)
        return true;
    run->touched = address;
    for (int i = 0; i < 8; i++) {
        if (theirs[i] != words[i])
            return run_fail(run, named(as, FAIL_B01), said_address(theirs[i]), said_address(words[i]));
    }
    return run_fail(run, named(as, FAIL_B01), said_word(theirs_large ? "2-MiB" : "4-KiB"),
                    said_word(large ? "2-MiB" : "4-KiB"));
}

bool compare_block(struct run *run, uint64_t address, enum failure_id as)
{
    uint64_t words[8];
    bool large;

    if (!run->allocator->block)
        return true;
    large = model_block(run->model, address, words);
    return compare_words(run, address, words, large, as);
}

/* The block tells all there is about its frames; where it cannot be asked the frame is. */
static bool compare_state(struct run *run, uint64_t address, const uint64_t words[8], bool large, enum failure_id as)
{
    if (run->allocator->block)
        return compare_words(run, address, words, large, as);
    return compare_frame(run, address, as);
}

bool compare_touched(struct run *run, enum failure_id as)
{
    uint64_t words[8];
    bool large = model_block(run->model, run->touched, words);

    return compare_state(run, run->touched, words, large, as) && compare_counts(run, as);
}

bool settle(struct run *run, uint64_t address, unsigned order, bool taken)
{
    uint64_t words[8];
    bool large = model_block(run->model, address, words);

    run->touched = address;
    reach_change(run->model, &run->map, (struct change){address, order, taken, words});
    return compare_state(run, address, words, large, FAIL_NONE) && compare_counts(run, FAIL_NONE);
}

bool compare_edges(struct run *run, enum failure_id as)
{
    const uint64_t end = ADDRESS_LIMIT >> FRAME_SHIFT;

    if (!run->allocator->frame)
        return true;
    for (uint64_t edge = map_next_change(&run->map, 0); edge < end; edge = map_next_change(&run->map, edge)) {
        if (!compare_frame(run, (edge - 1) << FRAME_SHIFT, as) || !compare_frame(run, edge << FRAME_SHIFT, as))
            return false;
    }
    return compare_frame(run, (end - 1) << FRAME_SHIFT, as);
}

struct comparison {
    struct run *run;
    enum failure_id as;
};

static bool compare_visited(void *context, uint64_t base)
{
    const struct comparison *comparison = context;

    return compare_block(comparison->run, base, comparison->as);
}

static bool compare_check(struct run *run)
{
    const char *wrong;

    if (!run->allocator->check)
        return true;
    call_begins(run);
    wrong = run->allocator->check(run->self);
    return !wrong || run_fail(run, FAIL_K01, said_word(wrong), said_word("consistent"));
}

bool compare_everything(struct run *run, enum failure_id as)
{
    struct comparison comparison = {run, as};

    if (!compare_counts(run, as))
        return false;
    if (!model_each_block(run->model, compare_visited, &comparison) || !compare_edges(run, as))
        return false;
    if (run->allocator->whole_blocks) {
        uint64_t whole = model_total(run->model).whole;
        uint64_t theirs;

        call_begins(run);
        theirs = run->allocator->whole_blocks(run->self);
        if (theirs != whole)
            return run_fail(run, named(as, FAIL_C04), said_count(theirs), said_count(whole));
    }
    return compare_check(run);
}
