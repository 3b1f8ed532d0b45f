/* The judge against the brute force: on many tiny random histories, right and damaged, both say the same. */
#include "../../ci/tests/test.h"
#include "../mutator/parts.h"
#include "brute.h"
#include "judge.h"

#define LOW  UINT64_C(0x200000) /* a block of three frames */
#define HIGH UINT64_C(0x400000) /* a full one */

static const struct region regions[] = {{LOW, 3 * FRAME_BYTES, REGION_USABLE}, {HIGH, BLOCK_BYTES, REGION_USABLE}};
static const struct range later = {HIGH, BLOCK_BYTES};
/* The second: the full block is allocated from the start. */
static const struct memory_map maps[] = {{.regions = regions, .count = 2},
                                         {.regions = regions, .count = 2, .later = &later, .later_count = 1}};
static struct model *models[2], *model; /* and the one of this round */
static struct ground ground;
static struct history history;
static struct judgement judgement;
static struct finding finding;

static void begin(unsigned round)
{
    for (unsigned i = 0; i < 2; i++)
        if (!models[i])
            models[i] = model_new(&maps[i], 1024);
    model = models[round % 2];
    history.count = history.responded = 0;
}

static enum failure_id verdict(void)
{
    judge(&ground, &history, (struct rules){true, false}, &judgement, &finding);
    return finding.failure;
}

enum { TINY = 7, ROUNDS = 60000 };

static uint64_t random_frame(struct random *random)
{
    if (random_one_in(random, 3))
        return HIGH + random_below(random, 2) * FRAME_BYTES;
    return LOW + random_below(random, 4) * FRAME_BYTES;
}

/* One call as the model would answer it, at about `moment`. */
static void add_random(struct random *random, uint64_t moment)
{
    struct call *call = &history.calls[history.count++];
    uint64_t address = random_frame(random);

    *call = (struct call){.kind = (enum call_kind)random_below(random, 4), .done = true, .limit = ZONE_NORMAL};
    call->kind =
        call->kind == CALL_RELEASE && address >= HIGH ? CALL_FREE : call->kind; /* what it freed is unknown */
    call->order = (call->kind == CALL_ALLOC || call->kind == CALL_FREE) && address == HIGH && random_one_in(random, 2)
                      ? BLOCK_ORDER
                      : 0;
    call->address = address;
    call->invoked = moment - 2 * random_below(random, 12);
    call->responded = moment + 2 * random_below(random, 12);
    if (call->kind == CALL_QUERY) {
        call->state = model_frame(model, address);
    } else if (call->kind == CALL_ALLOC) {
        call->answer = model_judge_alloc(model, call->order, ZONE_NORMAL, ANSWER_OK, address, false) == MODEL_LEGAL
                           ? ANSWER_OK
                           : ANSWER_NO_MEMORY;
        if (call->answer == ANSWER_OK)
            model_take(model, address, call->order);
        else
            call->address = UINT64_MAX;
    } else {
        unsigned order = call->order;

        call->answer = call->kind == CALL_FREE ? model_free_answer(model, address, order)
                                               : model_release_answer(model, address, &order);
        if (call->answer == ANSWER_OK)
            model_give(model, address, order);
    }
}

static void damage(struct random *random)
{
    struct call *call = &history.calls[random_below(random, history.count)];
    static const enum answer answers[] = {ANSWER_OK, ANSWER_DOUBLE_FREE, ANSWER_SIZE};

    if (random_one_in(random, 3)) {
        call->invoked = call->responded = 41 + 2 * random_below(random, 40);
    } else if (call->kind == CALL_QUERY) {
        call->state = FRAME_FREE + (enum frame_state)random_below(random, 3);
    } else if (call->kind == CALL_ALLOC) {
        call->answer = random_one_in(random, 2) ? ANSWER_OK : ANSWER_NO_MEMORY;
        call->address = call->answer == ANSWER_OK ? call->order ? HIGH : random_frame(random) : UINT64_MAX;
    } else {
        call->answer = answers[random_below(random, 3)];
    }
}

static void order_by_response(void)
{
    history.responded = 0;
    for (size_t i = 0; i < history.count; i++) {
        size_t at = history.responded++;

        for (; at > 0 && history.calls[history.order[at - 1]].responded > history.calls[i].responded; at--)
            history.order[at] = history.order[at - 1];
        history.order[at] = (uint8_t)i;
    }
}

static bool brute_refusals(void)
{
    for (size_t i = 0; i < history.count; i++)
        if (history.calls[i].kind == CALL_ALLOC && history.calls[i].answer != ANSWER_OK &&
            !brute_refusal(&ground, &history, i))
            return false;
    return true;
}

/* A release counts as a free of what it freed, for the brute force's instants. */
static void name_releases(void)
{
    for (size_t i = 0; i < history.count; i++)
        if (history.calls[i].kind == CALL_RELEASE)
            history.calls[i].kind = CALL_FREE;
}

static void brute_force_agrees(void)
{
    struct random random = {7};
    unsigned legal = 0, illegal = 0, refused = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        bool in_order;
        enum failure_id failure;

        begin(round);
        model_reset(model);
        ground_survey(&ground, model);
        if (random_one_in(&random, 2))
            model_take(model, LOW, 0);
        ground_update(&ground);
        for (uint64_t i = 0, count = 1 + random_below(&random, TINY); i < count; i++)
            add_random(&random, 61 + 6 * i);
        model_reset(model);
        if (ground.blocks[0].state.free[0] == 6)
            model_take(model, LOW, 0);
        for (uint64_t i = random_below(&random, 3); i > 0; i--)
            damage(&random);
        order_by_response();
        failure = verdict();
        in_order = brute_linearizable(model, &history);
        CHECK(in_order == (failure == FAIL_NONE || failure == FAIL_L02));
        name_releases();
        if (in_order) {
            CHECK(brute_refusals() == (failure == FAIL_NONE));
            refused += failure == FAIL_L02;
        }
        legal += failure == FAIL_NONE;
        illegal += !in_order;
    }
    CHECK(legal > ROUNDS / 20 && illegal > ROUNDS / 20 && refused > ROUNDS / 20);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"judge: says of 60,000 tiny histories what trying every order says", brute_force_agrees},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
