/*
 * One change to a concurrent program: who runs when, what each CPU's list does, what the set-up leaves, how little
 * memory there is. Schedule and lists change apart from each other, because a failure needs both to fit.
 */
#include "parts.h"

#include <string.h>

static struct override random_override(const struct program *program, struct random *random)
{
    struct override override = {
        .cpu = (uint8_t)random_below(random, program->cpus),
        .operation = (uint8_t)random_below(random, random_one_in(random, 4) ? LIST_OPERATIONS : 3),
        .step = (uint16_t)random_below(random, random_one_in(random, 4) ? 256 : 48),
        .action = OVERRIDE_SWITCH,
    };

    if (program->schedule.modes & SCHEDULE_INTERRUPTS && random_one_in(random, 3))
        override.action = OVERRIDE_INTERRUPT;
    else if (program->schedule.modes & SCHEDULE_WEAK && random_one_in(random, 2))
        override.action = OVERRIDE_STALE;
    else if (program->schedule.modes & SCHEDULE_BUFFERS && random_one_in(random, 2))
        override.action = OVERRIDE_BUFFER;
    else if (random_one_in(random, 16))
        override.action = random_one_in(random, 2) ? OVERRIDE_SOLO : OVERRIDE_FAIL;
    if (override.action == OVERRIDE_SWITCH) {
        override.argument = (uint8_t)random_below(random, program->cpus);
        override.hold = (uint16_t)(random_one_in(random, 3) ? 0 : 1 + random_below(random, 64));
    } else if (override.action == OVERRIDE_INTERRUPT) {
        override.argument = (uint8_t)random_below(random, SCHEDULE_HANDLERS);
    } else if (override.action == OVERRIDE_BUFFER) {
        override.hold = (uint16_t)(random_one_in(random, 2) ? 0 : 1 + random_below(random, 16));
    } else if (override.action == OVERRIDE_STALE) {
        override.argument = (uint8_t)(1 + random_below(random, 3));
    }
    return override;
}

static void insert_override(struct program *program, struct random *random)
{
    struct schedule *schedule = &program->schedule;

    if (schedule->override_count < SCHEDULE_OVERRIDES)
        schedule->overrides[schedule->override_count++] = random_override(program, random);
}

static void delete_override(struct program *program, struct random *random)
{
    struct schedule *schedule = &program->schedule;

    if (schedule->override_count == 0)
        return;
    schedule->override_count--;
    schedule->overrides[random_below(random, schedule->override_count + 1)] =
        schedule->overrides[schedule->override_count];
}

/* A few steps earlier or later; or for a few steps more or less. */
static void nudge_override(struct program *program, struct random *random)
{
    struct schedule *schedule = &program->schedule;
    struct override *override = &schedule->overrides[random_below(random, schedule->override_count)];
    uint16_t *value =
        random_one_in(random, 3) && override->action == OVERRIDE_SWITCH ? &override->hold : &override->step;
    uint64_t distance = 1 + random_below(random, 4);

    if (!schedule->override_count)
        return;
    if (random_one_in(random, 2))
        *value = (uint16_t)(*value > distance ? *value - distance : 0);
    else if (*value + distance < OVERRIDE_STEPS)
        *value = (uint16_t)(*value + distance);
}

static void change_seed(struct program *program, struct random *random)
{
    program->schedule.seed = random_next(random) >> 32;
}

static void change_strategy(struct program *program, struct random *random)
{
    program->schedule.strategy = (enum strategy)random_below(random, STRATEGY_COUNT);
    program->schedule.seed = random_next(random) >> 32;
}

static void change_modes(struct program *program, struct random *random)
{
    program->schedule.modes ^= 1u << random_below(random, 4);
}

static void insert_operation(struct program *program, struct random *random)
{
    size_t at = (size_t)random_below(random, program->operation_count + 1);

    if (open_gap(program, at, 1) == 0)
        return;
    if (random_one_in(random, 16))
        program->operations[at] = (struct operation){random_one_in(random, 3) ? OPERATION_HANDLER : OPERATION_CPU,
                                                     {random_below(random, PROGRAM_CPUS), 0, 0}};
    else
        random_concurrent_operation(program, random, &program->operations[at]);
}

static void delete_operation(struct program *program, struct random *random)
{
    size_t at = (size_t)random_below(random, program->operation_count);

    if (program->operation_count == 0)
        return;
    program->operation_count--;
    memmove(&program->operations[at], &program->operations[at + 1],
            (program->operation_count - at) * sizeof program->operations[0]);
}

static void change_operation(struct program *program, struct random *random)
{
    struct operation *operation = &program->operations[random_below(random, program->operation_count)];

    if (program->operation_count == 0)
        return;
    if (operation->kind == OPERATION_FILL && operation->operands[2] > 1) /* towards or away from the edge */
        operation->operands[2] += random_one_in(random, 2) ? 1 : UINT64_MAX;
    else if (operation_directs(operation))
        operation->operands[0] = random_below(random, PROGRAM_CPUS);
    else
        random_concurrent_operation(program, random, operation);
}

static void swap_operations(struct program *program, struct random *random)
{
    struct operation *first = &program->operations[random_below(random, program->operation_count)];
    struct operation *second = &program->operations[random_below(random, program->operation_count)];
    struct operation kept = *first;

    if (program->operation_count == 0)
        return;
    *first = *second;
    *second = kept;
}

static void change_memory(struct program *program, struct random *random)
{
    struct region *region = &program->regions[random_below(random, program->region_count)];

    if (program->raw || random_one_in(random, 16))
        mutate_beside(program, random);
    else if (program->region_count == 0 || random_one_in(random, 3))
        random_concurrent_map(program, random);
    else if (random_one_in(random, 4))
        random_concurrent_later(program, random);
    else
        region->length += random_one_in(random, 2) ? FRAME_BYTES : UINT64_C(0) - FRAME_BYTES;
}

static void change_cpus(struct program *program, struct random *random)
{
    program->cpus = 1 + (unsigned)random_below(random, PROGRAM_CPUS);
}

void mutate_concurrent(struct program *program, struct random *random)
{
    static void (*const changes[])(struct program *, struct random *) = {
        insert_override,  insert_override,  insert_override,  delete_override, nudge_override,   nudge_override,
        change_seed,      change_seed,      change_strategy,  change_modes,    insert_operation, insert_operation,
        delete_operation, change_operation, change_operation, swap_operations, change_memory,    change_cpus,
    };

    changes[random_below(random, sizeof changes / sizeof changes[0])](program, random);
}
