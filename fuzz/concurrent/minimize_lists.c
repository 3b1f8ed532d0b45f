/*
 * Fewer CPUs and operations. Dropping an operation moves those behind it in its list; the decisions anchored to them
 * move along.
 */
#include "minimize.h"

#include <string.h>

/* The list of operation `index` and its place in it. */
static unsigned list_of(const struct program *program, size_t index, unsigned *place)
{
    struct lists lists = {0};
    unsigned list = LIST_NONE;

    for (size_t i = 0; i <= index; i++)
        lists_next(&lists, program->cpus, &program->operations[i], &list);
    *place = list == LIST_NONE ? 0 : lists.used[list] - 1;
    return list;
}

/* Overrides of the operations behind the dropped one follow; those of the dropped one itself go. */
static void follow_drop(struct schedule *schedule, unsigned cpu, unsigned place)
{
    size_t kept = 0;

    for (size_t i = 0; i < schedule->override_count; i++) {
        struct override override = schedule->overrides[i];

        if (override.cpu == cpu && override.operation == place)
            continue;
        override.operation = (uint8_t)(override.operation - (override.cpu == cpu && override.operation > place));
        schedule->overrides[kept++] = override;
    }
    schedule->override_count = kept;
}

void minimize_drop_operation(struct program *program, size_t index)
{
    unsigned place;
    const unsigned list = list_of(program, index, &place);

    drop_operations_at(program, index, 1);
    if (list >= LIST_CPU && list < LIST_HANDLER)
        follow_drop(&program->schedule, list - LIST_CPU, place);
}

/* All operations of a CPU; a higher one takes its number. */
void minimize_drop_cpu(struct program *program, unsigned cpu)
{
    size_t kept = 0;

    for (size_t i = program->operation_count; i-- > 0;) {
        unsigned place;

        if (list_of(program, i, &place) == LIST_CPU + cpu)
            minimize_drop_operation(program, i);
    }
    for (size_t i = 0; i < program->operation_count; i++) {
        struct operation *operation = &program->operations[i];

        if (operation->kind == OPERATION_CPU)
            operation->operands[0] %= program->cpus;
        if (operation->kind == OPERATION_CPU && operation->operands[0] > cpu)
            operation->operands[0]--;
    }
    for (size_t i = 0; i < program->schedule.override_count; i++) {
        struct override override = program->schedule.overrides[i];

        if (override.cpu == cpu || (override.action == OVERRIDE_SWITCH && override.argument == cpu))
            continue;
        override.cpu = (uint8_t)(override.cpu - (override.cpu > cpu));
        if (override.action == OVERRIDE_SWITCH && override.argument > cpu)
            override.argument--;
        program->schedule.overrides[kept++] = override;
    }
    program->schedule.override_count = kept;
    program->cpus--;
}

static size_t set_up_of(const struct program *program)
{
    size_t end = 0;

    while (end < program->operation_count && !operation_directs(&program->operations[end]))
        end++;
    return end;
}

static void append_to_set_up(struct program *program, const struct operation *operation)
{
    const size_t end = set_up_of(program);

    memmove(&program->operations[end + 1], &program->operations[end],
            (program->operation_count - end) * sizeof(program->operations[0]));
    program->operations[end] = *operation;
    program->operation_count++;
}

bool minimize_begin_alone(struct program *program, unsigned cpu)
{
    for (size_t i = 0; i < program->operation_count; i++) {
        const struct operation operation = program->operations[i];
        unsigned place;

        if (operation_directs(&operation) || list_of(program, i, &place) != LIST_CPU + cpu)
            continue;
        if (set_up_of(program) >= LIST_OPERATIONS)
            return false;
        minimize_drop_operation(program, i);
        append_to_set_up(program, &operation);
        return true;
    }
    return false;
}

static void drop_cpus(struct minimizer *minimizer)
{
    for (unsigned cpu = minimizer->best->cpus; cpu-- > 0 && minimizer->best->cpus > 1;) {
        minimize_again(minimizer);
        minimize_drop_cpu(minimizer->candidate, cpu);
        minimize_try_seeds(minimizer);
    }
}

static void drop_operations(struct minimizer *minimizer)
{
    for (size_t i = minimizer->best->operation_count; i-- > 0;) {
        minimize_again(minimizer);
        minimize_drop_operation(minimizer->candidate, i);
        minimize_try_seeds(minimizer);
    }
}

void minimize_lists(struct minimizer *minimizer)
{
    drop_cpus(minimizer);
    drop_operations(minimizer);
}
