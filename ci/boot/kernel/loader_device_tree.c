/*
 * The device tree, by libfdt: memory, what it reserves in its two ways, the initrd, the command line. These thirty lines
 * are what a kernel needs; cells are of 64 bits here, as on every machine this kernel runs on.
 */
#include <libfdt.h>

#include "console.h"
#include "handover.h"

/* The 64-bit number in cells `at` and `at` + 1 of a property; -initrd leaves 32 bits on some machines. */
static uint64_t cells(const fdt32_t *property, int bytes, int at)
{
    if (bytes == 4)
        return fdt32_to_cpu(property[at]);
    return (uint64_t)fdt32_to_cpu(property[at]) << 32 | fdt32_to_cpu(property[at + 1]);
}

static size_t add_reg(const void *tree, int node, uint32_t type, struct pmm_region *regions, size_t count)
{
    int bytes = 0;
    const fdt32_t *reg = fdt_getprop(tree, node, "reg", &bytes);

    for (int at = 0; reg && (at + 4) * 4 <= bytes && count < RANGES_MOST; at += 4)
        regions[count++] = (struct pmm_region){cells(reg, bytes, at), cells(reg, bytes, at + 2), type};
    return count;
}

/* The map as an array of regions; 0 when `tree` is no device tree. */
static size_t device_tree_regions(const void *tree, struct pmm_region *regions)
{
    size_t count = 0;
    int node, reserved;

    if (fdt_check_header(tree) != 0)
        return 0;
    fdt_for_each_subnode(node, tree, 0)
    {
        const char *type = fdt_getprop(tree, node, "device_type", 0);

        if (type && type[0] == 'm' && type[1] == 'e' && type[2] == 'm')
            count = add_reg(tree, node, PMM_USABLE, regions, count);
    }
    reserved = fdt_path_offset(tree, "/reserved-memory");
    if (reserved >= 0)
        fdt_for_each_subnode(node, tree, reserved) count = add_reg(tree, node, 2, regions, count);
    for (int i = 0; i < fdt_num_mem_rsv(tree) && count < RANGES_MOST; i++, count++) {
        regions[count].type = 2;
        fdt_get_mem_rsv(tree, i, &regions[count].base, &regions[count].length);
    }
    return count;
}

static void read_chosen(const void *tree, struct handover *handover)
{
    const int chosen = fdt_path_offset(tree, "/chosen");
    int bytes = 0;
    const char *text = chosen < 0 ? 0 : fdt_getprop(tree, chosen, "bootargs", 0);
    const fdt32_t *start = chosen < 0 ? 0 : fdt_getprop(tree, chosen, "linux,initrd-start", &bytes);
    const fdt32_t *end = chosen < 0 ? 0 : fdt_getprop(tree, chosen, "linux,initrd-end", 0);

    if (text)
        handover->command_line = text;
    if (start && end)
        handover->initrd = (struct pmm_range){cells(start, bytes, 0), cells(end, bytes, 0) - cells(start, bytes, 0)};
}

void read_device_tree(const void *tree, struct handover *handover)
{
    const size_t count = device_tree_regions(tree, handover->regions);

    if (!count)
        fail("handover", "there is no device tree", 1, 0);
    ranges_add(&handover->tables, (uintptr_t)tree, fdt_totalsize(tree));
    read_chosen(tree, handover);
    for (size_t i = 0; i < count; i++)
        say_entry(handover->regions[i].base, handover->regions[i].length, handover->regions[i].type);
    handover->map = pmm_map_from_regions(handover->regions, count);
}
