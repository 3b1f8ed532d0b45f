/* Smaller operands: the usual zone, the two orders that exist, small slots and counts, low addresses. */
#include "minimize.h"

static void set_operand(struct program *program, size_t index, size_t part, uint64_t value)
{
    program->operations[index].operands[part] = value;
}

static void try_operand(struct minimizer *minimizer, size_t index, size_t part, uint64_t value)
{
    set_operand(minimize_again(minimizer), index, part, value);
    minimize_try(minimizer);
}

static void lower_operand(struct minimizer *minimizer, size_t index, size_t part)
{
    const struct operation *operation = &minimizer->best->operations[index];
    const enum operand_kind kind = operation_infos[operation->kind].operands[part];
    const uint64_t value = operation->operands[part];
    const bool frames = kind == OPERAND_ADDRESS && value % FRAME_BYTES == 0;

    if (kind == OPERAND_ZONE) {
        if (value != ZONE_NORMAL)
            try_operand(minimizer, index, part, ZONE_NORMAL);
        return;
    }
    if (kind == OPERAND_ORDER && value != 0 && value != BLOCK_ORDER)
        try_operand(minimizer, index, part, BLOCK_ORDER);
    minimize_number(minimizer, (struct number){
                                   .value = minimizer->best->operations[index].operands[part],
                                   .least = kind == OPERAND_COUNT ? 1 : 0, /* a fill of 0 is the longest */
                                   .unit = frames ? FRAME_BYTES : 1,
                                   .set = set_operand,
                                   .index = index,
                                   .part = part,
                               });
}

void minimize_operands(struct minimizer *minimizer)
{
    for (size_t i = 0; i < minimizer->best->operation_count; i++)
        for (size_t j = 0; j < 3; j++)
            if (operation_infos[minimizer->best->operations[i].kind].operands[j] != OPERAND_NONE)
                lower_operand(minimizer, i, j);
}
