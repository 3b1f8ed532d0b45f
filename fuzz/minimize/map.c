/* A smaller memory map and a plainer header: fewer entries, shorter, lower, without odd bytes; one CPU. */
#include "minimize.h"

#include <string.h>

static void set_length(struct program *program, size_t index, size_t part, uint64_t value)
{
    (void)part;
    program->regions[index].length = value;
}

static void set_base(struct program *program, size_t index, size_t part, uint64_t value)
{
    (void)part;
    program->regions[index].base = value;
}

static void set_below(struct program *program, size_t index, size_t part, uint64_t value)
{
    (void)index, (void)part;
    program->reserved_below = value;
}

static void drop_region(struct program *program, size_t index)
{
    program->region_count--;
    memmove(&program->regions[index], &program->regions[index + 1],
            (program->region_count - index) * sizeof(program->regions[0]));
}

/* One small entry in place of the whole map; tried while that is less. */
static void try_plain_maps(struct minimizer *minimizer)
{
    static const uint64_t bases[] = {BLOCK_BYTES, FRAME_BYTES, DMA_LIMIT, DMA32_LIMIT};
    static const uint64_t lengths[] = {FRAME_BYTES, 2 * FRAME_BYTES, BLOCK_BYTES, 2 * BLOCK_BYTES, 4 * BLOCK_BYTES};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (size_t j = 0; j < sizeof(bases) / sizeof(bases[0]); j++) {
            struct program *candidate;

            if (!minimizer->best->raw && minimizer->best->region_count < 2)
                return;
            candidate = minimize_again(minimizer);
            candidate->raw = false;
            candidate->table.length = candidate->table.stride = 0;
            candidate->region_count = 1;
            candidate->regions[0] = (struct region){bases[j], lengths[i], REGION_USABLE};
            minimize_try(minimizer);
        }
    }
}

/* Whole frames where bytes do not matter, the lowest place, the least length. */
static void simplify_region(struct minimizer *minimizer, size_t index)
{
    const struct region region = minimizer->best->regions[index];
    const uint64_t base = region.base & ~(FRAME_BYTES - 1);
    struct number number = {.index = index, .unit = 1};

    if (region.type != REGION_USABLE && region.type != REGION_RESERVED) {
        minimize_again(minimizer)->regions[index].type =
            region.type == REGION_LATER ? REGION_USABLE : REGION_RESERVED;
        minimize_try(minimizer);
    }
    if (region.base != base) {
        minimize_again(minimizer)->regions[index].base = base;
        minimize_try(minimizer);
    }
    if (region.length % FRAME_BYTES != 0) {
        minimize_again(minimizer)->regions[index].length = region.length & ~(FRAME_BYTES - 1);
        minimize_try(minimizer);
    }
    number.value = minimizer->best->regions[index].length;
    number.set = set_length;
    number.unit = number.value % FRAME_BYTES ? 1 : FRAME_BYTES;
    minimize_number(minimizer, number);
    number.value = minimizer->best->regions[index].base;
    number.set = set_base;
    number.unit = number.value % BLOCK_BYTES == 0 ? BLOCK_BYTES : number.value % FRAME_BYTES == 0 ? FRAME_BYTES : 1;
    minimize_number(minimizer, number);
}

static void drop_bytes(struct program *program, size_t at, size_t count)
{
    uint8_t *bytes = program->table.bytes;

    program->table.length -= count;
    memmove(&bytes[at], &bytes[at + count], program->table.length - at);
    memset(&bytes[program->table.length], 0, count); /* what reads on past the end reads the same */
}

