/*
 * A whole memory map, as `replay` plays it: every frame taken and judged, every frame given back, the same in 2 MiB,
 * and everything compared when full and when empty. Keeps no list of what it took: when the map is full, the map is
 * the list.
 */
#include "state.h"

#define WHOLE_FRAMES (UINT64_C(1) << 26) /* most frames taken one by one: 256 GiB */
#define COUNTED      UINT64_C(65536)     /* frames between two comparisons of the counts */

static bool take_every_frame(struct run *run)
{
    for (uint64_t taken = 0;; taken++) {
        enum zone limit = ZONE_NORMAL;
        uint64_t address;
        const enum answer answer = ask_alloc(run, 0, &limit, &address);

        if (answer != ANSWER_OK && taken != run->totals.managed - run->totals.later)
            return run_fail(run, FAIL_E02, said_count(taken), said_count(run->totals.managed - run->totals.later));
        if (!judge_alloc(run, 0, limit, answer, address))
            return false;
        if (answer != ANSWER_OK)
            return compare_everything(run, FAIL_NONE);
        run->touched = address;
        if (taken % COUNTED == 0 && !compare_touched(run, FAIL_NONE))
            return false;
    }
}

static bool give_frames(struct run *run, uint64_t first, uint64_t end)
{
    for (uint64_t frame = first; frame < end; frame++) {
        enum answer answer;

        if (!give_expecting(run, (struct giving){frame << FRAME_SHIFT, 0, false}, ANSWER_OK, &answer))
            return false;
        if (frame % COUNTED == 0 && !compare_touched(run, FAIL_NONE))
            return false;
    }
    return true;
}

static bool give_every_frame(struct run *run)
{
    for (uint64_t first = 0, end; first << FRAME_SHIFT < run->totals.end; first = end) {
        end = map_next_change(&run->map, first);
        if (map_frame(&run->map, first) >= FRAME_FREE && !give_frames(run, first, end))
            return false;
    }
    return compare_everything(run, FAIL_E01);
}

static bool take_and_give_blocks(struct run *run)
{
    uint64_t count;

    if (!serves(run, BLOCK_ORDER))
        return true;
    return take_all(run, BLOCK_ORDER, &count) && compare_everything(run, FAIL_NONE) && give_back(run, 0) &&
           compare_everything(run, FAIL_E01);
}

static void play_whole_map(struct run *run)
{
    if (!start_allocator(run) || !compare_everything(run, FAIL_S01))
        return;
    run->position = AT_WHOLE;
    if (take_every_frame(run) && give_every_frame(run))
        take_and_give_blocks(run);
}

struct run_result run_whole_map(const struct memory_map *map, const struct allocator *allocator,
                                const struct run_options *options, struct map_totals *totals)
{
    struct run run;

    run_begin(&run, allocator, options);
    run.start = (struct start){.map = *map, .cpus = 1};
    start_read_map(&run);
    *totals = run.totals;
    run.model = run.totals.managed <= WHOLE_FRAMES ? model_new(&run.map, WHOLE_FRAMES) : NULL;
    if (run.model)
        play_whole_map(&run);
    else
        sample_whole_map(&run);
    return run_end(&run);
}
