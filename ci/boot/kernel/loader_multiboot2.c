/*
 * Multiboot 2 (GRUB under BIOS and under UEFI): one block of tags, which is kept as a whole. The map is the tag of type 6;
 * its entries are read in place, with the stride that the tag tells.
 */
#include "console.h"
#include "handover.h"

enum { TAG_END = 0, TAG_COMMAND_LINE = 1, TAG_MODULE = 3, TAG_MAP = 6 };

struct tag {
    uint32_t type, size;
    uint32_t first, second; /* of a module: start and end; of the map: bytes of an entry, version */
    char rest[];
};

struct entry2 {
    uint64_t base, length;
    uint32_t type, reserved;
};

static void read_map(const struct tag *tag, struct handover *handover)
{
    struct pmm_form form = pmm_form_multiboot2;
    const uint64_t bytes = tag->size - 16;

    form.stride = tag->first;
    for (uint64_t at = 0; at + tag->first <= bytes; at += tag->first) {
        const struct entry2 *entry = (const void *)(tag->rest + at);

        say_entry(entry->base, entry->length, entry->type);
    }
    if (pmm_map_from_table(tag->rest, (size_t)bytes, &form, &handover->map) != PMM_OK)
        fail("handover", "pmm_map_from_table refuses the table", PMM_OK, PMM_ERR_MAP);
}

void read_multiboot2(const void *structure, struct handover *handover)
{
    const uint32_t total = *(const uint32_t *)structure;
    const char *at = (const char *)structure + 8;

    ranges_add(&handover->tables, (uintptr_t)structure, total);
    while (((const struct tag *)(const void *)at)->type != TAG_END) {
        const struct tag *tag = (const void *)at;

        if (tag->type == TAG_COMMAND_LINE)
            handover->command_line = at + 8;
        else if (tag->type == TAG_MODULE && !handover->initrd.length)
            handover->initrd = (struct pmm_range){tag->first, tag->second - tag->first};
        else if (tag->type == TAG_MAP)
            read_map(tag, handover);
        at += (tag->size + 7) & ~7u;
    }
    if (!handover->map.bytes)
        fail("handover", "the loader left no memory map", TAG_MAP, 0);
}
