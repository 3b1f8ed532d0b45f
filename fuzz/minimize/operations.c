/* Fewer operations, and simpler ones in their place. For programs whose operations are one list. */
#include "minimize.h"

#include <string.h>

enum { PAIRS_MOST = 96 }; /* operations of a program of which any two are tried at once */

/* Without operations only the map is looked at: that explains a failure of the start, and no other. */
bool minimize_may_be_empty(const struct minimizer *minimizer)
{
    return failure_infos[minimizer->wanted.id].id[0] == 'S';
}

void drop_operations_at(struct program *program, size_t index, size_t count)
{
    program->operation_count -= count;
    memmove(&program->operations[index], &program->operations[index + count],
            (program->operation_count - index) * sizeof(program->operations[0]));
}

/* Halves first, then quarters, down to single ones; from the end, where operations matter least. */
static void drop_runs(struct minimizer *minimizer)
{
    for (size_t size = minimizer->best->operation_count; size > 0; size /= 2) {
        size_t at = minimizer->best->operation_count;

        while (at > 0) {
            const size_t count = at < size ? at : size;

            at -= count;
            drop_operations_at(minimize_again(minimizer), at, count);
            if (minimizer->candidate->operation_count > 0 || minimize_may_be_empty(minimizer))
                minimize_try(minimizer);
        }
    }
}

/* Two at once: an allocation and its free, of which neither can go alone. */
static void drop_pairs(struct minimizer *minimizer)
{
    if (minimizer->best->operation_count > PAIRS_MOST)
        return;
    for (size_t first = 0; first + 1 < minimizer->best->operation_count; first++) {
        for (size_t second = first + 1; second < minimizer->best->operation_count; second++) {
            struct program *candidate = minimize_again(minimizer);

            drop_operations_at(candidate, second, 1);
            drop_operations_at(candidate, first, 1);
            if (candidate->operation_count > 0 && minimize_try(minimizer))
                second = first;
        }
    }
}

/* What may stand in for a kind, the simplest first; operands stay where their kinds agree. */
static const struct simpler {
    enum operation_kind kind, simpler;
} simpler[] = {
    {OPERATION_ALLOC_ORDER, OPERATION_ALLOC},   {OPERATION_ALLOC_ORDER, OPERATION_ALLOC_LARGE},
    {OPERATION_ALLOC_LARGE, OPERATION_ALLOC},   {OPERATION_RELEASE, OPERATION_FREE},
    {OPERATION_FREE_AS, OPERATION_FREE},        {OPERATION_FREE_INSIDE, OPERATION_FREE},
    {OPERATION_RELEASE_INSIDE, OPERATION_FREE}, {OPERATION_RELEASE_INSIDE, OPERATION_FREE_INSIDE},
    {OPERATION_FREE_SKEWED, OPERATION_FREE},    {OPERATION_RELEASE_AT, OPERATION_FREE_AT},
    {OPERATION_FREE_EVERY, OPERATION_FREE_ALL}, {OPERATION_DRAIN, OPERATION_FREE_ALL},
    {OPERATION_FILL, OPERATION_ALLOC},          {OPERATION_FILL, OPERATION_ALLOC_LARGE},
    {OPERATION_CHECK, OPERATION_STATS},         {OPERATION_RESTART, OPERATION_STATS},
};

static struct operation as_kind(struct operation operation, enum operation_kind kind)
{
    const enum operand_kind *from = operation_infos[operation.kind].operands, *to = operation_infos[kind].operands;
    struct operation changed = {.kind = kind};

    if (operation.kind == OPERATION_FILL) { /* one frame instead of many */
        changed.operands[1] = operation.operands[1];
        return changed;
    }
    for (size_t i = 0; i < 3 && to[i] == from[i]; i++)
        changed.operands[i] = operation.operands[i];
    return changed;
}

static void simplify_kinds(struct minimizer *minimizer)
{
    for (size_t i = 0; i < minimizer->best->operation_count; i++) {
        for (size_t j = 0; j < sizeof(simpler) / sizeof(simpler[0]); j++) {
            const struct operation operation = minimizer->best->operations[i];

            if (operation.kind != simpler[j].kind)
                continue;
            minimize_again(minimizer)->operations[i] = as_kind(operation, simpler[j].simpler);
            if (minimize_try(minimizer))
                j = SIZE_MAX; /* from the start, for the new kind */
        }
    }
}

/* An address that is a slot's is better said so: another allocator may choose another frame. */
static void name_addresses(struct minimizer *minimizer)
{
    for (size_t i = 0; i < minimizer->best->operation_count; i++) {
        if (minimizer->best->operations[i].kind != OPERATION_FREE_AT)
            continue;
        for (uint64_t slot = 0; slot < PROGRAM_SLOTS; slot++) {
            bool used = false;

            for (size_t j = 0; j < i; j++)
                used |= operation_infos[minimizer->best->operations[j].kind].operands[0] == OPERAND_SLOT &&
                        minimizer->best->operations[j].operands[0] == slot;
            if (!used)
                continue;
            minimize_again(minimizer)->operations[i] = (struct operation){OPERATION_FREE, {slot, 0, 0}};
            if (minimize_try(minimizer))
                break;
        }
    }
}

/* Slots by the order of their first use. */
static void rename_slots(struct minimizer *minimizer)
{
    struct program *candidate = minimize_again(minimizer);
    uint64_t names[PROGRAM_SLOTS], used = 0;
    bool named[PROGRAM_SLOTS] = {false}, changed = false;

    for (size_t i = 0; i < candidate->operation_count; i++) {
        uint64_t *slot = &candidate->operations[i].operands[0];

        if (operation_infos[candidate->operations[i].kind].operands[0] != OPERAND_SLOT)
            continue;
        if (!named[*slot])
            names[*slot] = used++;
        named[*slot] = true;
        changed |= names[*slot] != *slot;
        *slot = names[*slot];
    }
    if (changed)
        minimize_try(minimizer);
}

void minimize_operations(struct minimizer *minimizer)
{
    drop_runs(minimizer);
    drop_pairs(minimizer);
    simplify_kinds(minimizer);
    name_addresses(minimizer);
    rename_slots(minimizer);
}
