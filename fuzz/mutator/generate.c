/*
 * Typical programs: a few small stretches of memory in every zone, mostly sound operations, some misuse, and
 * bulk steps rarely, because one costs as much as many others. The source of seeds and of the measurement of
 * throughput.
 */
#include "mutator.h"

#include "parts.h"

/* Out of 10,000 or so. An operation that is not named here comes from the mutator alone. */
static const uint16_t odds[OPERATION_COUNT] = {
    [OPERATION_ALLOC] = 3300,      [OPERATION_ALLOC_LARGE] = 900,
    [OPERATION_ALLOC_ORDER] = 200, [OPERATION_FREE] = 2300,
    [OPERATION_RELEASE] = 800,     [OPERATION_FREE_AS] = 300,
    [OPERATION_FREE_INSIDE] = 200, [OPERATION_RELEASE_INSIDE] = 200,
    [OPERATION_FREE_SKEWED] = 200, [OPERATION_FREE_AT] = 250,
    [OPERATION_RELEASE_AT] = 200,  [OPERATION_QUERY] = 400,
    [OPERATION_FILL] = 60,         [OPERATION_FREE_EVERY] = 100,
    [OPERATION_FREE_ALL] = 40,     [OPERATION_DRAIN] = 2,
    [OPERATION_STATS] = 200,       [OPERATION_CHECK] = 50,
    [OPERATION_RESTART] = 20,      [OPERATION_CPU] = 200,
    [OPERATION_HOLD_LATER] = 150,
};

enum operation_kind random_kind(struct random *random)
{
    uint64_t total = 0, point;
    unsigned kind = 0;

    for (unsigned i = 0; i < OPERATION_COUNT; i++)
        total += odds[i];
    for (point = random_below(random, total); point >= odds[kind]; kind++)
        point -= odds[kind];
    return (enum operation_kind)kind;
}

void random_operation(const struct program *program, size_t at, struct random *random, struct operation *operation)
{
    operation->kind = random_kind(random);
    random_operands(program, at, random, operation);
    if (operation->kind == OPERATION_FILL && !random_one_in(random, 32))
        operation->operands[2] = 1 + random_below(random, 32);
}

static void add_memory(struct program *program, uint64_t base, uint64_t frames)
{
    program->regions[program->region_count++] = (struct region){base, frames << FRAME_SHIFT, REGION_USABLE};
}

/* Up to three stretches: low, across 16 MiB, across 4 GiB. At least one; together at most 3,400 frames. */
static void generate_map(struct program *program, struct random *random)
{
    static const uint64_t low[] = {0, FRAME_BYTES, UINT64_C(1) << 20, UINT64_C(2) << 20};
    uint64_t stretches = 1 + random_below(random, 7);

    if (stretches & 1)
        add_memory(program, low[random_below(random, 4)], 1 + random_below(random, 600));
    if (stretches & 2)
        add_memory(program, DMA_LIMIT - random_below(random, 2) * BLOCK_BYTES, 1 + random_below(random, 1200));
    if (stretches & 4)
        add_memory(program, DMA32_LIMIT - random_below(random, 2) * BLOCK_BYTES,
                   (1 + random_below(random, 3)) * BLOCK_FRAMES - random_below(random, 3));
    if (random_one_in(random, 4)) {
        struct region reserved = random_region(random);

        reserved.type = REGION_RESERVED;
        program->regions[program->region_count++] = reserved;
    }
    if (random_one_in(random, 4))
        mutate_map(program, random);
    if (random_one_in(random, 4))
        add_later(program, random);
    if (random_one_in(random, 8))
        mutate_beside(program, random);
}

void generate_program(struct program *program, uint64_t seed, unsigned operations)
{
    struct random random = {seed};

    program->concurrent = false;
    program->schedule.override_count = 0;
    program->operation_count = 0;
    program_clear_map(program);
    program->cpus = random_one_in(&random, 2) ? 1 : 1 + (unsigned)random_below(&random, PROGRAM_CPUS);
    program->reserved_below = random_one_in(&random, 4) ? UINT64_C(1) << 20 : 0;
    generate_map(program, &random);
    while (program->operation_count < operations && program->operation_count < PROGRAM_OPERATIONS) {
        size_t at = program->operation_count;

        random_operation(program, at, &random, &program->operations[at]);
        program->operation_count++;
    }
    if (random_one_in(&random, 16) && !program->raw)
        regions_to_table(program, (enum table_form)random_below(&random, TABLE_FORMS));
}
