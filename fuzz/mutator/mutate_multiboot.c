/*
 * The raw form of a map: regions written as Multiboot 1 entries, read back, and damaged in the ways a
 * firmware or an attacker can: entry sizes, a truncated last entry, single bytes.
 */
#include "parts.h"

#include <string.h>

enum { SIZE_FIELD = 4, ENTRY_SIZE = 20, STRIDE = SIZE_FIELD + ENTRY_SIZE };

static void put_number(uint8_t *bytes, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_number(const uint8_t *bytes, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

void regions_to_multiboot(struct program *program)
{
    _Static_assert(PROGRAM_REGIONS * STRIDE <= PROGRAM_MULTIBOOT, "every map fits");

    for (size_t i = 0; i < program->region_count; i++) {
        const struct region *region = &program->regions[i];
        uint8_t *entry = program->multiboot + i * STRIDE;

        put_number(entry, ENTRY_SIZE, 4);
        put_number(entry + 4, region->base, 8);
        put_number(entry + 12, region->length, 8);
        put_number(entry + 20, region->type, 4);
    }
    program->multiboot_length = program->region_count * STRIDE;
    program->region_count = 0;
    program->raw = true;
}

/* Where entry after entry starts, as far as the sizes make sense; returns how many. */
static size_t find_entries(const struct program *program, size_t offsets[PROGRAM_REGIONS])
{
    size_t at = 0, count = 0;

    while (count < PROGRAM_REGIONS && program->multiboot_length - at >= STRIDE) {
        uint64_t stride = get_number(program->multiboot + at, 4) + SIZE_FIELD;

        offsets[count++] = at;
        if (stride < STRIDE || stride > program->multiboot_length - at)
            break;
        at += (size_t)stride;
    }
    return count;
}

static void multiboot_to_regions(struct program *program)
{
    size_t offsets[PROGRAM_REGIONS], count = find_entries(program, offsets);

    for (size_t i = 0; i < count; i++) {
        const uint8_t *entry = program->multiboot + offsets[i];

        program->regions[i].base = get_number(entry + 4, 8);
        program->regions[i].length = get_number(entry + 12, 8);
        program->regions[i].type = (uint32_t)get_number(entry + 20, 4);
    }
    program->region_count = count;
    program->multiboot_length = 0;
    program->raw = false;
}

/* Sizes that are too small, odd, larger than the rest, or wrap when 4 is added. */
static void damage_size(struct program *program, struct random *random)
{
    static const uint32_t sizes[] = {0, 16, 19, 20, 21, 24, 28, 44, 0x7fffffff, 0xfffffffb, 0xfffffffc, 0xffffffff};
    size_t offsets[PROGRAM_REGIONS], count = find_entries(program, offsets);

    if (count)
        put_number(program->multiboot + offsets[random_below(random, count)],
                   sizes[random_below(random, sizeof sizes / sizeof sizes[0])], 4);
}

/* Makes an entry longer, with the bytes to match: legal, and a fixed stride misreads it. */
static void lengthen_entry(struct program *program, struct random *random)
{
    size_t offsets[PROGRAM_REGIONS], count = find_entries(program, offsets), extra, at;
    uint8_t *entry;

    if (!count)
        return;
    at = offsets[random_below(random, count)];
    extra = 4 * (1 + (size_t)random_below(random, 4));
    if (program->multiboot_length + extra > PROGRAM_MULTIBOOT)
        return;
    entry = program->multiboot + at;
    memmove(entry + STRIDE + extra, entry + STRIDE, program->multiboot_length - at - STRIDE);
    memset(entry + STRIDE, 0, extra);
    put_number(entry, get_number(entry, 4) + extra, 4);
    program->multiboot_length += extra;
}

static void truncate_map(struct program *program, struct random *random)
{
    uint64_t most = random_one_in(random, 4) ? program->multiboot_length : STRIDE;
    uint64_t cut = 1 + random_below(random, most);

    program->multiboot_length -= cut < program->multiboot_length ? (size_t)cut : program->multiboot_length;
}

static void damage_byte(struct program *program, struct random *random)
{
    if (program->multiboot_length)
        program->multiboot[random_below(random, program->multiboot_length)] ^=
            (uint8_t)(1u << random_below(random, 8));
}

void mutate_multiboot(struct program *program, struct random *random)
{
    static void (*const damages[])(struct program *, struct random *) = {
        damage_size, lengthen_entry, truncate_map, damage_byte, damage_byte,
    };
    size_t damage = (size_t)random_below(random, sizeof damages / sizeof damages[0]);

    if (program->raw && random_one_in(random, 3)) {
        multiboot_to_regions(program);
        return;
    }
    if (!program->raw)
        regions_to_multiboot(program);
    if (!random_one_in(random, 4))
        damages[damage](program, random);
}