/* As entries, when the rawness is not what matters; else in the usual stride, fewer bytes, and zeros. */
static void minimize_table(struct minimizer *minimizer)
{
    const size_t entry = minimizer->best->table.form == TABLE_EFI    ? 48
                         : minimizer->best->table.form == TABLE_E820 ? 20
                                                                     : 24;
    struct program *candidate = minimize_again(minimizer);
    const struct table table = program_table(candidate);

    if (map_from_table(&table, candidate->regions, PROGRAM_REGIONS, &candidate->region_count)) {
        candidate->raw = false;
        candidate->table.length = candidate->table.stride = 0;
        if (minimize_try(minimizer))
            return;
    }
    if (minimizer->best->table.stride) {
        minimize_again(minimizer)->table.stride = 0;
        minimize_try(minimizer);
    }
    for (size_t size = minimizer->best->table.length; size > 0;
         size = size > entry && size < 2 * entry ? entry : size / 2) {
        for (size_t at = minimizer->best->table.length; at >= size;) {
            at -= size;
            drop_bytes(minimize_again(minimizer), at, size);
            minimize_try(minimizer);
        }
    }
    for (size_t i = 0; i < minimizer->best->table.length; i++) {
        if (minimizer->best->table.bytes[i] == 0)
            continue;
        minimize_again(minimizer)->table.bytes[i] = 0;
        minimize_try(minimizer);
    }
}

/* ---- what stands beside the map ---- */

static struct ranges *ranges_of(struct program *program, size_t part)
{
    return part ? &program->later : &program->reserved;
}

static void set_range_base(struct program *program, size_t index, size_t part, uint64_t value)
{
    ranges_of(program, part)->list[index].base = value;
}

static void set_range_length(struct program *program, size_t index, size_t part, uint64_t value)
{
    ranges_of(program, part)->list[index].length = value;
}

static void set_managed_below(struct program *program, size_t index, size_t part, uint64_t value)
{
    (void)index, (void)part;
    program->managed_below = value;
}

static void drop_range(struct ranges *ranges, size_t index)
{
    ranges->count--;
    memmove(&ranges->list[index], &ranges->list[index + 1], (ranges->count - index) * sizeof(ranges->list[0]));
}

static void minimize_ranges(struct minimizer *minimizer, size_t part)
{
    for (size_t i = ranges_of(minimizer->best, part)->count; i-- > 0;) {
        const struct range range = ranges_of(minimizer->best, part)->list[i];
        struct number number = {.index = i, .part = part};

        drop_range(ranges_of(minimize_again(minimizer), part), i);
        if (minimize_try(minimizer))
            continue;
        number.value = range.length;
        number.unit = range.length % FRAME_BYTES ? 1 : FRAME_BYTES;
        number.set = set_range_length;
        minimize_number(minimizer, number);
        number.value = range.base;
        number.unit = range.base % BLOCK_BYTES == 0 ? BLOCK_BYTES : range.base % FRAME_BYTES ? 1 : FRAME_BYTES;
        number.set = set_range_base;
        minimize_number(minimizer, number);
    }
}

static void minimize_beside(struct minimizer *minimizer)
{
    struct program *candidate;

    minimize_ranges(minimizer, 0);
    minimize_ranges(minimizer, 1);
    if (minimizer->best->managed_below) {
        minimize_again(minimizer)->managed_below = 0;
        if (!minimize_try(minimizer))
            minimize_number(minimizer,
                            (struct number){minimizer->best->managed_below, 1, 1, set_managed_below, 0, 0});
    }
    if (!minimizer->best->placed)
        return;
    candidate = minimize_again(minimizer);
    candidate->placed = false;
    candidate->place_above = candidate->place_below = 0;
    if (minimize_try(minimizer))
        return;
    candidate = minimize_again(minimizer);
    candidate->place_above = candidate->place_below = 0;
    minimize_try(minimizer);
}

/* A CPU less: for sequential programs, where a `cpu` line says no more than who calls. */
static void fewer_cpus(struct minimizer *minimizer)
{
    for (unsigned cpus = 1; cpus < minimizer->best->cpus && !minimizer->best->concurrent; cpus++) {
        minimize_again(minimizer)->cpus = cpus;
        minimize_try(minimizer);
    }
}

void minimize_map(struct minimizer *minimizer)
{
    fewer_cpus(minimizer);
    if (minimizer->best->reserved_below)
        minimize_number(minimizer, (struct number){minimizer->best->reserved_below, 0, 1, set_below, 0, 0});
    try_plain_maps(minimizer);
    if (minimizer->best->raw)
        minimize_table(minimizer);
    minimize_beside(minimizer);
    for (size_t i = minimizer->best->region_count; i-- > 0;) {
        drop_region(minimize_again(minimizer), i);
        if (!minimize_try(minimizer))
            simplify_region(minimizer, i);
    }
}
