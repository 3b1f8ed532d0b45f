/*
 * Concurrent programs of the shapes in which allocators break: memory nearly exhausted, a block on the edge between
 * whole and split, frames handed from one CPU to another, two frees of one frame, 2 MiB against 4 KiB, interrupts
 * that allocate and free. The map is one to three blocks, mostly of a handful of frames.
 */
#include "mutator.h"

#include "parts.h"

enum {
    TINY_FRAMES = 6,      /* most frames of a ragged block */
    SHARED_SLOTS = 4,     /* few slots: CPUs meet */
    CONCURRENT_CALLS = 4, /* most operations of a CPU's list */
};

/* Out of 100 or so. */
static const uint8_t odds[OPERATION_COUNT] = {
    [OPERATION_ALLOC] = 38,  [OPERATION_ALLOC_LARGE] = 10, [OPERATION_FREE] = 26, [OPERATION_RELEASE] = 8,
    [OPERATION_FREE_AS] = 2, [OPERATION_FREE_INSIDE] = 2,  [OPERATION_QUERY] = 3, [OPERATION_STATS] = 4,
    [OPERATION_FILL] = 2,    [OPERATION_FREE_EVERY] = 5,
};

static const uint64_t bases[] = {
    UINT64_C(2) << 20, DMA_LIMIT - BLOCK_BYTES, DMA_LIMIT, DMA32_LIMIT - BLOCK_BYTES, DMA32_LIMIT, UINT64_C(5) << 30,
};

static uint64_t concurrent_address(const struct program *program, struct random *random)
{
    const struct region *region = &program->regions[random_below(random, program->region_count)];

    return program->region_count ? region->base + random_below(random, 8) * FRAME_BYTES : 0;
}

void random_concurrent_operation(const struct program *program, struct random *random, struct operation *operation)
{
    uint64_t total = 0, point;
    unsigned kind = 0;

    for (unsigned i = 0; i < OPERATION_COUNT; i++)
        total += odds[i];
    for (point = random_below(random, total); point >= odds[kind]; kind++)
        point -= odds[kind];
    *operation = (struct operation){(enum operation_kind)kind, {random_below(random, SHARED_SLOTS), 0, 0}};
    switch (operation->kind) {
    case OPERATION_ALLOC:
    case OPERATION_ALLOC_LARGE:
        operation->operands[1] = random_one_in(random, 8) ? random_below(random, ZONE_COUNT) : ZONE_NORMAL;
        break;
    case OPERATION_FREE_AS:
        operation->operands[1] = random_one_in(random, 2) ? BLOCK_ORDER : 0;
        break;
    case OPERATION_FREE_INSIDE:
        operation->operands[1] = random_below(random, 3);
        break;
    case OPERATION_QUERY:
        operation->operands[0] = concurrent_address(program, random);
        break;
    case OPERATION_FILL:
        *operation = (struct operation){OPERATION_FILL, {0, ZONE_NORMAL, 1 + random_below(random, 2)}};
        break;
    case OPERATION_FREE_EVERY:
        operation->operands[0] = 1 + random_below(random, 3);
        operation->operands[1] = random_below(random, 3);
        break;
    case OPERATION_STATS:
        operation->operands[0] = 0;
        break;
    default:
        break;
    }
}

static void add(struct program *program, enum operation_kind kind, uint64_t first, uint64_t second, uint64_t third)
{
    program->operations[program->operation_count++] = (struct operation){kind, {first, second, third}};
}

void random_concurrent_map(struct program *program, struct random *random)
{
    uint64_t blocks = 1 + random_below(random, random_one_in(random, 3) ? 3 : 1);
    uint64_t base = bases[random_below(random, sizeof bases / sizeof bases[0])];

    program->raw = false;
    program->region_count = 0;
    for (uint64_t i = 0; i < blocks; i++, base += BLOCK_BYTES) {
        uint64_t frames = random_one_in(random, 2) ? 1 + random_below(random, TINY_FRAMES) : BLOCK_FRAMES;

        program->regions[program->region_count++] = (struct region){base, frames << FRAME_SHIFT, REGION_USABLE};
    }
}

