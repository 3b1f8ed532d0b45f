/* The lines of a unit test that check where allocations came from: managed, apart, aligned, in the right zone. */
#include "explain.h"

#include <inttypes.h>

/* Where an allocation may come from: `address` is a slot, or the whole pool. */
static void write_place(struct unit_test *test, const struct run *run, enum zone limit)
{
    static const char *const starts[ZONE_COUNT] = {"0", "0x1000000", "0x100000000"};
    static const char *const ends[ZONE_COUNT] = {"0x1000000", "0x100000000", "0x10000000000000"};
    int highest = (int)limit;

    while (highest > 0 && model_zone(run->model, (enum zone)highest).free == 0)
        highest--;
    if (test->failure == FAIL_A05)
        fprintf(test->out, "    CHECK(all_within(0, %s));\n", ends[limit]);
    else
        fprintf(test->out, "    CHECK(all_within(%s, %s));\n", starts[highest], ends[highest]);
}

static void write_managed(struct unit_test *test, const struct run *run)
{
    uint64_t from = 0;
    const uint64_t last = ADDRESS_LIMIT >> FRAME_SHIFT;

    fprintf(test->out, "    CHECK(all_managed((const uint64_t[][2]){");
    for (uint64_t edge; from < last; from = edge) {
        edge = map_next_change(&run->map, from);
        if (map_frame(&run->map, from) >= FRAME_FREE)
            fprintf(test->out, "{0x%" PRIx64 ", 0x%" PRIx64 "}, ", from << FRAME_SHIFT, edge << FRAME_SHIFT);
    }
    fprintf(test->out, "{0, 0}}));\n");
}

void write_alloc_checks(struct unit_test *test, const struct run *run)
{
    const bool at_operation = run->position < run->program->operation_count;
    const struct operation *operation = at_operation ? &run->program->operations[run->position] : NULL;
    const bool filling = operation && operation->kind == OPERATION_FILL;
    const bool single = operation && operation_infos[operation->kind].operands[1] == OPERAND_ZONE;
    const enum zone limit = single || filling ? (enum zone)operation->operands[1] : ZONE_NORMAL;

    test->uses_layout = true;
    if (operation && !filling && single) { /* the one it handed out joins the others */
        const unsigned slot = (unsigned)operation->operands[0];
        const unsigned order = operation->kind == OPERATION_ALLOC         ? 0
                               : operation->kind == OPERATION_ALLOC_LARGE ? BLOCK_ORDER
                                                                          : (unsigned)operation->operands[2];

        if (test->failure == FAIL_A02)
            for (unsigned i = 0; i < PROGRAM_SLOTS; i++)
                if (i != slot && slot_is_live(run, i))
                    fprintf(test->out, "    hold(s%u, %u);\n", i, run->slots[i].order);
        if (test->failure != FAIL_A02)
            fprintf(test->out, "    held = 0;\n");
        fprintf(test->out, "    hold(s%u, %u);\n", slot, order);
    }
    switch ((int)test->failure) {
    case FAIL_A01:
        write_managed(test, run);
        break;
    case FAIL_A02:
        fprintf(test->out, "    CHECK(all_apart());\n");
        break;
    case FAIL_A03:
        fprintf(test->out, "    CHECK(all_aligned());\n");
        break;
    case FAIL_A07: /* of many at once some may break up a block */
        if (!filling)
            fprintf(test->out, "    CHECK(pmm_whole_blocks(pmm) == whole);\n");
        break;
    default:
        write_place(test, run, limit);
        break;
    }
}
