/* The judge: each rule on a history made by hand, both ways. judge_brute_test.c tries the rest. */
#include "../../ci/tests/test.h"
#include "judge.h"

#define LOW  UINT64_C(0x200000) /* a block of three frames */
#define HIGH UINT64_C(0x400000) /* a full one */

static const struct region regions[] = {{LOW, 3 * FRAME_BYTES, REGION_USABLE}, {HIGH, BLOCK_BYTES, REGION_USABLE}};
static const struct memory_map map = {.regions = regions, .count = 2};
static struct model *model;
static struct ground ground;
static struct history history;
static struct judgement judgement;
static struct finding finding;

/* ---- histories by hand: the calls in the order of their responses ---- */

static void begin(void)
{
    if (!model)
        model = model_new(&map, 1024);
    ground_survey(&ground, model);
    history.count = history.responded = 0;
}

static struct call *add(enum call_kind kind, uint64_t invoked, uint64_t responded, enum answer answer,
                        uint64_t address)
{
    struct call *call = &history.calls[history.count];

    *call = (struct call){.kind = kind, .done = true, .limit = ZONE_NORMAL, .answer = answer, .address = address};
    call->invoked = invoked;
    call->responded = responded;
    history.order[history.responded++] = (uint8_t)history.count++;
    return call;
}

static enum failure_id verdict(void)
{
    judge(&ground, &history, (struct rules){true, false}, &judgement, &finding);
    return finding.failure;
}

/* HIGH is allocated from the start. */
static void begin_later(void)
{
    static const struct range later = {HIGH, BLOCK_BYTES};
    const struct memory_map with = {.regions = regions, .count = 2, .later = &later, .later_count = 1};
    static struct model *model_later_high;

    if (!model_later_high)
        model_later_high = model_new(&with, 1024);
    ground_survey(&ground, model_later_high);
    history.count = history.responded = 0;
}

static void a_later_block_is_given_back_once(void)
{
    begin_later(); /* as one, or frame by frame */
    add(CALL_FREE, 1, 5, ANSWER_OK, HIGH)->order = BLOCK_ORDER;
    add(CALL_FREE, 1, 7, ANSWER_DOUBLE_FREE, HIGH + FRAME_BYTES);
    add(CALL_ALLOC, 9, 9, ANSWER_OK, HIGH)->order = BLOCK_ORDER;
    CHECK(verdict() == FAIL_NONE);
    begin_later();
    add(CALL_FREE, 1, 5, ANSWER_OK, HIGH + FRAME_BYTES);
    add(CALL_FREE, 1, 7, ANSWER_SIZE, HIGH)->order = BLOCK_ORDER;
    CHECK(verdict() == FAIL_NONE);
    begin_later(); /* not both */
    add(CALL_FREE, 1, 5, ANSWER_OK, HIGH + FRAME_BYTES);
    add(CALL_FREE, 1, 7, ANSWER_OK, HIGH)->order = BLOCK_ORDER;
    CHECK(verdict() == FAIL_L01);
    begin_later();
    add(CALL_FREE, 1, 5, ANSWER_OK, HIGH)->order = BLOCK_ORDER;
    add(CALL_FREE, 1, 7, ANSWER_OK, HIGH)->order = BLOCK_ORDER;
    CHECK(verdict() == FAIL_L01);
    begin_later(); /* a release is always of a frame, and none is free before */
    add(CALL_RELEASE, 1, 3, ANSWER_OK, HIGH);
    add(CALL_FREE, 5, 7, ANSWER_DOUBLE_FREE, HIGH)->order = BLOCK_ORDER;
    add(CALL_ALLOC, 9, 9, ANSWER_OK, HIGH);
    CHECK(verdict() == FAIL_NONE);
    begin_later();
    add(CALL_ALLOC, 1, 3, ANSWER_OK, HIGH);
    add(CALL_FREE, 5, 7, ANSWER_OK, HIGH);
    CHECK(verdict() == FAIL_L03);
}

