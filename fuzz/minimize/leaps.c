/*
 * One operation for many: a fill for a row of allocations, free-all for a row of frees, an address near the edge of an
 * entry for the way there. Such a step pays only when others go with it, so it is undone when they do not.
 */
#include "minimize.h"

#include <stdlib.h>

enum { LEAST_ALIKE = 3, EDGES_MOST = 12 /* operations of a program for which edges are tried */ };

static void drop_singles(struct minimizer *minimizer, size_t but)
{
    for (size_t i = minimizer->best->operation_count; i-- > 0;) {
        if (i == but)
            continue;
        drop_operations_at(minimize_again(minimizer), i, 1);
        if (minimizer->candidate->operation_count > 0 && minimize_try(minimizer) && i < but)
            but--;
    }
}

/* Puts `operation` in place of the one at `index`, and drops what is not needed any more. */
static bool leap(struct minimizer *minimizer, size_t index, struct operation operation)
{
    struct program *before = malloc(sizeof(*before));
    const bool progress = minimizer->progress;
    bool shorter = false;

    if (!before)
        return false;
    *before = *minimizer->best;
    minimize_again(minimizer)->operations[index] = operation;
    if (minimize_try(minimizer)) {
        drop_singles(minimizer, index);
        shorter = minimizer->best->operation_count < before->operation_count;
        if (!shorter) {
            *minimizer->best = *before;
            minimizer->progress = progress;
        }
    }
    free(before);
    return shorter;
}

static size_t count_kind(const struct program *program, enum operation_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < program->operation_count; i++)
        count += program->operations[i].kind == kind;
    return count;
}

static bool leap_from(struct minimizer *minimizer, size_t index)
{
    const struct operation operation = minimizer->best->operations[index];
    const size_t alike = count_kind(minimizer->best, operation.kind);
    const uint64_t order = operation.kind == OPERATION_ALLOC_LARGE ? BLOCK_ORDER : 0;

    if (alike < LEAST_ALIKE)
        return false;
    switch (operation.kind) {
    case OPERATION_ALLOC:
    case OPERATION_ALLOC_LARGE:
        for (uint64_t count = 0; count <= alike; count += alike) {
            const struct operation fill = {OPERATION_FILL, {order, operation.operands[1], count}};

            if (leap(minimizer, index, fill))
                return true;
        }
        return false;
    case OPERATION_FREE:
        return leap(minimizer, index, (struct operation){.kind = OPERATION_FREE_ALL});
    default:
        return false;
    }
}

static bool leap_to_edge(struct minimizer *minimizer, size_t index, uint64_t edge)
{
    static const enum operation_kind kinds[] = {OPERATION_FREE_AT, OPERATION_QUERY};

    edge &= ~(FRAME_BYTES - 1);
    for (size_t i = 0; i < 2; i++) {
        if (minimizer->best->operations[index].kind != kinds[i] &&
            (leap(minimizer, index, (struct operation){kinds[i], {edge, 0, 0}}) ||
             leap(minimizer, index, (struct operation){kinds[i], {edge - FRAME_BYTES, 0, 0}})))
            return true;
    }
    return false;
}

/* The last operation is the one that fails. */
static void leap_to_edges(struct minimizer *minimizer)
{
    for (size_t i = 0; i < minimizer->best->region_count; i++) {
        const struct region region = minimizer->best->regions[i];
        const size_t count = minimizer->best->operation_count;

        if (count < 2 || count > EDGES_MOST)
            return;
        if (!leap_to_edge(minimizer, count - 1, region.base))
            leap_to_edge(minimizer, count - 1, region.base + region.length);
    }
}

void minimize_leaps(struct minimizer *minimizer)
{
    leap_to_edges(minimizer);
    for (size_t i = 0; i < minimizer->best->operation_count; i++)
        if (leap_from(minimizer, i))
            i = SIZE_MAX; /* the indices have moved */
}
