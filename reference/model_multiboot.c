/*
 * The memory map of a raw Multiboot 1 buffer, as a list of regions. Reads bytes only, at any alignment; a map
 * that is broken anywhere is refused whole. What the entries mean is judged in model_map.c.
 */
#include "model.h"

static uint64_t read_little(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

bool map_from_multiboot(const uint8_t *bytes, size_t length, struct region *regions, size_t capacity, size_t *count)
{
    enum { SIZE_BYTES = 4, LEAST_SIZE = 20 }; /* `size` counts what follows it: base, length, type, perhaps more */

    *count = 0;
    for (size_t at = 0; at < length;) {
        const uint8_t *entry = bytes + at;
        size_t left = length - at;

        if (left < SIZE_BYTES + LEAST_SIZE || *count == capacity)
            return false;

        size_t size = (size_t)read_little(entry, 4);
        if (size < LEAST_SIZE || size > left - SIZE_BYTES)
            return false;
        regions[*count].base = read_little(entry + 4, 8);
        regions[*count].length = read_little(entry + 12, 8);
        regions[*count].type = (uint32_t)read_little(entry + 20, 4);
        *count += 1;
        at += SIZE_BYTES + size;
    }
    return true;
}
