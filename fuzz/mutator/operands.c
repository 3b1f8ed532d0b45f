/* Operand values worth trying: slots that hold something, the edges of the map, sizes near words and blocks. */
#include "parts.h"

enum { EVERYDAY_SLOTS = 16 };

static const uint64_t edges[] = {
    0, UINT64_C(1) << 20, DMA_LIMIT, DMA_LIMIT, DMA32_LIMIT, DMA32_LIMIT, ADDRESS_LIMIT, UINT64_C(25) << 40,
};

static const uint16_t counts[] = {0, 1, 2, 3, 7, 8, 31, 63, 64, 65, 128, 448, 511, 512, 513, 1024, 2048, 4095, 4096};

static const uint8_t orders[] = {1, 2, 8, 10, 11, 18, 31, 32, 52, 63, 64, 255};

uint64_t random_edge(struct random *random)
{
    return edges[random_below(random, sizeof edges / sizeof edges[0])];
}

/* A few frames, or a few bytes, up or down. */
static uint64_t nudge(uint64_t address, struct random *random)
{
    uint64_t distance = random_below(random, 4);

    if (random_one_in(random, 2))
        distance *= FRAME_BYTES;
    return random_one_in(random, 2) ? address + distance : address - distance;
}

uint64_t random_address(const struct program *program, struct random *random)
{
    const struct region *region;
    uint64_t address;

    if (program->region_count == 0 || random_one_in(random, 8))
        return nudge(random_edge(random), random);
    if (random_one_in(random, 32))
        return random_next(random) >> random_below(random, 64);
    region = &program->regions[random_below(random, program->region_count)];
    switch (random_below(random, 4)) {
    case 0:
        return nudge(region->base, random);
    case 1:
        return nudge(region->base + region->length, random);
    default:
        address = region->base + random_below(random, region->length);
        return random_one_in(random, 8) ? address : address & ~(FRAME_BYTES - 1);
    }
}

static bool takes(enum operation_kind kind)
{
    return kind == OPERATION_ALLOC || kind == OPERATION_ALLOC_LARGE || kind == OPERATION_ALLOC_ORDER ||
           kind == OPERATION_HOLD_LATER;
}

/* The slots that hold something before operation `at`, as far as can be told without running. */
static uint64_t held_slots(const struct program *program, size_t at)
{
    uint64_t held = 0;

    for (size_t i = 0; i < at; i++) {
        const struct operation *operation = &program->operations[i];
        uint64_t bit = UINT64_C(1) << operation->operands[0] % PROGRAM_SLOTS;

        if (takes(operation->kind))
            held |= bit;
        else if (operation->kind == OPERATION_FREE || operation->kind == OPERATION_RELEASE)
            held &= ~bit;
        else if (operation->kind == OPERATION_FREE_ALL || operation->kind == OPERATION_RESTART)
            held = 0;
    }
    return held;
}

/* An empty slot to take into, a held one for all else; one time in 8 any. */
static uint64_t random_slot(const struct program *program, size_t at, struct random *random, enum operation_kind kind)
{
    uint64_t held = held_slots(program, at), wanted = takes(kind) ? ~held : held;
    uint64_t range = random_one_in(random, 32) ? PROGRAM_SLOTS : EVERYDAY_SLOTS;
    uint64_t first = random_below(random, range);

    if (random_one_in(random, 8))
        return first;
    for (uint64_t i = 0; i < range; i++)
        if (wanted >> (first + i) % range & 1)
            return (first + i) % range;
    return first;
}

static uint64_t random_zone(struct random *random)
{
    return random_below(random, 4) ? ZONE_NORMAL : random_below(random, ZONE_COUNT);
}

static uint64_t random_order(struct random *random)
{
    if (random_one_in(random, 8))
        return orders[random_below(random, sizeof orders)];
    return random_one_in(random, 3) ? BLOCK_ORDER : 0;
}

static uint64_t random_count(struct random *random, enum operation_kind kind)
{
    if (kind == OPERATION_HOLD_LATER)
        return random_one_in(random, 8) ? random_below(random, 1024) : random_below(random, 4);
    if (kind == OPERATION_CPU || kind == OPERATION_FREE_EVERY)
        return random_below(random, random_one_in(random, 8) ? 16 : PROGRAM_CPUS);
    if (random_one_in(random, 2))
        return counts[random_below(random, sizeof counts / sizeof counts[0])];
    return random_below(random, random_one_in(random, 16) ? 65536 : 32);
}

uint64_t random_operand(const struct program *program, size_t at, struct random *random,
                        const struct operation *operation, size_t index)
{
    switch (operation_infos[operation->kind].operands[index]) {
    case OPERAND_SLOT:
        return random_slot(program, at, random, operation->kind);
    case OPERAND_ZONE:
        return random_zone(random);
    case OPERAND_ORDER:
        return random_order(random);
    case OPERAND_COUNT:
        return random_count(random, operation->kind);
    case OPERAND_ADDRESS:
        return random_address(program, random);
    case OPERAND_NONE:
        break;
    }
    return 0;
}

void random_operands(const struct program *program, size_t at, struct random *random, struct operation *operation)
{
    for (size_t i = 0; i < 3; i++)
        operation->operands[i] = random_operand(program, at, random, operation, i);
}
