/*
 * The model's state and each of its answers to a free, on one hand-made map that has every kind of frame and
 * block. Verdicts on allocations: model_judge_test.c.
 */
#include "../ci/tests/test.h"
#include "model.h"

enum { USABLE = REGION_USABLE, RESERVED = REGION_RESERVED };

static const uint64_t low = DMA_LIMIT - BLOCK_BYTES;    /* zone DMA: one whole block */
static const uint64_t middle = UINT64_C(0x40000000);    /* zone DMA32: a whole block, then a ragged one */
static const uint64_t ragged = UINT64_C(0x40200000);    /* frame 0 free, 1 reserved, 2 free, then a hole */
static const uint64_t high = DMA32_LIMIT + BLOCK_BYTES; /* zone NORMAL: two whole blocks */
static const uint64_t end = DMA32_LIMIT + 3 * BLOCK_BYTES;

static struct model *sample(void)
{
    const struct region regions[] = {
        {high, 2 * BLOCK_BYTES, USABLE},
        {middle, BLOCK_BYTES + 0x3000, USABLE},
        {ragged + 0x1000, 0x1000, RESERVED},
        {low, BLOCK_BYTES, USABLE},
        {end, 0x1000, RESERVED},
    };
    const struct memory_map map = {.regions = regions, .count = 5};

    return model_new(&map, UINT64_MAX);
}

static void a_new_model_counts_what_the_map_has(void)
{
    struct model *model = sample();
    const struct model_counts total = model_total(model);
    const struct model_counts dma32 = model_zone(model, ZONE_DMA32);

    CHECK(total.managed == 4 * 512 + 2 && total.free == total.managed);
    CHECK(total.whole == 4 && total.partial == 1);
    CHECK(dma32.managed == 514 && dma32.free == 514 && dma32.whole == 1 && dma32.partial == 1);
    CHECK(model_totals(model)->end == end);
    CHECK(model_totals(model)->blocks == 5 && model_totals(model)->whole_blocks == 4);
    model_delete(model);
}

static void frames_above_the_limit_are_refused(void)
{
    const struct region regions[] = {{0x1000, 0x5000, USABLE}};
    const struct memory_map map = {.regions = regions, .count = 1};
    struct model *model = model_new(&map, 5);

    CHECK(model != NULL);
    CHECK(model_new(&map, 4) == NULL);
    model_delete(model);
}

static void a_map_without_memory_has_an_empty_model(void)
{
    const struct memory_map map = {.regions = NULL, .count = 0};
    struct model *model = model_new(&map, 0);
    uint64_t words[8];

    CHECK(model != NULL);
    CHECK(model_judge_alloc(model, 0, ZONE_NORMAL, ANSWER_NO_MEMORY, 0, true) == MODEL_LEGAL);
    CHECK(model_free_answer(model, 0, 0) == ANSWER_RANGE);
    CHECK(!model_block(model, 0, words) && words[0] == 0);
    model_delete(model);
}

static void each_state_of_a_frame_is_told(void)
{
    struct model *model = sample();

    model_take(model, ragged, 0);
    model_take(model, high, BLOCK_ORDER);
    CHECK(model_frame(model, ragged + 0xfff) == FRAME_SMALL);
    CHECK(model_frame(model, ragged + 0x1000) == FRAME_RESERVED);
    CHECK(model_frame(model, ragged + 0x2000) == FRAME_FREE);
    CHECK(model_frame(model, ragged + 0x3000) == FRAME_HOLE);
    CHECK(model_frame(model, high + BLOCK_BYTES - 1) == FRAME_LARGE);
    CHECK(model_frame(model, end) == FRAME_RESERVED);
    CHECK(model_frame(model, ADDRESS_LIMIT) == FRAME_HOLE && model_frame(model, UINT64_MAX) == FRAME_HOLE);
    model_delete(model);
}

