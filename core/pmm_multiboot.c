/*
 * The memory map as a Multiboot 1 loader leaves it: entries of `size, base, length, type` in little-endian
 * bytes, with a stride of size + 4, at any alignment. Checked as a whole once, then read in place.
 */
#include "pmm_layout.h"

enum { ENTRY_SIZE_MINIMUM = 20 }; /* base, length, type; a larger size is skipped over */

static uint64_t read_little_endian(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    while (count--)
        value = value << 8 | bytes[count];
    return value;
}

enum pmm_status pmm_map_from_multiboot(const void *entries, size_t bytes, struct pmm_map *map)
{
    const uint8_t *at = entries;
    size_t left = bytes;

    if ((!entries && bytes) || !map)
        return PMM_ERR_ARGUMENT;
    while (left) {
        uint64_t size;

        if (left < 4)
            return PMM_ERR_MAP;
        size = read_little_endian(at, 4);
        if (size < ENTRY_SIZE_MINIMUM || size > left - 4)
            return PMM_ERR_MAP;
        at += 4 + (size_t)size;
        left -= 4 + (size_t)size;
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
    region->base = read_little_endian(at + 4, 8);
    region->length = read_little_endian(at + 12, 8);
    region->type = (uint32_t)read_little_endian(at + 20, 4);
    *cursor += 4 + (size_t)read_little_endian(at, 4);
    return true;
}
