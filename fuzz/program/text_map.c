/* Entries of a memory map in text: one entry, the words for its type, and whole `.map` files. */
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct type_name {
    uint32_t type;
    const char *name;
};

static const struct type_name type_names[] = {
    {REGION_USABLE, "usable"},     {REGION_RESERVED, "reserved"}, {REGION_ACPI_RECLAIM, "acpi-reclaim"},
    {REGION_ACPI_NVS, "acpi-nvs"}, {REGION_UNUSABLE, "unusable"}, {REGION_PMEM, "pmem"},
    {REGION_LATER, "later"},
};

enum { TYPE_NAMES = sizeof type_names / sizeof type_names[0] };

const char *region_type_name(uint32_t type, char name[TYPE_NAME_SIZE])
{
    for (size_t i = 0; i < TYPE_NAMES; i++)
        if (type_names[i].type == type)
            return type_names[i].name;
    snprintf(name, TYPE_NAME_SIZE, "other:%" PRIu32, type);
    return name;
}

static bool word_type(struct word word, uint32_t *type)
{
    static const char other[] = "other:";
    size_t prefix = sizeof other - 1;
    uint64_t number;

    for (size_t i = 0; i < TYPE_NAMES; i++) {
        if (word_is(word, type_names[i].name)) {
            *type = type_names[i].type;
            return true;
        }
    }
    if (word.length <= prefix || memcmp(word.at, other, prefix) != 0)
        return false;
    word.at += prefix;
    word.length -= prefix;
    if (!word_decimal(word, UINT32_MAX, &number))
        return false;
    *type = (uint32_t)number;
    return true;
}

bool text_region(struct text *text, struct region *region)
{
    struct word base = text_word(text), length = text_word(text), type = text_word(text), rest = text_word(text);
    char quote[QUOTE_SIZE];

    if (!word_hex(base, &region->base))
        return text_fail(text, "the base wants 64-bit hexadecimal, such as 0x100000, found `%s`",
                         word_quote(base, quote));
    if (!word_hex(length, &region->length))
        return text_fail(text, "the length wants 64-bit hexadecimal, such as 0x200000, found `%s`",
                         word_quote(length, quote));
    if (!word_type(type, &region->type))
        return text_fail(text,
                         "the type is one of usable, reserved, acpi-reclaim, acpi-nvs, unusable, pmem, later, "
                         "other:<32-bit number>, found `%s`",
                         word_quote(type, quote));
    if (rest.length)
        return text_fail(text, "an entry ends after its type, found `%s`", word_quote(rest, quote));
    return true;
}

bool map_parse(const char *bytes, size_t length, struct region **regions, size_t *count, char *error,
               size_t error_size)
{
    struct region *entries = NULL;
    size_t used = 0, capacity = 0;
    struct text text;

    text_open(&text, bytes, length, error, error_size);
    while (text_next_line(&text)) {
        if (used == capacity) {
            struct region *grown = realloc(entries, (capacity = capacity * 2 + 32) * sizeof *entries);

            if (!grown) {
                free(entries);
                return text_fail(&text, "no memory for so many entries; split the file");
            }
            entries = grown;
        }
        if (!text_region(&text, &entries[used])) {
            free(entries);
            return false;
        }
        used++;
    }
    if (!used)
        return text_fail(&text, "no entry; write at least one, such as `0x100000 0x200000 usable`");
    *regions = entries;
    *count = used;
    return true;
}
