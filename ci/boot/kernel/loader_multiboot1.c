/*
 * Multiboot 1 (QEMU's -kernel, GRUB): what the structure names, each thing a range to keep. The facade of core/ finds the
 * same by itself; here it is read a second time, by other code, so that the two can be compared.
 */
#include "console.h"
#include "handover.h"

struct multiboot1 {
    uint32_t flags, memory[2], boot_device, command_line, module_count, modules;
    uint32_t sections, section_bytes, section_headers, section_names;
    uint32_t map_bytes, map, drives_bytes, drives, configuration, loader_name, apm;
    uint32_t vbe_control, vbe_mode;
};

struct module1 {
    uint32_t start, end, string, reserved;
};

struct entry1 { /* misaligned by the size before it: read by halves */
    uint32_t size, base[2], length[2], type;
};

struct section32 {
    uint32_t name, type, flags, address, offset, size;
};

struct section64 {
    uint32_t name, type;
    uint64_t flags, address, offset, size;
};

static const void *at(uint32_t address)
{
    return (const void *)(uintptr_t)address;
}

static uint64_t joined(const uint32_t halves[2])
{
    return (uint64_t)halves[1] << 32 | halves[0];
}

static void add_string(struct handover *handover, uint32_t address)
{
    if (address)
        ranges_add(&handover->tables, address, string_bytes(at(address)));
}

static void read_map(const struct multiboot1 *info, struct handover *handover)
{
    const char *entry = at(info->map), *end = entry + info->map_bytes;

    for (; entry < end; entry += ((const struct entry1 *)(const void *)entry)->size + 4) {
        const struct entry1 *now = (const void *)entry;

        say_entry(joined(now->base), joined(now->length), now->type);
    }
    if (pmm_map_from_multiboot(at(info->map), info->map_bytes, &handover->map) != PMM_OK)
        fail("handover", "pmm_map_from_multiboot refuses the table", PMM_OK, PMM_ERR_MAP);
    ranges_add(&handover->tables, info->map, info->map_bytes);
}

static void read_modules(const struct multiboot1 *info, struct handover *handover)
{
    const struct module1 *modules = at(info->modules);

    ranges_add(&handover->tables, info->modules, info->module_count * sizeof(*modules));
    for (uint32_t i = 0; i < info->module_count; i++) {
        if (i == 0)
            handover->initrd = (struct pmm_range){modules[i].start, modules[i].end - modules[i].start};
        else
            ranges_add(&handover->tables, modules[i].start, modules[i].end - modules[i].start);
        add_string(handover, modules[i].string);
    }
}

/* GRUB leaves symbols and strings somewhere; sections with a flag ALLOC (2) are the image itself. */
static void read_sections(const struct multiboot1 *info, struct handover *handover)
{
    const char *header = at(info->section_headers);

    ranges_add(&handover->tables, info->section_headers, (uint64_t)info->sections * info->section_bytes);
    for (uint32_t i = 0; i < info->sections; i++, header += info->section_bytes) {
        const struct section32 *small = (const void *)header;
        const struct section64 *large = (const void *)header;

        if (info->section_bytes >= sizeof(*large) && !(large->flags & 2))
            ranges_add(&handover->tables, large->address, large->size);
        else if (info->section_bytes < sizeof(*large) && !(small->flags & 2))
            ranges_add(&handover->tables, small->address, small->size);
    }
}

void read_multiboot1(const void *structure, struct handover *handover)
{
    const struct multiboot1 *info = structure;
    const uint32_t flags = info->flags;

    ranges_add(&handover->tables, (uintptr_t)structure, flags & 1 << 12 ? 116 : 88);
    if (!(flags & 1 << 6))
        fail("handover", "the loader left no memory map", 1 << 6, flags);
    read_map(info, handover);
    if (flags & 1 << 2) {
        handover->command_line = at(info->command_line);
        add_string(handover, info->command_line);
    }
    if (flags & 1 << 3)
        read_modules(info, handover);
    if (flags & 1 << 5)
        read_sections(info, handover);
    if (flags & 1 << 7)
        ranges_add(&handover->tables, info->drives, info->drives_bytes);
    if (flags & 1 << 9)
        add_string(handover, info->loader_name);
    if (flags & 1 << 10)
        ranges_add(&handover->tables, info->apm, 20);
    if (flags & 1 << 11) {
        ranges_add(&handover->tables, info->vbe_control, 512);
        ranges_add(&handover->tables, info->vbe_mode, 256);
    }
}
