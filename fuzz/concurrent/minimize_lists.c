/*
 * Fewer and simpler operations, and less memory. Dropping an operation moves those behind it in its list; the
 * decisions anchored to them move along.
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

    program->operation_count--;
    memmove(&program->operations[index], &program->operations[index + 1],
            (program->operation_count - index) * sizeof(program->operations[0]));
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

/* Towards zero: at once, by halves, by one. */
static void lower_operands(struct minimizer *minimizer)
{
    for (size_t i = 0; i < minimizer->best->operation_count; i++) {
        for (size_t j = 0; j < 3; j++) {
            const uint64_t value = minimizer->best->operations[i].operands[j];
            const enum operand_kind kind = operation_infos[minimizer->best->operations[i].kind].operands[j];
            const uint64_t least = kind == OPERAND_COUNT ? 1 : 0; /* a fill of 0 is the longest */
            const uint64_t values[] = {kind == OPERAND_ZONE ? ZONE_NORMAL : least, value / 2, value - 1};

            for (size_t k = 0; k < 3; k++) {
                if (value <= least || values[k] == value || (kind == OPERAND_ZONE && k > 0))
                    continue;
                minimize_again(minimizer);
                minimizer->candidate->operations[i].operands[j] = values[k];
                if (minimize_try(minimizer))
                    break;
            }
        }
    }
}

void minimize_lists(struct minimizer *minimizer)
{
    drop_cpus(minimizer);
    drop_operations(minimizer);
    lower_operands(minimizer);
}

static void drop_region(struct program *program, size_t index)
{
    program->region_count--;
    memmove(&program->regions[index], &program->regions[index + 1],
            (program->region_count - index) * sizeof(program->regions[0]));
}

void minimize_memory(struct minimizer *minimizer)
{
    for (size_t i = minimizer->best->region_count; i-- > 0;) {
        uint64_t length;

        minimize_again(minimizer);
        drop_region(minimizer->candidate, i);
        if (minimize_try(minimizer))
            continue;
        length = minimizer->best->regions[i].length;
        for (uint64_t frames = 1; frames << FRAME_SHIFT < length; frames *= 2) {
            minimize_again(minimizer);
            minimizer->candidate->regions[i].length = frames << FRAME_SHIFT;
            if (minimize_try(minimizer))
                break;
        }
    }
    minimize_again(minimizer);
    minimizer->candidate->reserved_below = 0;
    if (minimizer->best->reserved_below)
        minimize_try(minimizer);
}
