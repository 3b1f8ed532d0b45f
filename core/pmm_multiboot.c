/*
 * The memory map as a Multiboot 1 loader leaves it: entries of `size, base, length, type` in little-endian
 * bytes, with a stride of size + 4, at any alignment. Checked as a whole once, then read in place.
 */
#include "pmm_layout.h"

enum { ENTRY_SIZE_MINIMUM = 20 }; /* base, length, type; a larger size is skipped over */

/* Byte by byte, since an entry may lie anywhere; as one expression, since compilers make one load of it. */
static uint32_t read_32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t read_64(const uint8_t *at)
{
    return read_32(at) | (uint64_t)read_32(at + 4) << 32;
}

enum pmm_status pmm_map_from_multiboot(const void *entries, size_t bytes, struct pmm_map *map)
{
    const uint8_t *at = entries;
    size_t left = bytes;

    if ((!entries && bytes) || !map)
        return PMM_ERR_ARGUMENT;
    while (left) {
        size_t size;

        if (left < 4)
            return PMM_ERR_MAP;
        size = read_32(at);
        if (size < ENTRY_SIZE_MINIMUM || size > left - 4)
            return PMM_ERR_MAP;
        at += 4 + size;
        left -= 4 + size;
    }
    *map = (struct pmm_map){entries, bytes, true};
    return PMM_OK;
}

struct pmm_map pmm_map_from_regions(const struct pmm_region *regions, size_t count)
{
    return (struct pmm_map){regions, count, false};
}

/* The entry at *cursor (0: the first), which moves on. False behind the last. */
bool pmm_map_entry(const struct pmm_map *map, size_t *cursor, struct pmm_region *region)
{
    const uint8_t *at;

    if (*cursor >= map->length)
        return false;
    if (!map->multiboot) {
        *region = ((const struct pmm_region *)map->entries)[(*cursor)++];
        return true;
    }
    at = (const uint8_t *)map->entries + *cursor;
    region->base = read_64(at + 4);
    region->length = read_64(at + 12);
    region->type = read_32(at + 20);
    *cursor += 4 + (size_t)read_32(at);
    return true;
}