static void frames_have_one_owner(void)
{
    begin();
    add(CALL_ALLOC, 1, 3, ANSWER_OK, LOW);
    add(CALL_ALLOC, 1, 5, ANSWER_OK, LOW);
    CHECK(verdict() == FAIL_L03);
    begin(); /* a free that responds late explains it, */
    add(CALL_ALLOC, 1, 3, ANSWER_OK, LOW);
    add(CALL_ALLOC, 5, 7, ANSWER_OK, LOW);
    add(CALL_FREE, 5, 9, ANSWER_OK, LOW);
    CHECK(verdict() == FAIL_NONE);
    begin(); /* one that begins too late does not */
    add(CALL_ALLOC, 1, 3, ANSWER_OK, LOW);
    add(CALL_ALLOC, 5, 7, ANSWER_OK, LOW);
    add(CALL_FREE, 9, 11, ANSWER_OK, LOW);
    CHECK(verdict() == FAIL_L03);
}

static void of_two_frees_one_succeeds(void)
{
    begin();
    add(CALL_ALLOC, 1, 3, ANSWER_OK, LOW);
    add(CALL_FREE, 5, 9, ANSWER_DOUBLE_FREE, LOW);
    add(CALL_FREE, 7, 11, ANSWER_OK, LOW);
    CHECK(verdict() == FAIL_NONE);
    history.calls[1].answer = ANSWER_OK;
    CHECK(verdict() == FAIL_L01);
    history.calls[1].answer = history.calls[2].answer = ANSWER_DOUBLE_FREE;
    CHECK(verdict() == FAIL_L01);
}

/* Not even when an allocation in flight might have had the frame in its hands: it must then be what that one gets. */
static void a_free_of_nothing_does_not_succeed(void)
{
    begin();
    add(CALL_FREE, 3, 5, ANSWER_OK, LOW);
    CHECK(verdict() == FAIL_L01);
    add(CALL_ALLOC, 1, 7, ANSWER_OK, LOW + FRAME_BYTES);
    CHECK(verdict() == FAIL_L01);
    history.calls[1].address = LOW;
    CHECK(verdict() == FAIL_NONE);
}

static void large_and_small_exclude_each_other(void)
{
    struct call *large;

    begin();
    large = add(CALL_ALLOC, 1, 5, ANSWER_OK, HIGH);
    large->order = BLOCK_ORDER;
    add(CALL_ALLOC, 3, 7, ANSWER_OK, HIGH + FRAME_BYTES);
    CHECK(verdict() == FAIL_L01);
    add(CALL_RELEASE, 5, 9, ANSWER_OK, HIGH);
    CHECK(verdict() == FAIL_NONE); /* large, released, small */
    history.calls[2].address = HIGH + FRAME_BYTES;
    CHECK(verdict() == FAIL_NONE); /* small, released, large */
    history.calls[2].address = HIGH + 2 * FRAME_BYTES;
    history.calls[2].answer = ANSWER_SIZE;
    CHECK(verdict() == FAIL_L01);
}

static void the_map_alone_decides_some(void)
{
    begin();
    add(CALL_FREE, 1, 1, ANSWER_HOLE, LOW + 3 * FRAME_BYTES);
    add(CALL_FREE, 1, 1, ANSWER_MISALIGNED, LOW + 1);
    add(CALL_RELEASE, 1, 1, ANSWER_RANGE, HIGH + BLOCK_BYTES);
    CHECK(verdict() == FAIL_NONE);
    history.calls[0].answer = ANSWER_OK;
    CHECK(verdict() == FAIL_F04);
    history.calls[0].answer = ANSWER_RESERVED;
    CHECK(verdict() == FAIL_F09);
    begin();
    add(CALL_ALLOC, 1, 1, ANSWER_OK, LOW + 3 * FRAME_BYTES);
    CHECK(verdict() == FAIL_A01);
    history.calls[0].address = LOW + 1;
    CHECK(verdict() == FAIL_A03);
    history.calls[0].answer = ANSWER_CORRUPT;
    CHECK(verdict() == FAIL_A09);
}

