/*
 * Raw Multiboot 1 memory maps: what is read from sound ones, and that broken ones are refused whole. Every
 * buffer is as long as it says to the byte, so that a sanitizer sees a read beyond it.
 */
#include <stdlib.h>

#include "../ci/tests/test.h"
#include "model.h"

enum { ENTRY_BYTES = 24, CAPACITY = 8 };

static void write_little(uint8_t *bytes, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

static void write_entry(uint8_t *bytes, uint32_t size, const struct region *region)
{
    write_little(bytes, size, 4);
    write_little(bytes + 4, region->base, 8);
    write_little(bytes + 12, region->length, 8);
    write_little(bytes + 20, region->type, 4);
}

static const struct region samples[3] = {
    {0, 0x9fc00, REGION_USABLE},
    {UINT64_C(0x123456789abcdef0), UINT64_MAX, UINT32_C(0xefffffff)},
    {0x100000, 0, REGION_ACPI_NVS},
};

/* Reads the first `length` bytes of `bytes` from memory of just that length. */
static bool read_exactly(const uint8_t *bytes, size_t length, struct region *regions, size_t capacity, size_t *count)
{
    uint8_t *copy = malloc(length + (length == 0));
    bool sound;

    if (length > 0)
        memcpy(copy, bytes, length);
    sound = map_from_multiboot(copy, length, regions, capacity, count);
    free(copy);
    return sound;
}

static bool is_sample(const struct region *region, size_t i)
{
    return region->base == samples[i].base && region->length == samples[i].length && region->type == samples[i].type;
}

static void entries_are_read_in_order(void)
{
    uint8_t bytes[3 * ENTRY_BYTES];
    struct region regions[CAPACITY];
    size_t count = 99;

    for (size_t i = 0; i < 3; i++)
        write_entry(bytes + i * ENTRY_BYTES, 20, &samples[i]);
    CHECK(read_exactly(bytes, sizeof(bytes), regions, CAPACITY, &count));
    CHECK(count == 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(is_sample(&regions[i], i));
}

static void longer_entries_are_stepped_over(void)
{
    uint8_t bytes[2 * ENTRY_BYTES + 5] = {0};
    struct region regions[CAPACITY];
    size_t count;

    write_entry(bytes, 25, &samples[0]);
    write_entry(bytes + ENTRY_BYTES + 5, 20, &samples[1]);
    CHECK(read_exactly(bytes, sizeof(bytes), regions, CAPACITY, &count));
    CHECK(count == 2 && is_sample(&regions[0], 0) && is_sample(&regions[1], 1));
}

static void a_map_cut_inside_an_entry_is_broken(void)
{
    uint8_t bytes[3 * ENTRY_BYTES];
    struct region regions[CAPACITY];
    size_t count;

    for (size_t i = 0; i < 3; i++)
        write_entry(bytes + i * ENTRY_BYTES, 20, &samples[i]);
    for (size_t length = 0; length <= sizeof(bytes); length++)
        CHECK(read_exactly(bytes, length, regions, CAPACITY, &count) == (length % ENTRY_BYTES == 0));
}

static void a_size_below_the_least_or_past_the_end_is_broken(void)
{
    const uint32_t wrong[] = {0, 4, 19, 21, 24, 0x7fffffff, UINT32_MAX - 3, UINT32_MAX};
    uint8_t bytes[ENTRY_BYTES];
    struct region regions[CAPACITY];
    size_t count;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        write_entry(bytes, wrong[i], &samples[0]);
        CHECK(!read_exactly(bytes, sizeof(bytes), regions, CAPACITY, &count));
    }
}

static void more_entries_than_the_capacity_are_refused(void)
{
    uint8_t bytes[3 * ENTRY_BYTES];
    struct region regions[CAPACITY];
    size_t count;

    for (size_t i = 0; i < 3; i++)
        write_entry(bytes + i * ENTRY_BYTES, 20, &samples[i]);
    CHECK(read_exactly(bytes, sizeof(bytes), regions, 3, &count));
    CHECK(!read_exactly(bytes, sizeof(bytes), regions, 2, &count));
    CHECK(read_exactly(bytes, 0, regions, 0, &count) && count == 0);
}

static void any_bytes_are_read_or_refused(void)
{
    uint64_t seed = 4;
    bool sound[2] = {false, false};

    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[100];
        struct region regions[CAPACITY];
        size_t count = 0;

        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            bytes[i] = seed >> 60 < 12 ? 0 : (uint8_t)(seed >> 33) % 32;
        }
        bytes[0] = (uint8_t)(20 + (seed >> 40) % 8);
        sound[read_exactly(bytes, (seed >> 50) % sizeof(bytes), regions, CAPACITY, &count)] = true;
        CHECK(count <= CAPACITY);
    }
    CHECK(sound[false] && sound[true]);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"multiboot: entries are read in order", entries_are_read_in_order},
        {"multiboot: longer entries are stepped over", longer_entries_are_stepped_over},
        {"multiboot: a map cut inside an entry is broken", a_map_cut_inside_an_entry_is_broken},
        {"multiboot: a size below the least or past the end is broken",
         a_size_below_the_least_or_past_the_end_is_broken},
        {"multiboot: more entries than the capacity are refused", more_entries_than_the_capacity_are_refused},
        {"multiboot: any bytes are read or refused", any_bytes_are_read_or_refused},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
