/*
 * What of core/ no program of the suite can say: the façade and its hooks, the start-up report, the placing
 * of the metadata, taking over moved metadata, the budget on large maps, and that the self-check sees damage.
 */
#include <stdlib.h>

#include "test.h"
#include "../../core/pmm.h"
#include "../../core/pmm_allocator.h"
#include "../../core/pmm_layout.h" /* to damage what it lays out */

#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

static struct pmm *start(const struct pmm_region *regions, size_t count, uint32_t cpus, void **memory)
{
    const struct pmm_map map = pmm_map_from_regions(regions, count);
    const struct pmm_config config = {.cpus = cpus};
    struct pmm *pmm = NULL;
    uint64_t bytes = 0;

    *memory = NULL;
    if (pmm_metadata_size(&map, &config, &bytes) == PMM_OK && posix_memalign(memory, 64, (size_t)bytes) == 0)
        pmm_init(*memory, bytes, &map, &config, &pmm);
    return pmm;
}

static const struct pmm_region small_pc[] = {
    {0, 0x9fc00, 1}, {0x9fc00, 0x400, 2}, {0xf0000, 0x10000, 2}, {0x100000, 0x7ee0000, 1}, {0x7fe0000, 0x20000, 2},
};
enum { SMALL_PC = sizeof(small_pc) / sizeof(small_pc[0]) };

static void arguments_are_checked_first(void)
{
    void *memory;
    struct pmm *pmm = start(small_pc, SMALL_PC, 1, &memory);
    uint64_t address = 7;

    CHECK(pmm_alloc(pmm, 1, PMM_ANY, &address) == PMM_ERR_ARGUMENT);
    CHECK(pmm_alloc(pmm, 0, 3, &address) == PMM_ERR_ARGUMENT);
    CHECK(pmm_alloc(pmm, 0, ~0u, &address) == PMM_ERR_ARGUMENT);
    CHECK(pmm_alloc(pmm, 0, PMM_ANY, NULL) == PMM_ERR_ARGUMENT);
    CHECK(pmm_alloc(NULL, 0, PMM_ANY, &address) == PMM_ERR_ARGUMENT);
    CHECK(address == 7);
    CHECK(pmm_free(pmm, 1, 5) == PMM_ERR_ARGUMENT);
    CHECK(pmm_free(pmm, 1, 64) == PMM_ERR_ARGUMENT);
    CHECK(pmm_free(NULL, 0x1000, 0) == PMM_ERR_ARGUMENT);
    CHECK(pmm_release(NULL, 0x1000) == PMM_ERR_ARGUMENT);
    free(memory);
}

static void start_up_refuses_what_it_cannot_use(void)
{
    const struct pmm_map map = pmm_map_from_regions(small_pc, SMALL_PC);
    const struct pmm_map nowhere = {NULL, 3, false};
    struct pmm_config config = {.cpus = 1};
    struct pmm *pmm;
    uint64_t bytes;
    char *memory = aligned_alloc(64, 65536);

    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK && bytes < 65536);
    CHECK(pmm_init(memory, bytes - 1, &map, &config, &pmm) == PMM_ERR_METADATA);
    CHECK(pmm_init(memory + 8, bytes, &map, &config, &pmm) == PMM_ERR_ARGUMENT);
    CHECK(pmm_init(NULL, bytes, &map, &config, &pmm) == PMM_ERR_ARGUMENT);
    CHECK(pmm_init(memory, bytes, &nowhere, &config, &pmm) == PMM_ERR_ARGUMENT);
    config.cpus = 0;
    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_ERR_ARGUMENT);
    config.cpus = 4097;
    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_ERR_ARGUMENT);
    CHECK(pmm_attach(memory, 64, &pmm) == PMM_ERR_METADATA);
    memset(memory, 0, 65536);
    CHECK(pmm_attach(memory, 65536, &pmm) == PMM_ERR_CORRUPT);
    free(memory);
}