/* One of the blocks is allocated from the start, or its first frames are. */
void random_concurrent_later(struct program *program, struct random *random)
{
    const struct region *region = &program->regions[random_below(random, program->region_count)];
    const uint64_t frames = random_one_in(random, 2) ? 1 + random_below(random, 3) : BLOCK_FRAMES;

    program->later.count = 1;
    program->later.list[0] = (struct range){region->base, frames << FRAME_SHIFT};
}

/* Slots take hold of it: the block as one and frame by frame. */
static void hold_later(struct program *program, struct random *random)
{
    const uint64_t count = 1 + random_below(random, 3);

    for (uint64_t i = 0; i < count; i++)
        add(program, OPERATION_HOLD_LATER, random_below(random, SHARED_SLOTS),
            random_one_in(random, 2) ? BLOCK_ORDER : 0, random_below(random, 3));
}

/* To the edge: all but a few frames of a block taken, or all of them, or one block whole; some slots hold frames. */
static void generate_setup(struct program *program, struct random *random)
{
    uint64_t frames = 0;

    for (size_t i = 0; i < program->region_count; i++)
        frames += program->regions[i].length >> FRAME_SHIFT;
    if (program->later.count)
        hold_later(program, random);
    else if (random_one_in(random, 3))
        add(program, OPERATION_ALLOC, random_below(random, SHARED_SLOTS), ZONE_NORMAL, 0);
    if (random_one_in(random, 8))
        add(program, OPERATION_ALLOC_LARGE, random_below(random, SHARED_SLOTS), ZONE_NORMAL, 0);
    if (frames >= BLOCK_FRAMES && random_one_in(random, 2))
        add(program, OPERATION_FILL, 0, ZONE_NORMAL, frames - 1 - random_below(random, 4));
    else if (random_one_in(random, 3))
        add(program, OPERATION_FILL, 0, ZONE_NORMAL, random_below(random, TINY_FRAMES));
    if (random_one_in(random, 8))
        add(program, OPERATION_FREE_EVERY, 1, random_below(random, 4), 0);
    if (random_one_in(random, 3))
        add(program, OPERATION_ALLOC, random_below(random, SHARED_SLOTS), ZONE_NORMAL, 0);
}

static void generate_lists(struct program *program, struct random *random)
{
    unsigned lists = program->cpus + (program->schedule.modes & SCHEDULE_INTERRUPTS ? SCHEDULE_HANDLERS : 0);

    for (unsigned list = 0; list < lists; list++) {
        uint64_t most = list < program->cpus ? CONCURRENT_CALLS : 2, count = 1 + random_below(random, most);

        if (list < program->cpus)
            add(program, OPERATION_CPU, list, 0, 0);
        else
            add(program, OPERATION_HANDLER, list - program->cpus, 0, 0);
        while (count--)
            random_concurrent_operation(program, random, &program->operations[program->operation_count++]);
    }
}

void generate_concurrent_program(struct program *program, uint64_t seed)
{
    struct random random = {seed};

    program->concurrent = true;
    program->operation_count = 0;
    program_clear_map(program);
    program->cpus = 2 + (unsigned)random_below(&random, random_one_in(&random, 4) ? 3 : 2);
    program->schedule = (struct schedule){
        .strategy = (enum strategy)(STRATEGY_RANDOM + random_below(&random, STRATEGY_COUNT - STRATEGY_RANDOM)),
        .seed = random_next(&random) >> 32,
    };
    if (random_one_in(&random, 4))
        program->schedule.modes |= SCHEDULE_INTERRUPTS;
    if (random_one_in(&random, 8))
        program->schedule.modes |= SCHEDULE_WEAK;
    if (random_one_in(&random, 8))
        program->schedule.modes |= SCHEDULE_SOLO;
    random_concurrent_map(program, &random);
    if (random_one_in(&random, 8))
        random_concurrent_later(program, &random);
    generate_setup(program, &random);
    generate_lists(program, &random);
    if (program->schedule.modes & SCHEDULE_WEAK && random_one_in(&random, 2))
        program->schedule.modes |= SCHEDULE_BUFFERS;
}