static void each_answer_to_a_free_has_its_cause(void)
{
    struct model *model = sample();

    model_take(model, ragged, 0);
    model_take(model, high, BLOCK_ORDER);
    CHECK(model_free_answer(model, ragged, 0) == ANSWER_OK);
    CHECK(model_free_answer(model, high, BLOCK_ORDER) == ANSWER_OK);
    CHECK(model_free_answer(model, ragged, 1) == ANSWER_ARGUMENT);
    CHECK(model_free_answer(model, ragged, 64) == ANSWER_ARGUMENT);
    CHECK(model_free_answer(model, ragged + 1, 0) == ANSWER_MISALIGNED);
    CHECK(model_free_answer(model, high + 0x1000, BLOCK_ORDER) == ANSWER_MISALIGNED);
    CHECK(model_free_answer(model, end, 0) == ANSWER_RANGE);
    CHECK(model_free_answer(model, ragged + 0x3000, 0) == ANSWER_HOLE);
    CHECK(model_free_answer(model, 0, BLOCK_ORDER) == ANSWER_HOLE);
    CHECK(model_free_answer(model, ragged + 0x1000, 0) == ANSWER_RESERVED);
    CHECK(model_free_answer(model, ragged + 0x2000, 0) == ANSWER_DOUBLE_FREE);
    CHECK(model_free_answer(model, middle, BLOCK_ORDER) == ANSWER_DOUBLE_FREE);
    CHECK(model_free_answer(model, ragged, BLOCK_ORDER) == ANSWER_SIZE);
    CHECK(model_free_answer(model, high, 0) == ANSWER_SIZE);
    CHECK(model_free_answer(model, high + 0x1000, 0) == ANSWER_SIZE);
    model_delete(model);
}

static void the_first_cause_in_order_is_the_answer(void)
{
    struct model *model = sample();

    CHECK(model_free_answer(model, UINT64_MAX, 3) == ANSWER_ARGUMENT);
    CHECK(model_free_answer(model, UINT64_MAX, 0) == ANSWER_MISALIGNED);
    CHECK(model_free_answer(model, ragged + 0x1000, BLOCK_ORDER) == ANSWER_MISALIGNED);
    CHECK(model_free_answer(model, UINT64_MAX - 0xfff, 0) == ANSWER_RANGE);
    model_delete(model);
}

static void a_release_finds_the_size(void)
{
    struct model *model = sample();
    unsigned order = 7;

    model_take(model, ragged, 0);
    model_take(model, high, BLOCK_ORDER);
    CHECK(model_release_answer(model, ragged, &order) == ANSWER_OK && order == 0);
    CHECK(model_release_answer(model, high, &order) == ANSWER_OK && order == BLOCK_ORDER);
    CHECK(model_release_answer(model, high + 0x1000, &order) == ANSWER_SIZE);
    CHECK(model_release_answer(model, high + 0x800, &order) == ANSWER_MISALIGNED);
    CHECK(model_release_answer(model, middle, &order) == ANSWER_DOUBLE_FREE);
    CHECK(model_release_answer(model, end, &order) == ANSWER_RANGE);
    CHECK(model_release_answer(model, ragged + 0x1000, &order) == ANSWER_RESERVED);
    CHECK(model_release_answer(model, ragged + 0x3000, &order) == ANSWER_HOLE);
    model_delete(model);
}

/* A whole block and three frames of the next: allocated from the start. */
static struct model *sample_later(void)
{
    const struct region regions[] = {{high, 2 * BLOCK_BYTES, USABLE}, {low, BLOCK_BYTES, REGION_LATER}};
    const struct range later[] = {{high, 1}, {high + 0x3000, 0x1001}};
    const struct memory_map map = {.regions = regions, .count = 2, .later = later, .later_count = 2};

    return model_new(&map, UINT64_MAX);
}