static void metadata_can_move(void)
{
    const size_t room = 1 << 20;
    void *memory;
    struct pmm *pmm = start(small_pc, SMALL_PC, 2, &memory), *moved;
    char *elsewhere = aligned_alloc(64, room);
    struct pmm_stats stats;
    uint64_t small, large;

    CHECK(pmm_alloc(pmm, 0, PMM_ANY, &small) == PMM_OK && pmm_alloc(pmm, 9, PMM_ANY, &large) == PMM_OK);
    pmm_stats(pmm, &stats);
    CHECK(stats.metadata <= room);
    memcpy(elsewhere, memory, (size_t)stats.metadata);
    memset(memory, 0xa5, (size_t)stats.metadata);
    CHECK(pmm_attach(elsewhere, room, &moved) == PMM_OK);
    CHECK(pmm_check(moved, NULL) == PMM_OK);
    CHECK(pmm_free(moved, small, 0) == PMM_OK && pmm_release(moved, large) == PMM_OK);
    CHECK(pmm_free(moved, small, 0) == PMM_ERR_DOUBLE_FREE);
    CHECK(pmm_check(moved, NULL) == PMM_OK);
    free(elsewhere);
    free(memory);
}

static void holes_cost_nothing(void)
{
    const struct pmm_region sparse[] = {
        {0, GIB(64), 1},          {GIB(3072), GIB(64), 1},  {GIB(8192), GIB(64), 1},  {GIB(9216), GIB(64), 1},
        {GIB(16384), GIB(64), 1}, {GIB(17408), GIB(64), 1}, {GIB(24576), GIB(64), 1}, {GIB(25600), GIB(64), 1},
    };
    const struct pmm_map map = pmm_map_from_regions(sparse, 8);
    const struct pmm_config config = {.cpus = 64};
    uint64_t bytes;

    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK);
    CHECK(bytes <= 80 * (8 * 64 * 512) + 512 * 64 + 32 * 8 + 4096);
}

/* Single frames far apart are the worst case: nothing to share. */
static void the_budget_holds_for_scattered_frames(void)
{
    enum { ENTRIES = 300 };
    struct pmm_region regions[ENTRIES];
    const struct pmm_config config = {.cpus = 1};
    struct pmm_map map;
    uint64_t bytes;

    for (uint64_t i = 0; i < ENTRIES; i++) /* a managed frame with a reserved fringe on both sides */
        regions[ENTRIES - 1 - i] = (struct pmm_region){(i + 1) * MIB(100) + 0x1800, 0x3000, 1};
    map = pmm_map_from_regions(regions, ENTRIES);
    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK);
    CHECK(bytes <= 80 * ENTRIES + 512 + 32 * ENTRIES + 4096);
}

struct told {
    uint64_t ranges, frames, total, ignored, metadata;
};

static void on_managed(void *context, uint64_t base, uint64_t end)
{
    struct told *told = context;

    told->ranges++;
    told->frames += (end - base) >> 12;
}

static void on_ignored(void *context, uint64_t base, uint64_t length)
{
    struct told *told = context;

    CHECK(base + length - 1 < base);
    told->ignored++;
}

static void on_total(void *context, uint64_t frames, uint64_t metadata)
{
    struct told *told = context;

    told->total = frames;
    told->metadata = metadata;
}

static void start_up_reports_ranges_total_and_ignored(void)
{
    const struct pmm_region regions[] = {
        {MIB(8), MIB(2), 1}, {UINT64_MAX - 5, 100, 1}, {MIB(1), MIB(1), 1}, {MIB(10), 0x800, 1}, {MIB(12), 0, 1},
    };
    const struct pmm_map map = pmm_map_from_regions(regions, 5);
    struct told told = {0};
    const struct pmm_report report = {&told, on_managed, on_ignored, on_total};
    const struct pmm_config config = {.cpus = 1, .report = &report};
    void *memory = aligned_alloc(64, 16384);
    struct pmm *pmm;

    CHECK(pmm_init(memory, 16384, &map, &config, &pmm) == PMM_OK);
    CHECK(told.ranges == 2 && told.frames == 768 && told.total == 768 && told.ignored == 1);
    CHECK(told.metadata <= 16384);
    free(memory);
}

