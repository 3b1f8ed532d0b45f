/* The table of operations as data, and when two programs are the same. */
#include "program.h"

#include <string.h>

const struct operation_info operation_infos[OPERATION_COUNT] = {
#define OPERATION(name, text, a, b, c, doc) {text, {OPERAND_##a, OPERAND_##b, OPERAND_##c}, doc},
#include "operations.def"
#undef OPERATION
};

static bool schedules_equal(const struct program *a, const struct program *b)
{
    const struct schedule *x = &a->schedule, *y = &b->schedule;

    if (a->concurrent != b->concurrent)
        return false;
    if (!a->concurrent)
        return true;
    if (x->strategy != y->strategy || x->modes != y->modes || x->seed != y->seed ||
        x->override_count != y->override_count)
        return false;
    for (size_t i = 0; i < x->override_count; i++) {
        const struct override *left = &x->overrides[i], *right = &y->overrides[i];

        if (left->cpu != right->cpu || left->operation != right->operation || left->step != right->step ||
            left->action != right->action || left->argument != right->argument || left->hold != right->hold)
            return false;
    }
    return true;
}

bool program_equal(const struct program *a, const struct program *b)
{
    if (a->cpus != b->cpus || !program_maps_equal(a, b) || a->operation_count != b->operation_count ||
        !schedules_equal(a, b))
        return false;
    for (size_t i = 0; i < a->operation_count; i++) {
        const struct operation *x = &a->operations[i], *y = &b->operations[i];

        if (x->kind != y->kind || memcmp(x->operands, y->operands, sizeof x->operands) != 0)
            return false;
    }
    return true;
}
