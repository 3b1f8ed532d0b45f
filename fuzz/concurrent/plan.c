/* A program's operations, sorted into the lists of CPUs and interrupt handlers. */
#include "state.h"

void plan_make(struct plan *plan, const struct program *program)
{
    struct lists lists = {0};

    plan->cpus = program->cpus;
    plan->weak = program->schedule.modes & (SCHEDULE_WEAK | SCHEDULE_BUFFERS);
    for (unsigned list = 0; list < LIST_COUNT; list++)
        plan->count[list] = 0;
    for (size_t i = 0; i < program->operation_count; i++) {
        unsigned list;

        if (lists_next(&lists, program->cpus, &program->operations[i], &list) && list != LIST_NONE)
            plan->lists[list][plan->count[list]++] = &program->operations[i];
    }
    plan->setup = plan->count[LIST_SETUP];
    for (size_t i = 0; i < program->schedule.override_count; i++)
        plan->weak |= program->schedule.overrides[i].action == OVERRIDE_STALE ||
                      program->schedule.overrides[i].action == OVERRIDE_BUFFER;
}
