/*
 * Sampling of terabytes: a map of 1 TiB on an allocator that hands out ascending addresses and remembers only those.
 * Made wrong in one way at a time, each must be seen without a model.
 */
#include "../../ci/tests/test.h"
#include "run.h"

enum { BUMP_CALLS = 300000 };

#define BUMP_BASE   (UINT64_C(1) << 39)
#define BUMP_BYTES  (UINT64_C(1) << 40)
#define BUMP_FRAMES (BUMP_BYTES >> FRAME_SHIFT)

/* The n-th allocation of an order is the n-th place from the start (2 MiB) or from the middle (4 KiB). */
static struct bump {
    uint64_t next[2];
    bool taken[2][BUMP_CALLS];
    uint64_t free;
} bump;
static enum failure_id fault;

static void *bump_start(const struct start *start, enum answer *answer)
{
    (void)start;
    memset(&bump, 0, sizeof(bump));
    bump.free = BUMP_FRAMES;
    *answer = ANSWER_OK;
    return &bump;
}

static void bump_stop(void *self)
{
    (void)self;
}

/* Where the allocations of an order begin. */
static uint64_t first_of(unsigned order)
{
    return order == 0 ? BUMP_BASE + BUMP_BYTES / 2 : BUMP_BASE;
}

static enum answer bump_alloc(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    uint64_t *next = &bump.next[order == 0];

    (void)self, (void)cpu, (void)limit;
    if (fault == FAIL_A04 && *next == 500)
        return ANSWER_NO_MEMORY;
    bump.taken[order == 0][*next] = true;
    *address = first_of(order) + (*next << (FRAME_SHIFT + order));
    if (!(fault == FAIL_A02 && *next == 77))
        *next += 1;
    if (fault == FAIL_A01)
        *address -= BUMP_BASE;
    if (fault == FAIL_A03)
        *address += 8;
    bump.free -= fault == FAIL_C01 ? 1 : UINT64_C(1) << order;
    return ANSWER_OK;
}

static enum answer bump_free(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    const uint64_t index = (address - first_of(order)) >> (FRAME_SHIFT + order);

    (void)self, (void)cpu;
    if (!bump.taken[order == 0][index])
        return fault == FAIL_F02 ? ANSWER_OK : fault == FAIL_F09 ? ANSWER_SIZE : ANSWER_DOUBLE_FREE;
    bump.taken[order == 0][index] = false;
    bump.free += fault == FAIL_E01 ? 1 : UINT64_C(1) << order;
    return fault == FAIL_F01 ? ANSWER_SIZE : ANSWER_OK;
}

static bool bump_frame(void *self, uint64_t address, enum frame_state *state)
{
    (void)self;
    *state = address >= BUMP_BASE && address < BUMP_BASE + BUMP_BYTES ? FRAME_FREE : FRAME_HOLE;
    if (fault == FAIL_S01 && address == BUMP_BASE + BUMP_BYTES)
        *state = FRAME_FREE;
    return true;
}

static void bump_counts(void *self, struct counts zones[ZONE_COUNT])
{
    (void)self;
    memset(zones, 0, ZONE_COUNT * sizeof(zones[0]));
    zones[ZONE_NORMAL] = (struct counts){BUMP_FRAMES, bump.free};
}

static uint64_t bump_whole_blocks(void *self)
{
    (void)self;
    return BUMP_FRAMES / BLOCK_FRAMES - (fault == FAIL_C04);
}

static const char *bump_check(void *self)
{
    (void)self;
    return fault == FAIL_K01 ? "a bump" : NULL;
}

static const struct allocator bumping = {
    .name = "bump",
    .promises = PROMISE_ALL,
    .start = bump_start,
    .stop = bump_stop,
    .alloc = bump_alloc,
    .free = bump_free,
    .frame = bump_frame,
    .counts = bump_counts,
    .whole_blocks = bump_whole_blocks,
    .check = bump_check,
};

static enum failure_id sample(enum failure_id how)
{
    const struct region region = {BUMP_BASE, BUMP_BYTES, REGION_USABLE};
    const struct memory_map map = {.regions = &region, .count = 1};
    const struct run_options options = {.frame_limit = RUN_FRAMES_REPLAY};
    struct map_totals totals;

    fault = how;
    return run_whole_map(&map, &bumping, &options, &totals).failure;
}

static void right_allocator_passes(void)
{
    CHECK(sample(FAIL_NONE) == FAIL_NONE);
    CHECK(bump.next[0] == 100000 && bump.next[1] == 100000 && bump.free == BUMP_FRAMES);
}

static void each_fault_is_seen(void)
{
    static const enum failure_id faults[] = {FAIL_A01, FAIL_A02, FAIL_A03, FAIL_A04, FAIL_F01, FAIL_F02,
                                             FAIL_F09, FAIL_C01, FAIL_C04, FAIL_E01, FAIL_K01, FAIL_S01};

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const enum failure_id seen = sample(faults[i]);

        if (seen != faults[i])
            printf("# %s was named %s\n", failure_infos[faults[i]].id, failure_infos[seen].id);
        CHECK(seen == faults[i]);
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"a right allocator of a TiB passes the sampling", right_allocator_passes},
        {"sampling sees and names what is wrong", each_fault_is_seen},
    };
    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
