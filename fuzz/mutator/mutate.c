/* From bytes to bytes: decode, change one or a few things, encode; and two programs crossed. */
#include "mutator.h"

#include <string.h>

#include "parts.h"

/* Steps that run until the memory is empty: one costs as much as a thousand others, and few reach as far as many. */
enum { LONG_STEPS = 3, LONG_FILL = 1024 };

/* Too large for a stack, and an allocation a call would cost more than the mutation. */
static struct program program, other;

static uint64_t random_below_limit(struct random *random)
{
    if (random_one_in(random, 2))
        return 0;
    return random_one_in(random, 2) ? UINT64_C(1) << 20 : random_address(&program, random);
}

static void mutate_header(struct random *random)
{
    if (random_one_in(random, 2))
        program.cpus = 1 + (unsigned)random_below(random, PROGRAM_CPUS);
    else
        program.reserved_below = random_below_limit(random);
}

static bool is_long(const struct operation *operation)
{
    return operation->kind == OPERATION_DRAIN ||
           (operation->kind == OPERATION_FILL && (operation->operands[2] == 0 || operation->operands[2] > LONG_FILL));
}

/* Drops the long steps after the first few. */
static void drop_long_steps(void)
{
    size_t kept = 0, steps = 0;

    for (size_t i = 0; i < program.operation_count; i++)
        if (!is_long(&program.operations[i]) || ++steps <= LONG_STEPS)
            program.operations[kept++] = program.operations[i];
    program.operation_count = kept;
}

/* Writes the program, shortened until it fits. */
static size_t store(uint8_t *out, size_t max)
{
    size_t size;

    drop_long_steps();
    size = program_encode(&program, out, max);
    while (size == 0 && program.operation_count) {
        program.operation_count /= 2;
        size = program_encode(&program, out, max);
    }
    if (size == 0)
        program.reserved.count = program.later.count = 0;
    while (size == 0 && (program.region_count || program.table.length)) {
        program.region_count /= 2;
        program.table.length /= 2;
        size = program_encode(&program, out, max);
    }
    return size;
}

size_t mutate_program_bytes(uint8_t *data, size_t size, size_t max, uint64_t seed)
{
    struct random random = {seed};
    size_t stored;

    program_decode(&program, data, size);
    do {
        uint64_t choice = random_below(&random, 16);

        if (program.concurrent)
            mutate_concurrent(&program, &random);
        else if (choice < 11)
            mutate_operations(&program, &random);
        else if (choice < 12)
            mutate_beside(&program, &random);
        else if (choice < 15)
            mutate_map(&program, &random);
        else
            mutate_header(&random);
    } while (random_one_in(&random, 2));
    stored = store(data, max);
    return stored ? stored : size;
}

/* The rest of `program` from somewhere on becomes the rest of `other`. */
static void cross_tail(struct random *random)
{
    size_t at = (size_t)random_below(random, program.operation_count + 1);
    size_t from = (size_t)random_below(random, other.operation_count + 1);
    size_t count = other.operation_count - from;

    if (count > PROGRAM_OPERATIONS - at)
        count = PROGRAM_OPERATIONS - at;
    memcpy(&program.operations[at], &other.operations[from], count * sizeof other.operations[0]);
    program.operation_count = at + count;
}

/* The same lists under the other's schedule: what breaks one program often breaks its neighbours. */
static void cross_schedule(void)
{
    program.schedule.strategy = other.schedule.strategy;
    program.schedule.modes = other.schedule.modes;
    program.schedule.seed = other.schedule.seed;
    program.schedule.override_count = other.schedule.override_count;
    memcpy(program.schedule.overrides, other.schedule.overrides,
           other.schedule.override_count * sizeof other.schedule.overrides[0]);
}

/* A run of the other's operations goes in somewhere. */
static void cross_run(struct random *random)
{
    size_t at = (size_t)random_below(random, program.operation_count + 1);
    size_t from = (size_t)random_below(random, other.operation_count);
    size_t count = open_gap(&program, at, (size_t)random_below(random, other.operation_count - from + 1));

    memcpy(&program.operations[at], &other.operations[from], count * sizeof other.operations[0]);
}

static void cross_map(void)
{
    program_copy_map(&program, &other);
}

static void cross_regions(void)
{
    size_t room = PROGRAM_REGIONS - program.region_count;
    size_t count = other.region_count < room ? other.region_count : room;

    if (program.raw || other.raw)
        return;
    memcpy(&program.regions[program.region_count], other.regions, count * sizeof other.regions[0]);
    program.region_count += count;
}

size_t cross_program_bytes(const uint8_t *first, size_t first_size, const uint8_t *second, size_t second_size,
                           uint8_t *out, size_t max, uint64_t seed)
{
    struct random random = {seed};

    program_decode(&program, first, first_size);
    program_decode(&other, second, second_size);
    if (program.concurrent && other.concurrent && random_one_in(&random, 3)) {
        cross_schedule();
        return store(out, max);
    }
    switch (random_below(&random, 8)) {
    case 0:
        cross_map();
        break;
    case 1:
        cross_regions();
        break;
    case 2:
    case 3:
    case 4:
        cross_run(&random);
        break;
    default:
        cross_tail(&random);
        break;
    }
    return store(out, max);
}
