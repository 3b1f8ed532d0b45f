/*
 * The four calls of the described system, over one static instance of the allocator: a kernel written for it
 * switches by changing an include. The only mutable global state of the project. Kernels without that history
 * use pmm.h.
 *
 * The frames for the metadata are taken from the usable memory of the map and count as reserved from then on.
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

    /* Where `bytes` of physical memory are mapped; null: at their physical address. */
    void *(*map)(void *context, uint64_t physical, uint64_t bytes);

    /* The console: each usable range, then the total, during init. */
    void (*range)(void *context, uint64_t base, uint64_t end);
    void (*total)(void *context, uint64_t frames, uint64_t metadata_bytes);

    /* A release that was refused, or (address 0) an init that failed: panic, log, or return. Null: return. */
    void (*misuse)(void *context, uint64_t address, enum pmm_status status);
};

/* Before init; copied. Null: the defaults. Not while other calls are in flight. */
void pmm_allocator_set_hooks(const struct pmm_allocator_hooks *hooks);

/* Once, on one CPU. Everything below `reserved_memory` is skipped. When it fails, every allocation does. */
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
