/* The façade of pmm_allocator.h: finds the map in the Multiboot structure and room for the metadata in the map. */
#include "pmm_allocator.h"

enum { FLAG_HAS_MEMORY_MAP = 1 << 6, FLAGS_AT = 0, MMAP_LENGTH_AT = 44, MMAP_ADDRESS_AT = 48 };

static struct pmm_allocator_hooks hooks;
static struct pmm *instance;

static uint32_t read32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void *mapped(uint64_t physical, uint64_t bytes)
{
    return hooks.map ? hooks.map(hooks.context, physical, bytes) : (void *)(uintptr_t)physical;
}

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

static enum pmm_status start(const uint8_t *info, uint64_t reserved_memory)
{
    const struct pmm_report report = {hooks.context, hooks.range, 0, hooks.total};
    struct pmm_config config;
    struct pmm_map map;
    uint64_t base, bytes;
    enum pmm_status status;
    void *metadata;

    if (!info)
        return PMM_ERR_ARGUMENT;
    if (!(read32(info + FLAGS_AT) & FLAG_HAS_MEMORY_MAP))
        return PMM_ERR_MAP;
    config.cpus = hooks.cpus ? hooks.cpus : 1; /* one by one: for an initializer compilers may call memset */
    config.reserved_below = reserved_memory;
    config.reserve.length = 0;
    config.report = 0;
    status = pmm_map_from_multiboot(mapped(read32(info + MMAP_ADDRESS_AT), read32(info + MMAP_LENGTH_AT)),
                                    read32(info + MMAP_LENGTH_AT), &map);
    if (status == PMM_OK)
        status = pmm_place_metadata(&map, &config, &base, &bytes);
    if (status != PMM_OK)
        return status;
    metadata = mapped(base, bytes);
    config.reserve = (struct pmm_region){base, bytes, 0};
    config.report = &report;
    return pmm_init(metadata, bytes, &map, &config, &instance);
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
