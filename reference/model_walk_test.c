/*
 * Random walks over a small map: everything the model counts and says, after each step, against a list of
 * states that the test keeps by itself and counts anew each time.
 */
#include "../ci/tests/test.h"
#include "model.h"

enum { BLOCKS = 6, FRAMES = BLOCKS * BLOCK_FRAMES, STEPS = 3000, WALKS = 8 };

static const uint64_t origin = DMA_LIMIT - 3 * BLOCK_BYTES; /* half in zone DMA, half in DMA32 */

struct walk {
    struct model *model;
    enum frame_state states[FRAMES];
    bool later[FRAMES]; /* allocated from the start, and not freed yet */
    uint64_t seed;
};

static uint64_t random_below(struct walk *walk, uint64_t end)
{
    walk->seed ^= walk->seed << 13;
    walk->seed ^= walk->seed >> 7;
    walk->seed ^= walk->seed << 17;
    return walk->seed % end;
}

static uint64_t address_of(uint64_t frame)
{
    return origin + (frame << FRAME_SHIFT);
}

/* Two whole blocks, one with a reserved frame, one with a hole at its end, one untouched by any entry, a
 * whole one, which is allocated from the start, as some frames of the second are. */
static void start(struct walk *walk, uint64_t seed)
{
    const struct region regions[] = {
        {origin, 4 * BLOCK_BYTES - 0x5000, REGION_USABLE},
        {origin + 2 * BLOCK_BYTES + 0x7000, 0x1000, REGION_UNUSABLE},
        {origin + 5 * BLOCK_BYTES, BLOCK_BYTES, REGION_USABLE},
    };
    const struct range later[] = {{origin + 5 * BLOCK_BYTES, BLOCK_BYTES}, {origin + BLOCK_BYTES + 0x3fff, 0x2001}};
    const struct memory_map map = {.regions = regions, .count = 3, .later = later, .later_count = 2};

    walk->seed = seed;
    walk->model = model_new(&map, FRAMES);
    for (uint64_t i = 0; i < FRAMES; i++)
        walk->states[i] = map_frame(&map, (origin >> FRAME_SHIFT) + i);
    for (uint64_t i = 0; i < FRAMES; i++)
        walk->later[i] = walk->states[i] == FRAME_SMALL;
}

static unsigned count_in_block(const struct walk *walk, uint64_t block, enum frame_state state)
{
    unsigned count = 0;

    for (uint64_t i = 0; i < BLOCK_FRAMES; i++)
        count += walk->states[block * BLOCK_FRAMES + i] == state;
    return count;
}

static void check_counts(const struct walk *walk)
{
    struct model_counts expected[ZONE_COUNT] = {0};

    for (uint64_t block = 0; block < BLOCKS; block++) {
        struct model_counts *zone = &expected[zone_of(address_of(block * BLOCK_FRAMES))];
        const unsigned in_block = count_in_block(walk, block, FRAME_FREE);

        zone->managed +=
            in_block + count_in_block(walk, block, FRAME_SMALL) + count_in_block(walk, block, FRAME_LARGE);
        zone->free += in_block;
        zone->whole += in_block == BLOCK_FRAMES;
        zone->partial += in_block % BLOCK_FRAMES != 0;
    }
    for (int zone = 0; zone < ZONE_COUNT; zone++) {
        const struct model_counts counts = model_zone(walk->model, (enum zone)zone);

        CHECK(counts.managed == expected[zone].managed && counts.free == expected[zone].free);
        CHECK(counts.whole == expected[zone].whole && counts.partial == expected[zone].partial);
    }
    CHECK(model_total(walk->model).free == expected[ZONE_DMA].free + expected[ZONE_DMA32].free);
}

