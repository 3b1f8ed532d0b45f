/*
 * The facade of pmm_allocator.h: reserves what the Multiboot structure names (pmm_multiboot.c), finds room for the metadata
 * in the rest, and starts the one instance there.
 */
#include "pmm_allocator.h"
#include "pmm_atomic.h"
#include "pmm_multiboot.h"

#define LOW_GIGABYTE (UINT64_C(1) << 30) /* what every kernel has mapped early */

static struct pmm_allocator_hooks hooks;
static struct pmm *instance;

static void misused(uint64_t address, enum pmm_status status)
{
    if (hooks.misuse)
        hooks.misuse(hooks.context, address, status);
}

void pmm_allocator_set_hooks(const struct pmm_allocator_hooks *new_hooks)
{
    static const struct pmm_allocator_hooks none;

    hooks = new_hooks ? *new_hooks : none;
}

/* struct pmm_range_source */
static bool range_of_loader(void *context, uint64_t number, struct pmm_range *range)
{
    return pmm_multiboot_range(context, number, range);
}

static void *mapped(struct pmm_range range)
{
    return hooks.map ? hooks.map(hooks.context, range.base, range.length) : (void *)(uintptr_t)range.base;
}

/* One by one: for initializers compilers may call memset. */
static void configure(struct pmm_config *config, struct pmm_multiboot *multiboot, uint64_t reserved_memory)
{
    config->cpus = hooks.cpus ? hooks.cpus : 1;
    config->reserved_below = reserved_memory;
    config->managed_below = 0;
    config->reserved = config->later = 0;
    config->reserved_count = config->later_count = 0;
    config->more_reserved.context = multiboot;
    config->more_reserved.range = range_of_loader;
    config->place_above = 0;
    config->place_below = hooks.metadata_below ? hooks.metadata_below : LOW_GIGABYTE;
    config->metadata.base = config->metadata.length = 0;
    config->report = 0;
}

static PMM_NOINLINE enum pmm_status start_on(const struct pmm_map *map, struct pmm_multiboot *multiboot,
                                             uint64_t reserved_memory)
{
    const struct pmm_report report = {hooks.context, 0, hooks.range, hooks.total};
    struct pmm_config config;
    enum pmm_status status;
    void *metadata;

    configure(&config, multiboot, reserved_memory);
    config.report = &report;
    status = pmm_place_metadata(map, &config);
    if (status != PMM_OK)
        return status;
    metadata = mapped(config.metadata);
    return metadata ? pmm_init(metadata, config.metadata.length, map, &config, &instance) : PMM_ERR_METADATA;
}

static enum pmm_status start(const uint8_t *info, uint64_t reserved_memory)
{
    struct pmm_multiboot multiboot = {info, hooks.context, hooks.map};
    struct pmm_range entries;
    struct pmm_map map;
    enum pmm_status status;

    if (!info)
        return PMM_ERR_ARGUMENT;
    status = pmm_multiboot_check(&multiboot);
    if (status != PMM_OK)
        return status;
    entries = pmm_multiboot_entries(&multiboot);
    status = pmm_map_from_multiboot(pmm_multiboot_at(&multiboot, entries), (size_t)entries.length, &map);
    return status == PMM_OK ? start_on(&map, &multiboot, reserved_memory) : status;
}

void pmm_allocator_init(const struct multiboot_info *info, uint64_t reserved_memory)
{
    enum pmm_status status;

    instance = 0;
    status = start((const uint8_t *)info, reserved_memory);
    if (status != PMM_OK)
        misused(0, status);
}

int64_t pmm_allocator_allocate(bool large)
{
    uint64_t address;

    if (!instance || pmm_alloc(instance, large ? PMM_ORDER_LARGE : PMM_ORDER_SMALL, PMM_ANY, &address) != PMM_OK)
        return -1;
    return (int64_t)address;
}

void pmm_allocator_release(uint64_t frame)
{
    const enum pmm_status status = instance ? pmm_release(instance, frame) : PMM_ERR_ARGUMENT;

    if (status != PMM_OK)
        misused(frame, status);
}

uint32_t pmm_allocator_get_total_available_frames(void)
{
    struct pmm_stats stats;

    if (!instance)
        return 0;
    pmm_stats(instance, &stats);
    return stats.total.free > UINT32_MAX ? UINT32_MAX : (uint32_t)stats.total.free;
}

struct pmm *pmm_allocator_instance(void)
{
    return instance;
}
