/*
 * The memory map as a loader leaves it: a table in one of several forms, checked as a whole once, then read in place,
 * byte by byte, at any alignment. Leaves out what the entries mean together: pmm_map.c.
 */
#include "pmm_map.h"

#define TYPE(number) (UINT64_C(1) << (number))

enum { SIZE_BYTES = 4 }; /* of the number an entry begins with when the stride is told by each */

const struct pmm_form pmm_form_regions = {
    .stride = sizeof(struct pmm_region),
    .base_at = offsetof(struct pmm_region, base),
    .length_at = offsetof(struct pmm_region, length),
    .type_at = offsetof(struct pmm_region, type),
    .base_bytes = 8,
    .length_bytes = 8,
    .type_bytes = 4,
    .flags = PMM_FORM_NATIVE,
    .usable = TYPE(PMM_USABLE),
    .later = TYPE(PMM_LATER),
};

const struct pmm_form pmm_form_multiboot = {0, 4, 12, 20, 8, 8, 4, 0, 0, TYPE(1), 0};
const struct pmm_form pmm_form_multiboot2 = {24, 0, 8, 16, 8, 8, 4, 0, 0, TYPE(1), 0};
const struct pmm_form pmm_form_e820 = {20, 0, 8, 16, 8, 8, 4, 0, 0, TYPE(1), 0};
const struct pmm_form pmm_form_pvh = {24, 0, 8, 16, 8, 8, 4, 0, 0, TYPE(1), 0};

/* Conventional memory. Later, when its owner is done: loader code and data, boot services code and data, ACPI tables. */
const struct pmm_form pmm_form_efi = {
    48, 8, 24, 0, 8, 8, 4, 12, 0, TYPE(7), TYPE(1) | TYPE(2) | TYPE(3) | TYPE(4) | TYPE(9)};

/* Usable. Later: ACPI tables, what the loader itself took. */
const struct pmm_form pmm_form_limine = {
    24, 0, 8, 16, 8, 8, 8, 0, PMM_FORM_NATIVE | PMM_FORM_POINTERS, TYPE(0), TYPE(2) | TYPE(5)};

/* ---- numbers ---- */

