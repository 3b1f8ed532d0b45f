/*
 * A raw table damaged in the ways a firmware or an attacker can: sizes and strides, a truncated last entry, numbers that
 * overflow, types, single bytes.
 */
#include <string.h>

#include "parts.h"

/* Each entry says how long it is. */
static bool is_sized(const struct program *program)
{
    return table_shapes[program->table.form].stride == 0 && program->table.stride == 0;
}

/* Where an entry starts, as far as the sizes make sense; NULL when there is none. */
static uint8_t *any_entry(struct program *program, struct random *random)
{
    const size_t least = table_least(program->table.form);
    size_t offsets[PROGRAM_TABLE / 16], at = 0, count = 0;

    while (program->table.length - at >= least) {
        size_t stride = program->table.stride ? program->table.stride : table_stride(program->table.form);

        offsets[count++] = at;
        if (is_sized(program))
            stride = TABLE_SIZE_BYTES + (size_t)get_number(program->table.bytes + at, TABLE_SIZE_BYTES);
        if (stride < least || stride > program->table.length - at)
            break;
        at += stride;
    }
    return count ? program->table.bytes + offsets[random_below(random, count)] : NULL;
}

/* Sizes and strides that are too small, odd, larger than the rest, or wrap when 4 is added. */
static void damage_size(struct program *program, struct random *random)
{
    static const uint32_t sizes[] = {0, 16, 19, 20, 21, 24, 28, 44, 0x7fffffff, 0xfffffffb, 0xfffffffc, 0xffffffff};
    const uint32_t size = sizes[random_below(random, sizeof sizes / sizeof sizes[0])];
    uint8_t *entry = any_entry(program, random);

    if (!is_sized(program))
        program->table.stride = size % 64;
    else if (entry)
        put_number(entry, size, TABLE_SIZE_BYTES);
}

static void insert_zeros(struct program *program, size_t at, size_t count)
{
    memmove(program->table.bytes + at + count, program->table.bytes + at, program->table.length - at);
    memset(program->table.bytes + at, 0, count);
    program->table.length += count;
}

/* Makes an entry longer, or all of them, with the bytes to match: legal, and a fixed stride misreads it. */
static void lengthen(struct program *program, struct random *random)
{
    const size_t extra = 4 * (1 + (size_t)random_below(random, 4));
    const size_t stride = program->table.stride ? program->table.stride : table_stride(program->table.form);
    const size_t count = program->table.length / stride;
    uint8_t *entry = any_entry(program, random);

    if (!entry || program->table.length + count * extra > PROGRAM_TABLE)
        return;
    if (is_sized(program)) {
        put_number(entry, get_number(entry, TABLE_SIZE_BYTES) + extra, TABLE_SIZE_BYTES);
        insert_zeros(program, (size_t)(entry - program->table.bytes) + stride, extra);
        return;
    }
    for (size_t i = count; i > 0; i--)
        insert_zeros(program, i * stride, extra);
    program->table.stride = (uint32_t)(stride + extra);
}

static void truncate_table(struct program *program, struct random *random)
{
    uint64_t most = random_one_in(random, 4) ? program->table.length : table_stride(program->table.form);
    uint64_t cut = 1 + random_below(random, most);

    program->table.length -= cut < program->table.length ? (size_t)cut : program->table.length;
}

static void damage_byte(struct program *program, struct random *random)
{
    if (program->table.length)
        program->table.bytes[random_below(random, program->table.length)] ^= (uint8_t)(1u << random_below(random, 8));
}

/* Numbers that end at, near or past where arithmetic ends, in bytes and in pages, and types that lose to a mask. */
static void damage_number(struct program *program, struct random *random)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       UINT64_MAX,
                                       UINT64_C(1) << 52,
                                       (UINT64_C(1) << 52) - 1,
                                       (UINT64_C(1) << 52) + 1,
                                       UINT64_C(1) << 63,
                                       UINT64_C(1) << 40,
                                       0xfff,
                                       0x1001};
    const struct table_shape *shape = &table_shapes[program->table.form];
    uint8_t *entry = any_entry(program, random);
    const uint64_t number = numbers[random_below(random, sizeof numbers / sizeof numbers[0])];

    if (!entry)
        return;
    switch (random_below(random, 4)) {
    case 0:
        put_number(entry + shape->base_at, number, TABLE_NUMBER);
        break;
    case 1:
        put_number(entry + shape->length_at, number, TABLE_NUMBER);
        break;
    case 2: /* a base that is not aligned */
        put_number(entry + shape->base_at, get_number(entry + shape->base_at, TABLE_NUMBER) + number % FRAME_BYTES,
                   TABLE_NUMBER);
        break;
    default:
        entry[shape->type_at + random_below(random, shape->type_bytes)] ^= (uint8_t)(1u << random_below(random, 7));
        break;
    }
}

void mutate_table(struct program *program, struct random *random)
{
    static void (*const damages[])(struct program *, struct random *) = {
        damage_size, lengthen, truncate_table, damage_byte, damage_byte, damage_number, damage_number,
    };
    size_t damage = (size_t)random_below(random, sizeof damages / sizeof damages[0]);

    if (program->raw && random_one_in(random, 3)) {
        table_to_regions(program);
        return;
    }
    if (!program->raw)
        regions_to_table(program, (enum table_form)random_below(random, TABLE_FORMS));
    if (!random_one_in(random, 4))
        damages[damage](program, random);
}
