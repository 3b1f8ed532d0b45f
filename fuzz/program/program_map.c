/* The memory map of a program and what stands beside it: emptied, compared, copied; its raw table as others take it. */
#include <string.h>

#include "program.h"

void program_clear_map(struct program *program)
{
    program->reserved_below = program->managed_below = 0;
    program->reserved.count = program->later.count = 0;
    program->placed = program->raw = false;
    program->place_above = program->place_below = 0;
    program->table.form = TABLE_MULTIBOOT;
    program->table.stride = 0;
    program->table.length = program->region_count = 0;
}

struct table program_table(const struct program *program)
{
    return (struct table){program->table.form, program->table.stride, program->table.bytes, program->table.length};
}

static bool ranges_equal(const struct ranges *a, const struct ranges *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].base != b->list[i].base || a->list[i].length != b->list[i].length)
            return false;
    return true;
}

bool program_maps_equal(const struct program *a, const struct program *b)
{
    if (a->reserved_below != b->reserved_below || a->managed_below != b->managed_below || a->placed != b->placed ||
        a->place_above != b->place_above || a->place_below != b->place_below ||
        !ranges_equal(&a->reserved, &b->reserved) || !ranges_equal(&a->later, &b->later) || a->raw != b->raw)
        return false;
    if (a->raw)
        return a->table.form == b->table.form && a->table.stride == b->table.stride &&
               a->table.length == b->table.length && memcmp(a->table.bytes, b->table.bytes, a->table.length) == 0;
    if (a->region_count != b->region_count)
        return false;
    for (size_t i = 0; i < a->region_count; i++) {
        const struct region *x = &a->regions[i], *y = &b->regions[i];

        if (x->base != y->base || x->length != y->length || x->type != y->type)
            return false;
    }
    return true;
}

void program_copy_map(struct program *to, const struct program *from)
{
    to->reserved_below = from->reserved_below;
    to->managed_below = from->managed_below;
    to->reserved = from->reserved;
    to->later = from->later;
    to->placed = from->placed;
    to->place_above = from->place_above;
    to->place_below = from->place_below;
    to->raw = from->raw;
    to->table.form = from->table.form;
    to->table.stride = from->table.stride;
    to->table.length = from->table.length;
    memcpy(to->table.bytes, from->table.bytes, from->table.length);
    to->region_count = from->region_count;
    memcpy(to->regions, from->regions, from->region_count * sizeof(from->regions[0]));
}
