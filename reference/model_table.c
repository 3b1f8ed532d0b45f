/*
 * The memory map of a raw table, as a list of regions: one description of each form, one reader. Reads bytes only, at
 * any alignment; a table that is broken anywhere is refused whole. What the entries mean is judged in model_map.c.
 */
#include "model.h"

enum { SIZE_BYTES = 4, NUMBER_BYTES = 8 };
#define TYPE(number) (UINT64_C(1) << (number))

const struct table_shape table_shapes[TABLE_FORMS] = {
    [TABLE_MULTIBOOT] = {"multiboot", 0, 4, 12, 20, 4, 0, TYPE(1), 0},
    [TABLE_MULTIBOOT2] = {"multiboot2", 24, 0, 8, 16, 4, 0, TYPE(1), 0},
    [TABLE_E820] = {"e820", 20, 0, 8, 16, 4, 0, TYPE(1), 0},
    [TABLE_PVH] = {"pvh", 24, 0, 8, 16, 4, 0, TYPE(1), 0},
    [TABLE_EFI] = {"efi", 48, 8, 24, 0, 4, FRAME_SHIFT, TYPE(7), TYPE(1) | TYPE(2) | TYPE(3) | TYPE(4) | TYPE(9)},
    [TABLE_LIMINE] = {"limine", 24, 0, 8, 16, 8, 0, TYPE(0), TYPE(2) | TYPE(5)},
    [TABLE_REGIONS] = {"regions", 24, 0, 8, 16, 4, 0, TYPE(REGION_USABLE), TYPE(REGION_LATER)},
};

static uint64_t read_little(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct region read_entry(const struct table_shape *shape, const uint8_t *entry)
{
    const uint64_t type = read_little(entry + shape->type_at, shape->type_bytes);
    const uint64_t length = read_little(entry + shape->length_at, NUMBER_BYTES),
                   most = UINT64_MAX >> shape->length_shift;
    struct region region = {read_little(entry + shape->base_at, NUMBER_BYTES), length << shape->length_shift,
                            REGION_RESERVED};

    if (type < 64 && (shape->usable >> type & 1))
        region.type = REGION_USABLE;
    else if (type < 64 && (shape->later >> type & 1))
        region.type = REGION_LATER;
    if (length >
        most) /* 2^64 bytes or more. That wraps, but for all addresses from 0 on; memory that wraps is none */
        region.length = region.type == REGION_RESERVED || (region.base == 0 && length - 1 == most) ? UINT64_MAX : 0;
    return region;
}

bool map_from_table(const struct table *table, struct region *regions, size_t capacity, size_t *count)
{
    const struct table_shape *shape = &table_shapes[table->form];
    const size_t least =
        larger(larger(shape->base_at, shape->length_at) + NUMBER_BYTES, (size_t)shape->type_at + shape->type_bytes);

    *count = 0;
    for (size_t at = 0; at < table->length;) {
        const size_t left = table->length - at;
        size_t stride = table->stride ? table->stride : shape->stride;

        if (stride == 0 && left >= SIZE_BYTES)
            stride = SIZE_BYTES + (size_t)read_little(table->bytes + at, SIZE_BYTES);
        if (stride < least || stride > left || *count == capacity)
            return false;
        regions[(*count)++] = read_entry(shape, table->bytes + at);
        at += stride;
    }
    return true;
}