/* As one expression, since compilers make one load of it. */
static inline uint32_t read_32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint32_t read_32_reversed(const uint8_t *at)
{
    return at[3] | (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[0] << 24;
}

static inline uint64_t read_number(const uint8_t *at, unsigned bytes, bool big_endian)
{
    if (big_endian) {
        const uint64_t high = read_32_reversed(at);
        return bytes == 4 ? high : high << 32 | read_32_reversed(at + 4);
    }
    return bytes == 4 ? read_32(at) : read_32(at) | (uint64_t)read_32(at + 4) << 32;
}

static inline bool is_big_endian(const struct pmm_form *form)
{
    return (form->flags & PMM_FORM_NATIVE) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

/* ---- the table ---- */

/* Bytes that an entry has at least. */
static uint32_t entry_needs(const struct pmm_form *form)
{
    const uint32_t base_end = form->base_at + (uint32_t)form->base_bytes;
    const uint32_t length_end = form->length_at + (uint32_t)form->length_bytes;
    const uint32_t type_end = form->type_bytes ? form->type_at + (uint32_t)form->type_bytes : 0;
    uint32_t needs = base_end > length_end ? base_end : length_end;

    if (form->stride == 0 && needs < SIZE_BYTES)
        needs = SIZE_BYTES;
    return needs > type_end ? needs : type_end;
}

static bool form_is_valid(const struct pmm_form *form)
{
    const uint32_t known = PMM_FORM_NATIVE | PMM_FORM_POINTERS | PMM_FORM_END;

    return (form->base_bytes == 4 || form->base_bytes == 8) && (form->length_bytes == 4 || form->length_bytes == 8) &&
           (form->type_bytes == 0 || form->type_bytes == 4 || form->type_bytes == 8) && form->length_shift < 64 &&
           (form->flags & ~known) == 0 && (form->usable & form->later) == 0 &&
           !((form->flags & PMM_FORM_POINTERS) && form->stride == 0);
}

static const uint8_t *pointed_to(const struct pmm_map *map, size_t number)
{
    return ((const uint8_t *const *)map->entries)[number];
}

/* The entry at *cursor, which moves on by its bytes; null behind the last and where the table is broken. */
static inline const uint8_t *next_entry(const struct pmm_map *map, size_t *cursor)
{
    const uint8_t *at = (const uint8_t *)map->entries + *cursor;
    const size_t left = map->bytes - *cursor;
    size_t stride = map->form.stride;

    if (map->form.flags & PMM_FORM_POINTERS) {
        if (left < sizeof at)
            return 0;
        at = pointed_to(map, *cursor / sizeof at);
        stride = sizeof at;
    } else if (stride == 0) {
        if (left < SIZE_BYTES || left - SIZE_BYTES < read_32(at))
            return 0;
        stride = SIZE_BYTES + (size_t)read_32(at);
        if (stride < entry_needs(&map->form))
            return 0;
    } else if (left < stride) {
        return 0;
    }
    *cursor += stride;
    return at;
}

enum pmm_status pmm_map_status(const struct pmm_map *map)
{
    const bool pointers = map->form.flags & PMM_FORM_POINTERS;
    size_t cursor = 0;

    if ((!map->entries && map->bytes) || !form_is_valid(&map->form) ||
        (pointers && (uintptr_t)map->entries % sizeof(void *)))
        return PMM_ERR_ARGUMENT;
    if (map->bytes == 0)
        return PMM_OK;
    if (map->form.stride && map->form.stride < entry_needs(&map->form))
        return PMM_ERR_MAP;
    while (cursor < map->bytes)
        if (!next_entry(map, &cursor))
            return PMM_ERR_MAP;
    return PMM_OK;
}

enum pmm_status pmm_map_from_table(const void *entries, size_t bytes, const struct pmm_form *form,
                                   struct pmm_map *map)
{
    enum pmm_status status;
    struct pmm_map view;

    if (!form || !map)
        return PMM_ERR_ARGUMENT;
    view.entries = entries; /* one by one: for an initializer compilers may call memset */
    view.bytes = bytes;
    view.form = *form;
    status = pmm_map_status(&view);
    if (status == PMM_OK)
        *map = view;
    return status;
}

struct pmm_map pmm_map_from_regions(const struct pmm_region *regions, size_t count)
{
    return (struct pmm_map){regions, count * sizeof *regions, pmm_form_regions};
}

enum pmm_status pmm_map_from_multiboot(const void *entries, size_t bytes, struct pmm_map *map)
{
    return pmm_map_from_table(entries, bytes, &pmm_form_multiboot, map);
}

/* ---- one entry ---- */

static unsigned type_says(const struct pmm_form *form, uint64_t type)
{
    if (type < 64 && form->usable >> type & 1)
        return PMM_BYTES_USABLE;
    if (type < 64 && form->later >> type & 1)
        return PMM_BYTES_USABLE | PMM_BYTES_LATER;
    return PMM_BYTES_RESERVED;
}

/* Its bytes; false when they end at or below `low`. */
static inline bool read_bytes(const struct pmm_form *form, const uint8_t *at, bool big, uint64_t low,
                              struct pmm_extent *entry)
{
    const uint64_t length = read_number(at + form->length_at, form->length_bytes, big);
    const uint64_t bytes = length << form->length_shift;
    const bool cut = bytes >> form->length_shift != length; /* the unit of lengths takes it past 2^64 */

    entry->wraps = false;
    if (form->flags & PMM_FORM_END) {
        entry->end = cut ? UINT64_MAX : bytes;
        return entry->end > low;
    }
    entry->length = cut ? UINT64_MAX : bytes;
    entry->end = entry->first + bytes;
    if (cut || entry->end < entry->first) { /* 2^64 exactly is an end like others */
        entry->wraps = entry->end != 0 || (cut && length - 1 != UINT64_MAX >> form->length_shift);
        entry->end = UINT64_MAX;
    }
    return entry->end > low;
}

/* Most entries of a long table are passed over, after one number or two. */
bool pmm_map_entry(const struct pmm_map *map, size_t *cursor, uint64_t low, uint64_t high, unsigned *of_all,
                   struct pmm_extent *entry)
{
    const struct pmm_form *form = &map->form;
    const bool big = is_big_endian(form);
    const uint8_t *at;

    while ((at = next_entry(map, cursor))) {
        entry->first = read_number(at + form->base_at, form->base_bytes, big);
        if (entry->first >= high || !read_bytes(form, at, big, low, entry) || entry->end <= entry->first)
            continue;
        entry->says = type_says(form, form->type_bytes ? read_number(at + form->type_at, form->type_bytes, big) : 0);
        if (entry->first > low || entry->end < high || !of_all)
            return true;
        if (!(entry->wraps && entry->says & PMM_BYTES_USABLE))
            *of_all |= entry->says;
    }
    return false;
}

bool pmm_map_overlaps(const struct pmm_map *map, const void *memory, uint64_t bytes)
{
    if (pmm_overlaps(map->entries, map->bytes, memory, bytes))
        return true;
    if (map->form.flags & PMM_FORM_POINTERS)
        for (size_t i = 0; i < map->bytes / sizeof(void *); i++)
            if (pmm_overlaps(pointed_to(map, i), map->form.stride, memory, bytes))
                return true;
    return false;
}
