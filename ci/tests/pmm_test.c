/*
 * What of core/ no program of the suite can say: the start-up report, taking over moved metadata, the budget on large
 * maps, and that the self-check sees damage. The start from tables and ranges is start_test.c, the facade facade_test.c.
 */
#include <stdlib.h>

#include "test.h"
#include "../../core/pmm.h"
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
    const struct pmm_map nowhere = {NULL, 3, pmm_form_regions};
    struct pmm_config config = {.cpus = 1};
    struct pmm *pmm;
    uint64_t bytes;
    char *memory = aligned_alloc(64, 65536);

    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK && bytes < 65536);
    CHECK(pmm_init(memory, bytes - 25, &map, &config, &pmm) == PMM_ERR_METADATA); /* 24: room to cut a place out */
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
    const struct pmm_report report = {&told, on_ignored, on_managed, on_total};
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
        {"every status has a name", every_status_has_a_name},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
