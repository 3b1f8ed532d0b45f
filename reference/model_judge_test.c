/*
 * Each verdict on an allocation, on one hand-made map that has every kind of block in every zone.
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

static void take_zone(struct model *model, enum zone zone)
{
    if (zone == ZONE_DMA)
        model_take(model, low, BLOCK_ORDER);
    if (zone == ZONE_DMA32) {
        model_take(model, middle, BLOCK_ORDER);
        model_take(model, ragged, 0);
        model_take(model, ragged + 0x2000, 0);
    }
    if (zone == ZONE_NORMAL) {
        model_take(model, high, BLOCK_ORDER);
        model_take(model, high + BLOCK_BYTES, BLOCK_ORDER);
    }
}

static enum model_verdict served(const struct model *model, unsigned order, enum zone limit, uint64_t address)
{
    return model_judge_alloc(model, order, limit, ANSWER_OK, address, true);
}

static enum model_verdict refused(const struct model *model, unsigned order, enum zone limit, enum answer answer)
{
    return model_judge_alloc(model, order, limit, answer, 0, true);
}

static void a_refusal_needs_exhausted_zones(void)
{
    struct model *model = sample();

    CHECK(refused(model, 0, ZONE_DMA, ANSWER_NO_MEMORY) == MODEL_REFUSAL_UNJUSTIFIED);
    CHECK(refused(model, BLOCK_ORDER, ZONE_NORMAL, ANSWER_REFUSED) == MODEL_REFUSAL_UNJUSTIFIED);
    take_zone(model, ZONE_DMA);
    CHECK(refused(model, 0, ZONE_DMA, ANSWER_NO_MEMORY) == MODEL_LEGAL);
    CHECK(refused(model, 0, ZONE_DMA, ANSWER_REFUSED) == MODEL_WRONG_REFUSAL);
    CHECK(refused(model, 0, ZONE_DMA32, ANSWER_NO_MEMORY) == MODEL_REFUSAL_UNJUSTIFIED);
    model_take(model, middle + 0x5000, 0); /* frees are left, a whole block is not */
    CHECK(refused(model, BLOCK_ORDER, ZONE_DMA32, ANSWER_NO_MEMORY) == MODEL_LEGAL);
    CHECK(refused(model, 0, ZONE_DMA32, ANSWER_NO_MEMORY) == MODEL_REFUSAL_UNJUSTIFIED);
    CHECK(refused(model, BLOCK_ORDER, ZONE_NORMAL, ANSWER_NO_MEMORY) == MODEL_REFUSAL_UNJUSTIFIED);
    model_delete(model);
}

static void nonsense_is_to_be_refused_as_nonsense(void)
{
    struct model *model = sample();

    CHECK(refused(model, 1, ZONE_NORMAL, ANSWER_ARGUMENT) == MODEL_LEGAL);
    CHECK(refused(model, 255, ZONE_NORMAL, ANSWER_NO_MEMORY) == MODEL_WRONG_REFUSAL);
    CHECK(refused(model, 0, ZONE_COUNT, ANSWER_ARGUMENT) == MODEL_LEGAL);
    CHECK(served(model, 10, ZONE_NORMAL, high) == MODEL_ACCEPTED_NONSENSE);
    model_delete(model);
}

static void each_bad_place_has_its_verdict(void)
{
    struct model *model = sample();

    CHECK(served(model, 0, ZONE_NORMAL, high) == MODEL_LEGAL);
    CHECK(served(model, 0, ZONE_NORMAL, high + 1) == MODEL_MISALIGNED);
    CHECK(served(model, BLOCK_ORDER, ZONE_NORMAL, high + 0x1000) == MODEL_MISALIGNED);
    CHECK(served(model, 0, ZONE_NORMAL, 0) == MODEL_UNMANAGED);
    CHECK(served(model, 0, ZONE_NORMAL, end) == MODEL_UNMANAGED);
    CHECK(served(model, 0, ZONE_NORMAL, ragged + 0x1000) == MODEL_UNMANAGED);
    CHECK(served(model, BLOCK_ORDER, ZONE_NORMAL, ragged) == MODEL_UNMANAGED);
    CHECK(served(model, 0, ZONE_DMA, middle) == MODEL_ABOVE_LIMIT);
    CHECK(served(model, BLOCK_ORDER, ZONE_DMA32, high) == MODEL_ABOVE_LIMIT);
    model_take(model, high + 0x1000, 0);
    CHECK(served(model, 0, ZONE_NORMAL, high + 0x1000) == MODEL_TAKEN);
    CHECK(served(model, BLOCK_ORDER, ZONE_NORMAL, high) == MODEL_TAKEN);
    model_delete(model);
}

static void a_lower_zone_serves_when_the_higher_are_out(void)
{
    struct model *model = sample();

    CHECK(served(model, 0, ZONE_NORMAL, low) == MODEL_ZONE_ORDER);
    CHECK(served(model, 0, ZONE_DMA, low) == MODEL_LEGAL);
    model_take(model, high, 0);
    model_take(model, high + BLOCK_BYTES, 0);
    CHECK(served(model, 0, ZONE_NORMAL, middle) == MODEL_ZONE_ORDER);
    CHECK(served(model, BLOCK_ORDER, ZONE_NORMAL, middle) == MODEL_LEGAL);
    CHECK(served(model, BLOCK_ORDER, ZONE_NORMAL, low) == MODEL_ZONE_ORDER);
    take_zone(model, ZONE_DMA32);
    CHECK(served(model, BLOCK_ORDER, ZONE_NORMAL, low) == MODEL_LEGAL);
    model_delete(model);
}

static void a_whole_block_is_broken_up_last(void)
{
    struct model *model = sample();

    CHECK(served(model, 0, ZONE_DMA32, middle) == MODEL_BROKE_WHOLE); /* the ragged block has frames */
    CHECK(model_judge_alloc(model, 0, ZONE_DMA32, ANSWER_OK, middle, false) == MODEL_LEGAL);
    CHECK(model_judge_alloc(model, 0, ZONE_NORMAL, ANSWER_OK, middle, false) == MODEL_LEGAL);
    CHECK(served(model, BLOCK_ORDER, ZONE_DMA32, middle) == MODEL_LEGAL);
    model_take(model, ragged, 0);
    model_take(model, ragged + 0x2000, 0);
    CHECK(served(model, 0, ZONE_DMA32, middle) == MODEL_LEGAL);
    model_take(model, high, 0);
    CHECK(served(model, 0, ZONE_NORMAL, high + BLOCK_BYTES) == MODEL_BROKE_WHOLE);
    CHECK(served(model, 0, ZONE_NORMAL, high + 0x1000) == MODEL_LEGAL);
    model_delete(model);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"judge: a refusal needs exhausted zones", a_refusal_needs_exhausted_zones},
        {"judge: nonsense is to be refused as nonsense", nonsense_is_to_be_refused_as_nonsense},
        {"judge: each bad place has its verdict", each_bad_place_has_its_verdict},
        {"judge: a lower zone serves when the higher are out", a_lower_zone_serves_when_the_higher_are_out},
        {"judge: a whole block is broken up last", a_whole_block_is_broken_up_last},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
