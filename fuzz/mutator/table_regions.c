/* Regions written as a table of any form, and a table read back as regions. */
#include <string.h>

#include "../../reference/model.h"
#include "parts.h"

/* Of an entry as short as it may be. */
size_t table_least(enum table_form form)
{
    const struct table_shape *shape = &table_shapes[form];
    const size_t last = shape->length_at > shape->type_at ? shape->length_at : shape->type_at;

    return last + (last == shape->type_at ? shape->type_bytes : TABLE_NUMBER);
}

size_t table_stride(enum table_form form)
{
    return table_shapes[form].stride ? table_shapes[form].stride : table_least(form);
}

/* A type of the form that means the same; any that reserves, where the number does not. */
static uint64_t type_in(const struct table_shape *shape, uint32_t type)
{
    const uint64_t memory = shape->usable | shape->later;
    uint64_t number = type;

    if (type == REGION_USABLE || (type == REGION_LATER && !shape->later))
        return (uint64_t)__builtin_ctzll(shape->usable);
    if (type == REGION_LATER)
        return (uint64_t)__builtin_ctzll(shape->later);
    while (number < 64 && memory >> number & 1)
        number++;
    return number;
}

void regions_to_table(struct program *program, enum table_form form)
{
    const struct table_shape *shape = &table_shapes[form];
    const size_t stride = table_stride(form);

    _Static_assert(PROGRAM_REGIONS * 48 <= PROGRAM_TABLE, "every map fits");

    program->table.form = form;
    program->table.stride = 0;
    program->table.length = program->region_count * stride;
    memset(program->table.bytes, 0, program->table.length);
    for (size_t i = 0; i < program->region_count; i++) {
        const struct region *region = &program->regions[i];
        uint8_t *entry = program->table.bytes + i * stride;

        if (shape->stride == 0)
            put_number(entry, stride - TABLE_SIZE_BYTES, TABLE_SIZE_BYTES);
        put_number(entry + shape->base_at, region->base, TABLE_NUMBER);
        put_number(entry + shape->length_at, region->length >> shape->length_shift, TABLE_NUMBER);
        put_number(entry + shape->type_at, type_in(shape, region->type), shape->type_bytes);
    }
    program->region_count = 0;
    program->raw = true;
}

/* As far as it makes sense. */
void table_to_regions(struct program *program)
{
    const struct table table = program_table(program);

    map_from_table(&table, program->regions, PROGRAM_REGIONS, &program->region_count);
    program->table.length = program->table.stride = 0;
    program->table.form = TABLE_MULTIBOOT;
    program->raw = false;
}
