/*
 * The four calls of the described system, over one static instance of the allocator: a kernel written for it
 * switches by changing an include. The only mutable global state of the project. Kernels without that history
 * use pmm.h.
 *
 * Reserved are: what lies below `reserved_memory`, which must hold the kernel's image, stacks and page tables; what the
 * structure names (itself, the table of entries, the command line, the list of modules, each module and its string, ELF
 * section headers and what the loader put elsewhere of their sections, or a.out symbols, drives, the ROM configuration, the
 * loader's name, APM and VBE tables, the framebuffer); and the metadata, which is placed in what is left. A structure of
 * which something cannot be read is refused.
 */
#ifndef PMM_ALLOCATOR_H
#define PMM_ALLOCATOR_H

#include "pmm.h"

#ifdef __cplusplus
extern "C" {
#endif

struct multiboot_info; /* the raw Multiboot 1 structure */

/* What the kernel may want to decide; any member may be null. */
struct pmm_allocator_hooks {
    void *context;
    uint32_t cpus; /* 0 means 1 */

    /* The metadata is placed below this address, in bytes; 0 means 1 GiB. It must be mapped when init is called. */
    uint64_t metadata_below;

    /* Where `bytes` of physical memory are mapped, null for nowhere; called any number of times for the same during
     * init. Null: all at their physical addresses. */
    void *(*map)(void *context, uint64_t physical, uint64_t bytes);

    /* The console: each usable range, then the total, during init. */
    void (*range)(void *context, uint64_t base, uint64_t end);
    void (*total)(void *context, uint64_t frames, uint64_t metadata_bytes);

    /* A release that was refused, or (address 0) an init that failed: panic, log, or return. Null: return. */
    void (*misuse)(void *context, uint64_t address, enum pmm_status status);
};

/* Before init; copied. Null: the defaults. Not while other calls are in flight. */
void pmm_allocator_set_hooks(const struct pmm_allocator_hooks *hooks);

/*
 * Once, on one CPU. `info` is where the structure is mapped. Everything below `reserved_memory` is skipped. When it fails,
 * the misuse hook is told why, and every allocation fails.
 */
void pmm_allocator_init(const struct multiboot_info *info, uint64_t reserved_memory);

/* A physical address, or -1 when there is none. Any context, any CPU. */
int64_t pmm_allocator_allocate(bool large);

/* Finds out whether the frame was a 4 KiB or a 2 MiB one. Any context, any CPU. */
void pmm_allocator_release(uint64_t frame);

/* 4 KiB frames, saturating at UINT32_MAX. Any context, any CPU. */
uint32_t pmm_allocator_get_total_available_frames(void);

/* The instance behind the calls, for everything in pmm.h; null before init. */
struct pmm *pmm_allocator_instance(void);

#ifdef __cplusplus
}
#endif

#endif
