/* One change to what stands beside the map: ranges added, dropped, moved and resized; bounds; the metadata's place. */
#include "parts.h"

/* Whole blocks, a few frames or a few bytes, mostly where the map has something. */
static struct range random_range(const struct program *program, struct random *random)
{
    struct range range = {random_address(program, random), 0};

    switch (random_below(random, 4)) {
    case 0:
        range.base &= ~(BLOCK_BYTES - 1);
        range.length = (1 + random_below(random, 2)) * BLOCK_BYTES;
        break;
    case 1:
        range.length = random_below(random, 3) * random_below(random, FRAME_BYTES);
        break;
    case 2:
        range.length = random_one_in(random, 8) ? UINT64_C(0) - range.base + random_below(random, 2) : FRAME_BYTES;
        break;
    default:
        range.length = (1 + random_below(random, 64)) * FRAME_BYTES;
        break;
    }
    return range;
}

static void add_range(struct program *program, struct random *random, struct ranges *ranges)
{
    if (ranges->count < PROGRAM_RANGES)
        ranges->list[ranges->count++] = random_range(program, random);
}

void add_later(struct program *program, struct random *random)
{
    if (program->region_count && random_one_in(random, 3))
        program->regions[random_below(random, program->region_count)].type = REGION_LATER;
    else
        add_range(program, random, &program->later);
}

static void drop_range(struct random *random, struct ranges *ranges)
{
    ranges->list[random_below(random, ranges->count)] = ranges->list[ranges->count - 1];
    ranges->count--;
}

static void change_range(const struct program *program, struct random *random, struct ranges *ranges)
{
    struct range *range = &ranges->list[random_below(random, ranges->count)];
    const uint64_t step = random_one_in(random, 2) ? FRAME_BYTES : 1 + random_below(random, 3);

    switch (random_below(random, 4)) {
    case 0:
        *range = random_range(program, random);
        break;
    case 1:
        range->base += random_one_in(random, 2) ? step : UINT64_C(0) - step;
        break;
    default:
        range->length += random_one_in(random, 2) ? step : UINT64_C(0) - step;
        break;
    }
}

static void mutate_ranges(struct program *program, struct random *random, struct ranges *ranges)
{
    const uint64_t choice = random_below(random, 4);

    if (ranges->count == 0 || choice == 0)
        add_range(program, random, ranges);
    else if (choice == 1)
        drop_range(random, ranges);
    else
        change_range(program, random, ranges);
}

static void mutate_place(struct program *program, struct random *random)
{
    program->placed = !program->placed || !random_one_in(random, 3);
    program->place_above = program->placed && random_one_in(random, 2) ? random_address(program, random) : 0;
    program->place_below = program->placed && random_one_in(random, 2) ? random_address(program, random) : 0;
}

void mutate_beside(struct program *program, struct random *random)
{
    switch (random_below(random, 8)) {
    case 0:
        program->managed_below = random_one_in(random, 3) ? 0 : random_address(program, random);
        break;
    case 1:
        mutate_place(program, random);
        break;
    case 2:
    case 3:
        mutate_ranges(program, random, &program->reserved);
        break;
    default:
        mutate_ranges(program, random, &program->later);
        break;
    }
}
