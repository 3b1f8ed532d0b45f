/* The set-up of a concurrent program: run as any sequential program is, and compared after each operation. */
#include "stage_snapshot.h"

/* The operations that make sense before the CPUs part. */
static const operation_function setup_functions[OPERATION_COUNT] = {
    [OPERATION_ALLOC] = operation_ALLOC,
    [OPERATION_ALLOC_LARGE] = operation_ALLOC_LARGE,
    [OPERATION_FREE] = operation_FREE,
    [OPERATION_RELEASE] = operation_RELEASE,
    [OPERATION_FREE_AS] = operation_FREE_AS,
    [OPERATION_FREE_INSIDE] = operation_FREE_INSIDE,
    [OPERATION_QUERY] = operation_QUERY,
    [OPERATION_STATS] = operation_STATS,
    [OPERATION_FILL] = operation_FILL,
    [OPERATION_FREE_EVERY] = operation_FREE_EVERY,
    [OPERATION_HOLD_LATER] = operation_HOLD_LATER,
};

static bool is_costly(enum operation_kind kind)
{
    return kind == OPERATION_FILL || kind == OPERATION_FREE_EVERY;
}

bool stage_run_setup(struct stage *stage, const struct plan *plan, size_t next, const uint64_t *hashes)
{
    struct run *run = &stage->run;

    for (; next < plan->setup; next++) {
        const struct operation *operation = plan->lists[LIST_SETUP][next];
        const operation_function function = setup_functions[operation->kind];

        run->position = next;
        run->outcome = (struct outcome){.acted = false, .address = UINT64_MAX};
        if (function && !function(run, operation))
            return false;
        trace_operation(run, operation);
        if (stage->image && is_costly(operation->kind))
            snapshot_keep(stage, plan, next + 1, hashes[next + 1]);
    }
    return true;
}
