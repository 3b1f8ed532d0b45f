/*
 * What a Multiboot 1 loader left in memory, private to the facade: its structure, and everything that this names.
 * Leaves out what the entries of its memory map mean: pmm_map.h.
 */
#ifndef PMM_MULTIBOOT_H
#define PMM_MULTIBOOT_H

#include "pmm.h"

struct pmm_multiboot {
    const uint8_t *info; /* mapped; 88 bytes, or 116 when the flag of the framebuffer is set */
    void *context;
    void *(*map)(void *context, uint64_t physical, uint64_t bytes); /* null: mapped at their physical addresses */
};

/* The table of the memory map, in bytes of physical memory; read it through pmm_multiboot_at. */
struct pmm_range pmm_multiboot_entries(const struct pmm_multiboot *multiboot);

/* Where `range` is mapped; null when it is not, or does not end below 2^32. */
const void *pmm_multiboot_at(const struct pmm_multiboot *multiboot, struct pmm_range range);

/*
 * PMM_ERR_MAP: there is no memory map, or something the structure names cannot be read, does not end below 2^32, or
 * contradicts itself. Reads what has to be read to know: structure, lists, strings.
 */
enum pmm_status pmm_multiboot_check(const struct pmm_multiboot *multiboot);

/*
 * Number 0, 1, 2, ... of what the structure names, itself included: its table of entries, command line, list of modules,
 * each module and its string, symbols, drives, ROM configuration, name of the loader, APM and VBE tables, framebuffer.
 * Length 0 for what is not there; false behind the last. Only after pmm_multiboot_check.
 */
bool pmm_multiboot_range(const struct pmm_multiboot *multiboot, uint64_t number, struct pmm_range *range);

#endif