static void the_self_check_sees_damage(void)
{
    void *memory;
    struct pmm *pmm = start(small_pc, SMALL_PC, 1, &memory);
    struct pmm_stats stats;
    uint64_t address, seen = 0, blind = 0;
    uint8_t *bytes = memory;

    CHECK(pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_OK);
    pmm_stats(pmm, &stats);
    /* The bitmap: of 64 blocks all but the ragged and the broken-up one are whole, so nearly each flip
     * contradicts. */
    for (size_t i = 0; i < stats.blocks * 64; i += 37) {
        struct pmm_fault fault = {0};
        const size_t at = (size_t)pmm->bitmap_at + i;

        bytes[at] ^= 0x10;
        if (pmm_check(pmm, &fault) == PMM_ERR_CORRUPT && fault.what)
            seen++;
        else
            blind++;
        bytes[at] ^= 0x10;
    }
    CHECK(pmm_check(pmm, NULL) == PMM_OK);
    CHECK(seen > 20 * blind);
    bytes[0] ^= 1; /* the magic */
    CHECK(pmm_check(pmm, NULL) == PMM_ERR_CORRUPT);
    free(memory);
}

/* ---- the façade ---- */

static uint8_t *physical; /* 64 MiB of pretended memory from address 0: only the structures and the metadata */
static struct told facade_told;
static uint64_t misused_address;
static enum pmm_status misused_status;

static void *map_physical(void *context, uint64_t address, uint64_t bytes)
{
    CHECK(context == &facade_told && address + bytes <= MIB(64));
    return physical + address;
}

static void on_misuse(void *context, uint64_t address, enum pmm_status status)
{
    (void)context;
    misused_address = address;
    misused_status = status;
}

static void write32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* The structure at 0x1000, its map of two entries at 0x2000: 640 KiB and [1 MiB, 64 MiB). */
static const struct multiboot_info *multiboot(uint32_t flags)
{
    memset(physical + 0x1000, 0, 0x2000);
    write32(physical + 0x1000, flags);
    write32(physical + 0x1000 + 44, 48);
    write32(physical + 0x1000 + 48, 0x2000);
    for (uint32_t i = 0; i < 2; i++) {
        write32(physical + 0x2000 + 24 * i, 20);
        write32(physical + 0x2004 + 24 * i, i ? 0x100000 : 0);
        write32(physical + 0x200c + 24 * i, i ? 0x3f00000 : 0xa0000);
        write32(physical + 0x2014 + 24 * i, 1);
    }
    return (const struct multiboot_info *)(const void *)(physical + 0x1000);
}

