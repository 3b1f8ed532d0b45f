/* One change to the memory map: its entries skewed, overlapping, touching, wrapped, moved, reordered, retyped. */
#include "parts.h"

#include <string.h>

static const uint32_t types[] = {
    REGION_USABLE,
    REGION_USABLE,
    REGION_USABLE,
    REGION_RESERVED,
    REGION_ACPI_RECLAIM,
    REGION_ACPI_NVS,
    REGION_UNUSABLE,
    REGION_PMEM,
    REGION_LATER,
    0,
    12,
    0x101,
    UINT32_C(0xefffffff),
};

static uint32_t random_type(struct random *random)
{
    return types[random_below(random, sizeof types / sizeof types[0])];
}

static uint64_t random_length(struct random *random)
{
    if (random_one_in(random, 3))
        return (1 + random_below(random, 2)) * BLOCK_BYTES;
    return (1 + random_below(random, random_one_in(random, 2) ? 64 : 1024)) * FRAME_BYTES;
}

/* At most 4 MiB long; starts a little below or at an edge. */
struct region random_region(struct random *random)
{
    struct region region = {random_edge(random), random_length(random), random_type(random)};

    if (region.base && random_one_in(random, 2))
        region.base -= random_below(random, 1024) * FRAME_BYTES;
    return region;
}

static struct region *any_region(struct program *program, struct random *random)
{
    return &program->regions[random_below(random, program->region_count)];
}

static uint64_t random_skew(struct random *random)
{
    uint64_t bytes = 1 + random_below(random, random_one_in(random, 2) ? 8 : FRAME_BYTES - 1);

    return random_one_in(random, 2) ? bytes : UINT64_C(0) - bytes;
}

/* Inserts it anywhere; nothing happens to a full map. */
static void insert_region(struct program *program, struct random *random, struct region region)
{
    size_t at = (size_t)random_below(random, program->region_count + 1);

    if (program->region_count == PROGRAM_REGIONS)
        return;
    memmove(&program->regions[at + 1], &program->regions[at],
            (program->region_count - at) * sizeof program->regions[0]);
    program->regions[at] = region;
    program->region_count++;
}

static void add_region(struct program *program, struct random *random)
{
    insert_region(program, random, random_region(random));
}

static void repeat_region(struct program *program, struct random *random)
{
    struct region region = *any_region(program, random);

    if (random_one_in(random, 2))
        region.type = random_type(random);
    insert_region(program, random, region);
}

static void delete_region(struct program *program, struct random *random)
{
    size_t at = (size_t)random_below(random, program->region_count);

    program->region_count--;
    memmove(&program->regions[at], &program->regions[at + 1],
            (program->region_count - at) * sizeof program->regions[0]);
}

static void swap_regions(struct program *program, struct random *random)
{
    struct region *first = any_region(program, random), *second = any_region(program, random);
    struct region kept = *first;

    *first = *second;
    *second = kept;
}

static void skew_base(struct program *program, struct random *random)
{
    struct region *region = any_region(program, random);
    uint64_t skew = random_skew(random);

    region->base += skew;
    if (random_one_in(random, 2))
        region->length -= skew; /* the end stays */
}

static void skew_end(struct program *program, struct random *random)
{
    any_region(program, random)->length += random_skew(random);
}

static void resize(struct program *program, struct random *random)
{
    any_region(program, random)->length = random_length(random);
}

static void empty(struct program *program, struct random *random)
{
    any_region(program, random)->length = 0;
}

static void retype(struct program *program, struct random *random)
{
    any_region(program, random)->type = random_type(random);
}

/* Two regions meet, often in the middle of a frame, or leave a gap of a few bytes. */
static void touch(struct program *program, struct random *random)
{
    struct region *region = any_region(program, random), *next = any_region(program, random);

    if (random_one_in(random, 2))
        region->length += random_skew(random);
    next->base = region->base + region->length + (random_one_in(random, 4) ? random_skew(random) : 0);
}

static void overlap(struct program *program, struct random *random)
{
    struct region *region = any_region(program, random), *other = any_region(program, random);

    other->base = region->base + random_below(random, region->length);
    if (!random_one_in(random, 4))
        other->base &= ~(FRAME_BYTES - 1);
}

static void split(struct program *program, struct random *random)
{
    struct region *region = any_region(program, random), rest = *region;
    uint64_t cut = random_below(random, region->length);

    if (random_one_in(random, 2))
        cut &= ~(FRAME_BYTES - 1);
    rest.base += cut;
    rest.length -= cut;
    if (random_one_in(random, 2))
        rest.type = random_type(random);
    region->length = cut;
    insert_region(program, random, rest);
}

/* The end reaches or passes 2^64. */
static void wrap(struct program *program, struct random *random)
{
    struct region *region = any_region(program, random);
    uint64_t past = random_below(random, 3) * random_below(random, BLOCK_BYTES);

    if (random_one_in(random, 2))
        region->base = UINT64_C(0) - region->length + past;
    else
        region->length = UINT64_C(0) - region->base + past;
}

/* Ends at, starts at or straddles a limit, in whole frames. */
static void move_to_edge(struct program *program, struct random *random)
{
    struct region *region = any_region(program, random);
    uint64_t below = random_below(random, 3) * (region->length / 2);

    region->base = random_edge(random) - (below & ~(FRAME_BYTES - 1));
}

void mutate_map(struct program *program, struct random *random)
{
    static void (*const changes[])(struct program *, struct random *) = {
        add_region, repeat_region, delete_region, swap_regions, skew_base, skew_end, resize,
        empty,      retype,        touch,         overlap,      split,     wrap,     move_to_edge,
    };
    size_t change = (size_t)random_below(random, sizeof changes / sizeof changes[0]);

    if (program->raw || random_one_in(random, 16))
        mutate_table(program, random);
    else if (program->region_count == 0)
        add_region(program, random);
    else
        changes[change](program, random);
}
