/* PVH: Xen's start info, as QEMU's -kernel leaves it for an ELF file with the note of entry_pvh.S. */
#include "console.h"
#include "handover.h"

struct pvh {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, command_line, rsdp, map;
    uint32_t map_entries, reserved;
};

struct pvh_module {
    uint64_t start, length, string, reserved;
};

struct pvh_entry {
    uint64_t base, length;
    uint32_t type, reserved;
};

void read_pvh(const void *structure, struct handover *handover)
{
    const struct pvh *info = structure;
    const struct pvh_module *modules = (const void *)(uintptr_t)info->modules;
    const struct pvh_entry *entries = (const void *)(uintptr_t)info->map;
    const uint64_t bytes = info->map_entries * sizeof(*entries);

    if (info->magic != 0x336ec578 || info->version < 1)
        fail("handover", "this is no start info with a map", 0x336ec578, info->magic);
    ranges_add(&handover->tables, (uintptr_t)structure, sizeof(*info));
    ranges_add(&handover->tables, info->map, bytes);
    ranges_add(&handover->tables, info->modules, info->module_count * sizeof(*modules));
    if (info->command_line) {
        handover->command_line = (const char *)(uintptr_t)info->command_line;
        ranges_add(&handover->tables, info->command_line, string_bytes(handover->command_line));
    }
    if (info->module_count)
        handover->initrd = (struct pmm_range){modules[0].start, modules[0].length};
    for (uint32_t i = 0; i < info->map_entries; i++)
        say_entry(entries[i].base, entries[i].length, entries[i].type);
    if (pmm_map_from_table(entries, (size_t)bytes, &pmm_form_pvh, &handover->map) != PMM_OK)
        fail("handover", "pmm_map_from_table refuses the table", PMM_OK, PMM_ERR_MAP);
}
