/*
 * The operations that take one frame, and what every allocation of a run goes through: ask, judge, take it in
 * the model too.
 */
#include "state.h"

enum { EVERY_BLOCK = 8 }; /* most blocks of a map whose every one is compared after a refusal */

bool serves(const struct run *run, unsigned order)
{
    return order == 0 || (run->allocator->promises & PROMISE_LARGE);
}

enum answer ask_alloc(struct run *run, unsigned order, enum zone *limit, uint64_t *address)
{
    enum answer answer;

    if (!(run->allocator->promises & PROMISE_ZONES))
        *limit = ZONE_NORMAL;
    *address = UINT64_MAX;
    call_begins(run);
    answer = run->allocator->alloc(run->self, run->cpu, order, *limit, address);
    if (answer != ANSWER_OK)
        *address = UINT64_MAX;
    hash_mix(run, *address ^ (uint64_t)answer << 60);
    return answer;
}

static const enum failure_id verdict_failures[] = {
    [MODEL_LEGAL] = FAIL_NONE,        [MODEL_REFUSAL_UNJUSTIFIED] = FAIL_A04,
    [MODEL_WRONG_REFUSAL] = FAIL_A09, [MODEL_ACCEPTED_NONSENSE] = FAIL_A08,
    [MODEL_MISALIGNED] = FAIL_A03,    [MODEL_UNMANAGED] = FAIL_A01,
    [MODEL_TAKEN] = FAIL_A02,         [MODEL_ABOVE_LIMIT] = FAIL_A05,
    [MODEL_ZONE_ORDER] = FAIL_A06,    [MODEL_BROKE_WHOLE] = FAIL_A07,
};

/* What the model has to say against a verdict, in a word. */
static struct said objection(const struct run *run, enum model_verdict verdict, unsigned order, uint64_t address)
{
    switch (verdict) {
    case MODEL_REFUSAL_UNJUSTIFIED:
        return said_word(order == 0 ? "a-free-frame" : "a-whole-block");
    case MODEL_WRONG_REFUSAL:
    case MODEL_ACCEPTED_NONSENSE:
        return said_word(answer_name(order == 0 || order == BLOCK_ORDER ? ANSWER_NO_MEMORY : ANSWER_ARGUMENT));
    case MODEL_MISALIGNED:
        return said_word("aligned");
    case MODEL_ABOVE_LIMIT:
        return said_word("within-limit");
    case MODEL_ZONE_ORDER:
        return said_word("a-higher-zone");
    case MODEL_BROKE_WHOLE:
        return said_word("a-partly-used-block");
    default:
        return said_word(frame_state_name(model_frame(run->model, address)));
    }
}

/* Without a code per cause every refusal is as good as the right one. */
static enum answer as_judged(const struct run *run, unsigned order, enum answer answer)
{
    if (answer == ANSWER_OK || (run->allocator->promises & PROMISE_CODES))
        return answer;
    return order == 0 || order == BLOCK_ORDER ? ANSWER_NO_MEMORY : ANSWER_ARGUMENT;
}

bool judge_alloc(struct run *run, unsigned order, enum zone limit, enum answer answer, uint64_t address)
{
    const bool strict = run->allocator->promises & PROMISE_PLACEMENT && !run->damaged;
    enum model_verdict verdict =
        model_judge_alloc(run->model, order, limit, as_judged(run, order, answer), address, strict);

    if (verdict == MODEL_BROKE_WHOLE && run->several_cpus) /* the other block may be another CPU's own */
        verdict = MODEL_LEGAL;
    if (verdict != MODEL_LEGAL) {
        struct said said = answer == ANSWER_OK ? said_address(address) : said_word(answer_name(answer));

        if (answer == ANSWER_OK)
            run->touched = address;
        return run_fail(run, verdict_failures[verdict], said, objection(run, verdict, order, address));
    }
    if (answer == ANSWER_OK)
        model_take(run->model, address, order);
    reach_request(run->model, order, limit, answer, address);
    return true;
}

static bool compare_visited(void *context, uint64_t base)
{
    return compare_block(context, base, FAIL_N02);
}

/* A refused allocation has changed no frame and no count: on small maps every block is looked at. */
bool compare_refused(struct run *run)
{
    if (run->totals.blocks > EVERY_BLOCK)
        return compare_touched(run, FAIL_N02);
    return compare_counts(run, FAIL_N02) && model_each_block(run->model, compare_visited, run);
}

/* Takes one frame into the slot, unless it holds one. */
static bool alloc_into(struct run *run, size_t index, unsigned order, enum zone limit)
{
    struct slot *slot = &run->slots[index];
    uint64_t address;
    enum answer answer;

    if (!serves(run, order) || slot_is_live(run, index))
        return true;
    answer = ask_alloc(run, order, &limit, &address);
    run->outcome = (struct outcome){true, answer, address, 0, NULL};
    if (!judge_alloc(run, order, limit, answer, address))
        return false;
    if (answer != ANSWER_OK)
        return compare_refused(run);
    *slot = (struct slot){address, order, run->cpu};
    run->slots_known |= UINT64_C(1) << index;
    run->slots_held |= UINT64_C(1) << index;
    return settle(run, address, order, true);
}

bool operation_ALLOC(struct run *run, const struct operation *operation)
{
    return alloc_into(run, (size_t)operation->operands[0], 0, (enum zone)operation->operands[1]);
}

bool operation_ALLOC_LARGE(struct run *run, const struct operation *operation)
{
    return alloc_into(run, (size_t)operation->operands[0], BLOCK_ORDER, (enum zone)operation->operands[1]);
}

bool operation_ALLOC_ORDER(struct run *run, const struct operation *operation)
{
    return alloc_into(run, (size_t)operation->operands[0], (unsigned)operation->operands[2],
                      (enum zone)operation->operands[1]);
}
