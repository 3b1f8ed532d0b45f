/*
 * Raw tables of every form: what is read from sound ones, and that broken ones are refused whole. Every buffer is as
 * long as it says to the byte, so that a sanitizer sees a read beyond it.
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

/* Reads the table from memory of just its length. */
static bool read_table(struct table table, struct region *regions, size_t capacity, size_t *count)
{
    const size_t length = table.length;
    uint8_t *copy = malloc(length + (length == 0));
    bool sound;

    if (length > 0)
        memcpy(copy, table.bytes, length);
    table.bytes = copy;
    sound = map_from_table(&table, regions, capacity, count);
    free(copy);
    return sound;
}

/* The first `length` bytes as a Multiboot 1 map. */
static bool read_exactly(const uint8_t *bytes, size_t length, struct region *regions, size_t capacity, size_t *count)
{
    return read_table((struct table){TABLE_MULTIBOOT, 0, bytes, length}, regions, capacity, count);
}

static bool is_sample(const struct region *region, size_t i)
{
    return region->base == samples[i].base && region->length == samples[i].length &&
           region->type == (samples[i].type == REGION_USABLE ? REGION_USABLE : REGION_RESERVED);
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

/* Where a form has its numbers, in the words of its specification: entry, base, length, type and its bytes, unit. */
static const struct spec {
    unsigned entry, base, length, type, type_bytes, unit;
    uint32_t usable, later, reserved; /* a type of each; later 0: the form has none */
} specs[TABLE_FORMS] = {
    [TABLE_MULTIBOOT] = {24, 4, 12, 20, 4, 1, 1, 0, 60},  [TABLE_MULTIBOOT2] = {24, 0, 8, 16, 4, 1, 1, 0, 60},
    [TABLE_E820] = {20, 0, 8, 16, 4, 1, 1, 0, 60},        [TABLE_PVH] = {24, 0, 8, 16, 4, 1, 1, 0, 60},
    [TABLE_EFI] = {48, 8, 24, 0, 4, 4096, 7, 9, 0x101},   [TABLE_LIMINE] = {24, 0, 8, 16, 8, 1, 0, 5, 1},
    [TABLE_REGIONS] = {24, 0, 8, 16, 4, 1, 1, 60, 0x13c},
};

static void write_form(uint8_t *bytes, enum table_form form, uint64_t base, uint64_t length, uint64_t type)
{
    const struct spec *spec = &specs[form];

    memset(bytes, 0xa5, spec->entry);
    if (form == TABLE_MULTIBOOT)
        write_little(bytes, 20, 4);
    write_little(bytes + spec->base, base, 8);
    write_little(bytes + spec->length, length, 8);
    write_little(bytes + spec->type, type, spec->type_bytes);
}

static void every_form_is_read_by_its_specification(void)
{
    for (unsigned form = 0; form < TABLE_FORMS; form++) {
        const struct spec *spec = &specs[form];
        const uint32_t types[] = {spec->usable,           spec->later ? spec->later : spec->reserved,
                                  spec->reserved,         spec->usable + 0x100,
                                  spec->usable + 0x10000, spec->usable + 64};
        const uint32_t meant[] = {REGION_USABLE,   spec->later ? REGION_LATER : REGION_RESERVED,
                                  REGION_RESERVED, REGION_RESERVED,
                                  REGION_RESERVED, REGION_RESERVED};
        uint8_t bytes[6 * 48];
        struct region regions[CAPACITY];
        size_t count;

        for (unsigned i = 0; i < 6; i++)
            write_form(bytes + i * spec->entry, form, UINT64_C(0x123456789abcd000) + i, 3 + i, types[i]);
        for (size_t length = 0; length <= 6 * (size_t)spec->entry; length++) {
            const struct table table = {form, 0, bytes, length};

            CHECK(read_table(table, regions, CAPACITY, &count) == (length % spec->entry == 0));
            CHECK(count == length / spec->entry);
        }
        for (unsigned i = 0; i < 6; i++)
            CHECK(regions[i].base == UINT64_C(0x123456789abcd000) + i &&
                  regions[i].length == (3 + i) * (uint64_t)spec->unit && regions[i].type == meant[i]);
    }
}

static void limine_types_have_64_bits(void)
{
    struct region regions[CAPACITY];
    uint8_t bytes[24];
    size_t count;

    write_form(bytes, TABLE_LIMINE, 0x1000, 0x1000, UINT64_C(1) << 32);
    CHECK(read_table((struct table){TABLE_LIMINE, 0, bytes, 24}, regions, CAPACITY, &count));
    CHECK(count == 1 && regions[0].type == REGION_RESERVED);
}

static void a_stride_leads_from_entry_to_entry(void)
{
    const struct region usable = {0x1000, 2, REGION_USABLE};
    struct region regions[CAPACITY];
    uint8_t bytes[3 * 56] = {0};
    size_t count;

    for (unsigned i = 0; i < 3; i++)
        write_form(bytes + i * 56u, TABLE_EFI, usable.base + i, usable.length, 7);
    CHECK(read_table((struct table){TABLE_EFI, 56, bytes, sizeof(bytes)}, regions, CAPACITY, &count));
    CHECK(count == 3 && regions[2].base == 0x1002 && regions[2].length == 0x2000 && regions[2].type == REGION_USABLE);
    CHECK(!read_table((struct table){TABLE_EFI, 56, bytes, sizeof(bytes) - 1}, regions, CAPACITY, &count));
    CHECK(!read_table((struct table){TABLE_EFI, 31, bytes, 31}, regions, CAPACITY, &count)); /* too short for it */
    CHECK(read_table((struct table){TABLE_EFI, 32, bytes, 32}, regions, CAPACITY, &count));
    CHECK(read_table((struct table){TABLE_EFI, 1, bytes, 0}, regions, CAPACITY, &count) && count == 0);
}

static void pages_that_wrap_are_no_memory(void)
{
    static const struct {
        uint64_t base, pages, usable, reserved; /* lengths read */
    } cases[] = {
        {0, UINT64_C(1) << 52, UINT64_MAX, UINT64_MAX}, /* all there is */
        {0, (UINT64_C(1) << 52) + 1, 0, UINT64_MAX},
        {1, UINT64_C(1) << 52, 0, UINT64_MAX},
        {0x1000, (UINT64_C(1) << 52) - 1, UINT64_C(0) - 0x1000, UINT64_C(0) - 0x1000},
        {0x1000, (UINT64_C(1) << 52) + 1, 0, UINT64_MAX}, /* whose low bits are one page */
        {0x1000, UINT64_MAX, 0, UINT64_MAX},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct region regions[CAPACITY];
        uint8_t bytes[2 * 48];
        size_t count;

        write_form(bytes, TABLE_EFI, cases[i].base, cases[i].pages, 7);
        write_form(bytes + 48, TABLE_EFI, cases[i].base, cases[i].pages, 6);
        CHECK(read_table((struct table){TABLE_EFI, 0, bytes, 96}, regions, CAPACITY, &count));
        CHECK(regions[0].length == cases[i].usable && regions[1].length == cases[i].reserved);
    }
}

static void any_bytes_of_any_form_are_read_or_refused(void)
{
    bool sound[2] = {false};
    uint64_t seed = 7;

    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[100];
        struct region regions[CAPACITY];
        size_t count = 0;

        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)((seed = seed * UINT64_C(6364136223846793005) + 1) >> 56);
        const struct table table = {(enum table_form)(seed >> 33) % TABLE_FORMS, (uint32_t)(seed >> 40) % 60, bytes,
                                    (seed >> 50) % sizeof(bytes)};
        sound[read_table(table, regions, CAPACITY, &count)] = true;
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
        {"table: every form is read by its specification", every_form_is_read_by_its_specification},
        {"table: types of 64 bits are compared whole", limine_types_have_64_bits},
        {"table: a stride leads from entry to entry", a_stride_leads_from_entry_to_entry},
        {"table: pages that wrap are no memory", pages_that_wrap_are_no_memory},
        {"table: any bytes of any form are read or refused", any_bytes_of_any_form_are_read_or_refused},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
