/*
 * What a loader handed over, in one form: the reader of each loader (loader_*.c) fills it in and copies nothing but
 * numbers. Everything named here is checked and reserved by kernel_main.c.
 */
#ifndef BOOT_HANDOVER_H
#define BOOT_HANDOVER_H

#include "../../../core/pmm.h"

enum { RANGES_MOST = 64 };

struct ranges {
    struct pmm_range list[RANGES_MOST];
    size_t count;
};

struct handover {
    const void *structure;                  /* where the loader's structure lies */
    const char *command_line;               /* "" when there is none */
    struct pmm_map map;                     /* the loader's table, in place */
    struct ranges tables;                   /* what the loader left beside modules, the table of the map included */
    struct pmm_range initrd;                /* the first module; length 0: none */
    struct pmm_region regions[RANGES_MOST]; /* for loaders without a table of their own form */
};

/* Fills in what it finds, prints the map as it understands it; fails (console.h) when it cannot be read. */
typedef void read_handover(const void *structure, struct handover *handover);
read_handover read_multiboot1, read_multiboot2, read_pvh, read_device_tree;

void ranges_add(struct ranges *ranges, uint64_t base, uint64_t length); /* empty ones and addresses of 0 are not */
bool ranges_touch(const struct ranges *ranges, uint64_t base, uint64_t end);
uint64_t string_bytes(const char *string); /* with its end */

/* "map 0x0 0x9fc00 usable": a line of a .map file. */
void say_entry(uint64_t base, uint64_t length, uint32_t type);

/* The number behind "name=" in the command line, or `otherwise`. */
uint64_t option(const struct handover *handover, const char *name, uint64_t otherwise);

#endif