static void check_block(const struct walk *walk, uint64_t block)
{
    uint64_t words[8];

    CHECK(model_block(walk->model, address_of(block * BLOCK_FRAMES) + 0x1234, words) ==
          (walk->states[block * BLOCK_FRAMES] == FRAME_LARGE));
    for (uint64_t i = 0; i < BLOCK_FRAMES; i++) {
        const enum frame_state state = walk->states[block * BLOCK_FRAMES + i];

        CHECK((words[i / 64] >> i % 64 & 1) == (state == FRAME_FREE));
        CHECK(model_frame(walk->model, address_of(block * BLOCK_FRAMES + i)) == state);
    }
}

static void set_states(struct walk *walk, uint64_t frame, unsigned order, enum frame_state state)
{
    for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
        walk->states[frame + i] = state;
    for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
        walk->later[frame + i] = false;
}

static bool all_later(const struct walk *walk, uint64_t frame, unsigned order)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
        count += walk->later[frame + i];
    return count == UINT64_C(1) << order;
}

/* Any frame or block, taken or given back if the model says that this is legal; that it should is checked
 * too. */
static void step(struct walk *walk)
{
    const unsigned order = random_below(walk, 4) == 0 ? BLOCK_ORDER : 0;
    const uint64_t frame = random_below(walk, FRAMES) >> order << order;
    const uint64_t block = frame / BLOCK_FRAMES;
    const bool free =
        order ? count_in_block(walk, block, FRAME_FREE) == BLOCK_FRAMES : walk->states[frame] == FRAME_FREE;
    const bool taken = walk->states[frame] == (order ? FRAME_LARGE : FRAME_SMALL) || all_later(walk, frame, order);

    CHECK(free == (model_judge_alloc(walk->model, order, ZONE_NORMAL, ANSWER_OK, address_of(frame), false) == 0));
    CHECK(taken == (model_free_answer(walk->model, address_of(frame), order) == ANSWER_OK));
    CHECK(all_later(walk, frame, order) == model_later(walk->model, address_of(frame), order));
    if (free) {
        model_take(walk->model, address_of(frame), order);
        set_states(walk, frame, order, order ? FRAME_LARGE : FRAME_SMALL);
    } else if (taken) {
        model_give(walk->model, address_of(frame), order);
        set_states(walk, frame, order, FRAME_FREE);
    }
    check_block(walk, block);
}

/* Without this, whole blocks would be rare once single frames are about. */
static void empty_block(struct walk *walk, uint64_t block)
{
    for (uint64_t frame = block * BLOCK_FRAMES; frame < (block + 1) * BLOCK_FRAMES; frame++) {
        if (walk->states[frame] == FRAME_SMALL) {
            model_give(walk->model, address_of(frame), 0);
            set_states(walk, frame, 0, FRAME_FREE);
        }
    }
}

static void counts_and_blocks_follow_a_random_walk(void)
{
    static struct walk walk;

    for (uint64_t seed = 1; seed <= WALKS; seed++) {
        start(&walk, seed);
        for (int i = 0; i < STEPS; i++) {
            step(&walk);
            if (random_below(&walk, 8) == 0)
                empty_block(&walk, random_below(&walk, BLOCKS));
            if (random_below(&walk, 8) == 0)
                check_counts(&walk);
        }
        model_delete(walk.model);
    }
}

static void a_reset_restores_the_start(void)
{
    static struct walk walk;
    static struct walk fresh;

    start(&fresh, 9);
    start(&walk, 9);
    for (int i = 0; i < 100; i++)
        step(&walk);
    model_reset(walk.model);
    memcpy(walk.states, fresh.states, sizeof(walk.states));
    CHECK(model_later(walk.model, origin + 5 * BLOCK_BYTES, BLOCK_ORDER));
    check_counts(&walk);
    for (uint64_t block = 0; block < BLOCKS; block++)
        check_block(&walk, block);
    model_delete(walk.model);
    model_delete(fresh.model);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"model: counts and blocks follow a random walk", counts_and_blocks_follow_a_random_walk},
        {"model: a reset restores the start", a_reset_restores_the_start},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
