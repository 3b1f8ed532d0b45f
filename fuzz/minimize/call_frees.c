/* The lines of a unit test that free, and how addresses are said: by the slot they came from, where there is one. */
#include "explain.h"

#include <inttypes.h>

const char *const status_texts[ANSWER_COUNT] = {
    [ANSWER_OK] = "PMM_OK",
    [ANSWER_NO_MEMORY] = "PMM_ERR_NO_MEMORY",
    [ANSWER_ARGUMENT] = "PMM_ERR_ARGUMENT",
    [ANSWER_MISALIGNED] = "PMM_ERR_MISALIGNED",
    [ANSWER_RANGE] = "PMM_ERR_RANGE",
    [ANSWER_HOLE] = "PMM_ERR_HOLE",
    [ANSWER_RESERVED] = "PMM_ERR_RESERVED",
    [ANSWER_DOUBLE_FREE] = "PMM_ERR_DOUBLE_FREE",
    [ANSWER_SIZE] = "PMM_ERR_SIZE",
    [ANSWER_METADATA] = "PMM_ERR_METADATA",
    [ANSWER_MAP] = "PMM_ERR_MAP",
    [ANSWER_CORRUPT] = "PMM_ERR_CORRUPT",
    [ANSWER_REFUSED] = "PMM_ERR_CORRUPT",
};

const char *address_text(struct unit_test *test, const struct run *run, uint64_t address, char text[ADDRESS_TEXT])
{
    for (unsigned i = 0; i < PROGRAM_SLOTS; i++) {
        const uint64_t base = run->slots[i].address;

        if (!(run->slots_known >> i & 1) || base / BLOCK_BYTES != address / BLOCK_BYTES)
            continue;
        test->slots |= UINT64_C(1) << i;
        if (address == base)
            snprintf(text, ADDRESS_TEXT, "s%u", i);
        else
            snprintf(text, ADDRESS_TEXT, "s%u %c 0x%" PRIx64, i, address > base ? '+' : '-',
                     address > base ? address - base : base - address);
        return text;
    }
    snprintf(text, ADDRESS_TEXT, "0x%" PRIx64, address);
    return text;
}

void write_free(struct unit_test *test, const struct run *run, uint64_t address, unsigned order, bool release)
{
    const enum answer answer =
        release ? model_release_answer(run->model, address, &order) : model_free_answer(run->model, address, order);
    char text[ADDRESS_TEXT];

    address_text(test, run, address, text);
    if (release)
        fprintf(test->out, "    CHECK(pmm_release(pmm, %s) == %s);\n", text, status_texts[answer]);
    else
        fprintf(test->out, "    CHECK(pmm_free(pmm, %s, %u) == %s);\n", text, order, status_texts[answer]);
}

void write_slot_free(struct unit_test *test, const struct run *run, const struct operation *operation)
{
    const struct slot *slot = &run->slots[operation->operands[0]];
    const uint64_t inside = slot->address + (operation->operands[1] << FRAME_SHIFT);

    if (!(run->slots_known >> operation->operands[0] & 1))
        return;
    switch (operation->kind) {
    case OPERATION_FREE:
        write_free(test, run, slot->address, slot->order, false);
        break;
    case OPERATION_FREE_AS:
        write_free(test, run, slot->address, (unsigned)operation->operands[1], false);
        break;
    case OPERATION_FREE_SKEWED:
        write_free(test, run, slot->address + operation->operands[1], slot->order, false);
        break;
    case OPERATION_FREE_INSIDE:
        write_free(test, run, inside, 0, false);
        break;
    case OPERATION_RELEASE_INSIDE:
        write_free(test, run, inside, 0, true);
        break;
    default:
        write_free(test, run, slot->address, 0, true);
        break;
    }
}

void write_free_everything(struct unit_test *test, const struct run *run)
{
    for (unsigned i = 0; i < PROGRAM_SLOTS; i++)
        if (slot_is_live(run, i))
            write_free(test, run, run->slots[i].address, run->slots[i].order, false);
    if (run->pool.count == 0)
        return;
    test->uses_give = true;
    fprintf(test->out, "    CHECK(give(1, 0));\n");
}