static void refusals_need_an_excuse(void)
{
    struct call *refused;

    begin();
    for (unsigned i = 0; i < 3; i++)
        add(CALL_ALLOC, 1, 1 + 2 * i, ANSWER_OK, LOW + i * FRAME_BYTES);
    refused = add(CALL_ALLOC, 21, 31, ANSWER_NO_MEMORY, UINT64_MAX);
    CHECK(verdict() == FAIL_L02); /* 512 are free */
    refused->order = BLOCK_ORDER;
    CHECK(verdict() == FAIL_L02); /* one block is, and nobody is about */
    add(CALL_STATS, 25, 41, ANSWER_OK, UINT64_MAX);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++)
        history.calls[4].zones[zone].managed = model_zone(model, (enum zone)zone).managed;
    CHECK(verdict() == FAIL_NONE); /* one block, one call in flight */
    history.calls[4].invoked = 33;
    history.calls[4].zones[ZONE_DMA].free = 512;
    CHECK(verdict() == FAIL_L02); /* it came too late */
}

static void counts_are_exact_alone(void)
{
    struct call *stats;

    begin();
    add(CALL_ALLOC, 1, 5, ANSWER_OK, LOW);
    stats = add(CALL_STATS, 7, 9, ANSWER_OK, UINT64_MAX);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++)
        stats->zones[zone].managed = model_zone(model, (enum zone)zone).managed;
    stats->zones[ZONE_DMA].free = 514;
    CHECK(verdict() == FAIL_NONE);
    stats->zones[ZONE_DMA].free = 515;
    CHECK(verdict() == FAIL_L05);
    stats->invoked = 3; /* not alone */
    CHECK(verdict() == FAIL_NONE);
    stats->zones[ZONE_DMA].free = 516;
    CHECK(verdict() == FAIL_L05);
}

static void contents_travel_unless_misused(void)
{
    begin();
    add(CALL_ALLOC, 1, 3, ANSWER_OK, LOW)->invisible = true;
    CHECK(verdict() == FAIL_L08);
    add(CALL_FREE, 5, 7, ANSWER_DOUBLE_FREE, LOW + FRAME_BYTES)->misuse = true;
    CHECK(verdict() == FAIL_NONE);
}

/* Stale loads: what loads alone decide is not judged. */
static void weak_memory_is_judged_by_successes(void)
{
    begin();
    add(CALL_ALLOC, 1, 3, ANSWER_NO_MEMORY, UINT64_MAX);
    add(CALL_FREE, 5, 7, ANSWER_SIZE, LOW);
    judge(&ground, &history, (struct rules){true, true}, &judgement, &finding);
    CHECK(finding.failure == FAIL_NONE);
    add(CALL_FREE, 9, 11, ANSWER_OK, LOW);
    judge(&ground, &history, (struct rules){true, true}, &judgement, &finding);
    CHECK(finding.failure == FAIL_L01);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"judge: a frame has one owner at a time", frames_have_one_owner},
        {"judge: of two frees of one frame exactly one succeeds", of_two_frees_one_succeeds},
        {"judge: a free of nothing does not succeed", a_free_of_nothing_does_not_succeed},
        {"judge: 2 MiB and 4 KiB exclude each other", large_and_small_exclude_each_other},
        {"judge: some answers follow from the map alone", the_map_alone_decides_some},
        {"judge: a refusal needs as many calls in flight as there are frames", refusals_need_an_excuse},
        {"judge: counts are exact alone, and in bounds always", counts_are_exact_alone},
        {"judge: a later block is given back once", a_later_block_is_given_back_once},
        {"judge: contents travel from owner to owner", contents_travel_unless_misused},
        {"judge: with stale loads only successes count", weak_memory_is_judged_by_successes},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