static void the_facade_serves_the_four_calls(void)
{
    const struct pmm_allocator_hooks hooks = {
        .context = &facade_told, .map = map_physical, .range = on_managed, .total = on_total, .misuse = on_misuse};
    uint32_t available;
    int64_t small, large;

    physical = aligned_alloc(4096, MIB(64));
    facade_told = (struct told){0};
    pmm_allocator_set_hooks(&hooks);
    CHECK(pmm_allocator_allocate(false) == -1 && pmm_allocator_get_total_available_frames() == 0);
    pmm_allocator_init(multiboot(1 << 6), MIB(4));
    available = pmm_allocator_get_total_available_frames();
    CHECK(available == facade_told.total && available == facade_told.frames);
    /* The frames of its metadata are taken from the map: planned before the place is cut out, so up to one more. */
    CHECK(available <= 60 * 256 - (facade_told.metadata + 4095) / 4096);
    CHECK(available >= 60 * 256 - (facade_told.metadata + 4095) / 4096 - 1);
    small = pmm_allocator_allocate(false);
    large = pmm_allocator_allocate(true);
    CHECK(small >= (int64_t)MIB(4) && large >= (int64_t)MIB(4) && large % (int64_t)MIB(2) == 0);
    CHECK(pmm_allocator_get_total_available_frames() == available - 513);
    pmm_allocator_release((uint64_t)large + 4096);
    CHECK(misused_status == PMM_ERR_SIZE && misused_address == (uint64_t)large + 4096);
    pmm_allocator_release((uint64_t)large);
    pmm_allocator_release((uint64_t)small);
    CHECK(pmm_allocator_get_total_available_frames() == available);
    pmm_allocator_release((uint64_t)small);
    CHECK(misused_status == PMM_ERR_DOUBLE_FREE);
    CHECK(pmm_check(pmm_allocator_instance(), NULL) == PMM_OK);

    misused_status = PMM_OK;
    pmm_allocator_init(multiboot(0), MIB(4)); /* no memory map */
    CHECK(misused_status == PMM_ERR_MAP && pmm_allocator_allocate(false) == -1);
    pmm_allocator_init(multiboot(1 << 6), MIB(64)); /* nothing left */
    CHECK(misused_status == PMM_ERR_NO_MEMORY && pmm_allocator_allocate(false) == -1);
    pmm_allocator_init(NULL, 0);
    CHECK(misused_status == PMM_ERR_ARGUMENT);
    pmm_allocator_release(0x400000);
    CHECK(misused_status == PMM_ERR_ARGUMENT && misused_address == 0x400000);
    pmm_allocator_set_hooks(NULL);
    free(physical);
}

static void metadata_goes_below_4_gib_and_spares_dma(void)
{
    const struct pmm_region pc[] = {{0, MIB(3072), 1}, {GIB(4), GIB(5), 1}};
    const struct pmm_region high[] = {{MIB(1), MIB(10), 1}, {GIB(4), GIB(5), 1}};
    const struct pmm_config config = {.cpus = 4};
    struct pmm_map map = pmm_map_from_regions(pc, 2);
    uint64_t base, bytes;

    CHECK(pmm_place_metadata(&map, &config, &base, &bytes) == PMM_OK);
    CHECK(base + bytes == MIB(3072) && base % 4096 == 0);
    map = pmm_map_from_regions(high, 2);
    CHECK(pmm_place_metadata(&map, &config, &base, &bytes) == PMM_OK && base == GIB(4));
    map = pmm_map_from_regions(high, 1);
    CHECK(pmm_place_metadata(&map, &config, &base, &bytes) == PMM_OK && base + bytes == MIB(11));
    map = pmm_map_from_regions(high, 0);
    CHECK(pmm_place_metadata(&map, &config, &base, &bytes) == PMM_ERR_NO_MEMORY);
}

static void every_status_has_a_name(void)
{
    for (int status = PMM_OK; status <= PMM_ERR_CORRUPT; status++)
        for (int other = PMM_OK; other < status; other++)
            CHECK(strcmp(pmm_status_name((enum pmm_status)status), pmm_status_name((enum pmm_status)other)) != 0);
    CHECK(strcmp(pmm_status_name((enum pmm_status)99), "unknown status") == 0);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"arguments are checked first", arguments_are_checked_first},
        {"start-up refuses what it cannot use", start_up_refuses_what_it_cannot_use},
        {"metadata can move", metadata_can_move},
        {"holes cost nothing", holes_cost_nothing},
        {"the budget holds for scattered frames", the_budget_holds_for_scattered_frames},
        {"start-up reports ranges, total and ignored entries", start_up_reports_ranges_total_and_ignored},
        {"the self-check sees damage", the_self_check_sees_damage},
        {"the facade serves the four calls", the_facade_serves_the_four_calls},
        {"metadata goes below 4 GiB and spares DMA memory", metadata_goes_below_4_gib_and_spares_dma},
        {"every status has a name", every_status_has_a_name},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