static void later_memory_is_allocated_from_the_start(void)
{
    struct model *model = sample_later();
    uint64_t words[8];

    CHECK(model_totals(model)->later == 512 + 3 && model_total(model).managed == 3 * 512);
    CHECK(model_total(model).free == 3 * 512 - 515 && model_total(model).whole == 1);
    CHECK(model_frame(model, high) == FRAME_SMALL && model_frame(model, high + 0x1000) == FRAME_FREE);
    CHECK(model_frame(model, high + 0x4000) == FRAME_SMALL && model_frame(model, low) == FRAME_SMALL);
    CHECK(!model_block(model, low, words) && words[0] == 0);
    model_managed(model, low, words);
    CHECK(words[0] == UINT64_MAX && words[7] == UINT64_MAX);
    CHECK(model_free_answer(model, high, BLOCK_ORDER) == ANSWER_SIZE); /* not all of it is later */
    CHECK(model_free_answer(model, high, 0) == ANSWER_OK);
    model_give(model, high, 0);
    CHECK(model_free_answer(model, high, 0) == ANSWER_DOUBLE_FREE && !model_later(model, high, 0));
    model_take(model, high, 0);
    CHECK(!model_later(model, high, 0) && model_later(model, high + 0x3000, 0)); /* it is ordinary memory now */
    model_delete(model);
}

static void an_untouched_later_block_is_freed_as_one(void)
{
    struct model *model = sample_later();
    unsigned order = 7;

    CHECK(model_later(model, low, BLOCK_ORDER) && !model_later(model, low + 0x1000, BLOCK_ORDER));
    CHECK(model_release_answer(model, low, &order) == ANSWER_OK && order == 0);
    CHECK(model_free_answer(model, low, BLOCK_ORDER) == ANSWER_OK);
    CHECK(model_free_answer(model, low + 0x1000, BLOCK_ORDER) == ANSWER_MISALIGNED);
    model_give(model, low, BLOCK_ORDER);
    CHECK(model_zone(model, ZONE_DMA).whole == 1 && model_free_answer(model, low, 0) == ANSWER_DOUBLE_FREE);
    CHECK(model_free_answer(model, low, BLOCK_ORDER) == ANSWER_DOUBLE_FREE);
    model_reset(model);
    model_give(model, low + 0x1000, 0);
    CHECK(model_free_answer(model, low, BLOCK_ORDER) == ANSWER_SIZE && model_free_answer(model, low, 0) == ANSWER_OK);
    model_reset(model);
    model_give(model, low, 0);
    CHECK(model_free_answer(model, low, BLOCK_ORDER) == ANSWER_DOUBLE_FREE);
    model_delete(model);
}

struct visits {
    uint64_t bases[8];
    unsigned count;
    unsigned wanted;
};

static bool note_visit(void *context, uint64_t base)
{
    struct visits *visits = context;

    if (visits->count < 8)
        visits->bases[visits->count] = base;
    return ++visits->count < visits->wanted;
}

static void blocks_are_visited_in_order_until_told_to_stop(void)
{
    const uint64_t bases[] = {low, middle, ragged, high, high + BLOCK_BYTES};
    struct model *model = sample();
    struct visits some = {.wanted = 3};
    struct visits all = {.wanted = 6};

    CHECK(!model_each_block(model, note_visit, &some));
    CHECK(some.count == 3);
    CHECK(model_each_block(model, note_visit, &all));
    CHECK(all.count == 5 && memcmp(all.bases, bases, sizeof(bases)) == 0);
    model_delete(model);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"model: a new model counts what the map has", a_new_model_counts_what_the_map_has},
        {"model: frames above the limit are refused", frames_above_the_limit_are_refused},
        {"model: a map without memory has an empty model", a_map_without_memory_has_an_empty_model},
        {"model: each state of a frame is told", each_state_of_a_frame_is_told},
        {"model: each answer to a free has its cause", each_answer_to_a_free_has_its_cause},
        {"model: the first cause in order is the answer", the_first_cause_in_order_is_the_answer},
        {"model: a release finds the size", a_release_finds_the_size},
        {"model: later memory is allocated from the start", later_memory_is_allocated_from_the_start},
        {"model: an untouched later block is freed as one", an_untouched_later_block_is_freed_as_one},
        {"model: blocks are visited in order until told to stop", blocks_are_visited_in_order_until_told_to_stop},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
