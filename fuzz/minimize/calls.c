/* The lines of a unit test that call core/: one operation, one call (or one loop) and the answer the model expects. */
#include "explain.h"

#include <inttypes.h>

static const char *const flags[ZONE_COUNT] = {"PMM_DMA", "PMM_DMA32", "PMM_ANY"};

static bool exists(unsigned order)
{
    return order == 0 || order == BLOCK_ORDER;
}

static uint64_t available(const struct run *run, unsigned order, enum zone limit)
{
    uint64_t count = 0;

    for (unsigned zone = 0; zone <= limit && exists(order); zone++) {
        const struct model_counts counts = model_zone(run->model, (enum zone)zone);

        count += order == 0 ? counts.free : counts.whole;
    }
    return count;
}

static const char *refusal(unsigned order)
{
    return status_texts[exists(order) ? ANSWER_NO_MEMORY : ANSWER_ARGUMENT];
}

static void write_alloc(struct unit_test *test, const struct run *run, unsigned slot, enum zone limit, unsigned order)
{
    if (slot_is_live(run, slot))
        return;
    test->slots |= UINT64_C(1) << slot;
    fprintf(test->out, "    CHECK(pmm_alloc(pmm, %u, %s, &s%u) == %s);\n", order, flags[limit], slot,
            available(run, order, limit) > 0 ? status_texts[ANSWER_OK] : refusal(order));
}

static void write_fill(struct unit_test *test, const struct run *run, unsigned order, enum zone limit,
                       uint64_t wanted)
{
    const uint64_t most = available(run, order, limit), count = wanted && wanted < most ? wanted : most;

    test->uses_take = true;
    if (count > 0)
        fprintf(test->out, "    for (unsigned i = 0; i < %" PRIu64 "; i++)\n        CHECK(take(%u, %s) == PMM_OK);\n",
                count, order, flags[limit]);
    if (count < wanted || wanted == 0)
        fprintf(test->out, "    CHECK(take(%u, %s) == %s);\n", order, flags[limit], refusal(order));
}

static void write_drain(struct unit_test *test, const struct run *run, unsigned order)
{
    test->uses_give = true;
    fprintf(test->out, "    first = held;\n");
    write_fill(test, run, order, ZONE_NORMAL, 0);
    fprintf(test->out, "    CHECK(give(1, first));\n");
}

static void write_take_all(struct unit_test *test, unsigned order, uint64_t count, uint64_t left)
{
    if (count > 0)
        fprintf(test->out,
                "    for (unsigned i = 0; i < %" PRIu64 "; i++)\n        CHECK(take(%u, PMM_ANY) == PMM_OK);\n",
                count, order);
    fprintf(test->out, "    CHECK(take(%u, PMM_ANY) == PMM_ERR_NO_MEMORY);\n", order);
    fprintf(test->out, "    pmm_stats(pmm, &stats);\n    CHECK(stats.total.free == %" PRIu64 ");\n", left);
}

/* Nothing is held: what there is is free now. */
void write_take_and_give_all(struct unit_test *test, const struct run *run)
{
    const uint64_t whole = model_total(run->model).whole, all = model_total(run->model).free;
    const uint64_t rest = all - whole * BLOCK_FRAMES;

    test->uses_take = test->uses_give = test->uses_stats = true;
    write_take_all(test, BLOCK_ORDER, whole, rest);
    write_take_all(test, 0, rest, 0);
    fprintf(test->out,
            "    CHECK(give(1, 0));\n    pmm_stats(pmm, &stats);\n    CHECK(stats.total.free == %" PRIu64 ");\n",
            all);
}

static void write_hold(struct unit_test *test, const struct run *run, unsigned slot, unsigned order, uint64_t number)
{
    uint64_t address;

    if (slot_is_live(run, slot) || !map_later(&run->map, order, number, &address) ||
        !model_later(run->model, address, order))
        return;
    test->slots |= UINT64_C(1) << slot;
    fprintf(test->out, "    s%u = 0x%" PRIx64 ";\n", slot, address);
}

void write_call(struct unit_test *test, const struct run *run)
{
    const struct operation *operation = &run->program->operations[run->position];
    const uint64_t *operands = operation->operands;

    switch (operation->kind) {
    case OPERATION_ALLOC:
    case OPERATION_ALLOC_LARGE:
    case OPERATION_ALLOC_ORDER:
        write_alloc(test, run, (unsigned)operands[0], (enum zone)operands[1],
                    operation->kind == OPERATION_ALLOC         ? 0
                    : operation->kind == OPERATION_ALLOC_LARGE ? BLOCK_ORDER
                                                               : (unsigned)operands[2]);
        break;
    case OPERATION_FREE_AT:
    case OPERATION_RELEASE_AT:
        write_free(test, run, operands[0], (unsigned)operands[1], operation->kind == OPERATION_RELEASE_AT);
        break;
    case OPERATION_FILL:
        write_fill(test, run, (unsigned)operands[0], (enum zone)operands[1], operands[2]);
        break;
    case OPERATION_DRAIN:
        write_drain(test, run, (unsigned)operands[0]);
        break;
    case OPERATION_FREE_EVERY:
        test->uses_give = true;
        fprintf(test->out, "    CHECK(give(%" PRIu64 ", %" PRIu64 "));\n", operands[0] ? operands[0] : 1,
                operands[1]);
        break;
    case OPERATION_FREE_ALL:
        write_free_everything(test, run);
        break;
    case OPERATION_RESTART:
        fprintf(test->out, "    CHECK(pmm_init(metadata, bytes, &map, &config, &pmm) == PMM_OK);\n");
        if (run->pool.count > 0)
            fprintf(test->out, "    held = 0;\n");
        break;
    case OPERATION_CPU:
        test->several_cpus |= operands[0] % run->start.cpus > 0;
        if (run->start.cpus > 1)
            fprintf(test->out, "    pmm_harness_cpu = %u;\n", (unsigned)(operands[0] % run->start.cpus));
        break;
    case OPERATION_HOLD_LATER:
        write_hold(test, run, (unsigned)operands[0], (unsigned)operands[1], operands[2]);
        break;
    case OPERATION_QUERY:
    case OPERATION_STATS:
    case OPERATION_CHECK: /* these change nothing: what they saw is checked where they fail */
    case OPERATION_HANDLER:
    case OPERATION_COUNT:
        break;
    default:
        write_slot_free(test, run, operation);
        break;
    }
}
