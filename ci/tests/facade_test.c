/*
 * The facade: its four calls, and that what a Multiboot 1 loader left in memory survives the start and every use of
 * memory after it, wherever it lies. Physical memory is pretended: an array from address 0. Leaves out real loaders:
 * ci/boot/.
 */
#include <stdlib.h>

#include "test.h"
#include "../../core/pmm_allocator.h"

#define MIB(n) ((uint64_t)(n) << 20)

enum { FRAME = 4096 };

/* ---- pretended physical memory ---- */

static uint8_t *physical;
static uint64_t physical_bytes;
static uint64_t misused_address;
static enum pmm_status misused_status;

struct told {
    uint64_t frames, total, metadata;
};
static struct told told;

static void *map_physical(void *context, uint64_t address, uint64_t bytes)
{
    CHECK(context == &told);
    return address <= physical_bytes && bytes <= physical_bytes - address ? physical + address : NULL;
}

static void on_range(void *context, uint64_t base, uint64_t end)
{
    ((struct told *)context)->frames += (end - base) / FRAME;
}

static void on_total(void *context, uint64_t frames, uint64_t metadata)
{
    ((struct told *)context)->total = frames;
    ((struct told *)context)->metadata = metadata;
}

static void on_misuse(void *context, uint64_t address, enum pmm_status status)
{
    (void)context;
    misused_address = address;
    misused_status = status;
}

static void power_on(uint64_t bytes)
{
    const struct pmm_allocator_hooks hooks = {
        .context = &told, .map = map_physical, .range = on_range, .total = on_total, .misuse = on_misuse};

    physical_bytes = bytes;
    physical = aligned_alloc(FRAME, (size_t)bytes);
    memset(physical, 0, (size_t)bytes);
    pmm_allocator_set_hooks(&hooks);
}

static void power_off(void)
{
    pmm_allocator_set_hooks(NULL);
    free(physical);
}

static void start(uint32_t info, uint64_t reserved_memory)
{
    told = (struct told){0};
    misused_status = PMM_OK;
    pmm_allocator_init((const struct multiboot_info *)(const void *)(physical + info), reserved_memory);
}

/* ---- what a loader writes ---- */

enum { INFO = 0x1000, ENTRIES = 0x2000, FLAGS = 0 }; /* where, unless a test lays them elsewhere */

static void write16(uint64_t at, uint32_t value)
{
    physical[at] = (uint8_t)value;
    physical[at + 1] = (uint8_t)(value >> 8);
}

static void write32(uint64_t at, uint32_t value)
{
    write16(at, value);
    write16(at + 2, value >> 16);
}

static void write_entry(uint64_t at, uint32_t base, uint32_t length, uint32_t type)
{
    write32(at, 20);
    write32(at + 4, base);
    write32(at + 8, 0);
    write32(at + 12, length);
    write32(at + 16, 0);
    write32(at + 20, type);
}

/* The structure at `info`, its map of two entries at `entries`: 640 KiB and from 1 MiB to the end. */
static void load(uint32_t info, uint32_t entries, uint32_t flags)
{
    memset(physical + info, 0, flags & 1 << 12 ? 116 : 88);
    write32(info + FLAGS, flags | 1 << 6);
    write32(info + 44, 48);
    write32(info + 48, entries);
    write_entry(entries, 0, 0xa0000, 1);
    write_entry(entries + 24, 0x100000, (uint32_t)physical_bytes - 0x100000, 1);
}

/* ---- what must survive ---- */

enum { KEPT = 64 };
static struct pmm_range kept[KEPT];
static uint8_t *copies[KEPT];
static size_t kept_count;

static void keep(uint64_t base, uint64_t bytes)
{
    kept[kept_count++] = (struct pmm_range){base, bytes};
}

static bool is_kept(uint64_t frame)
{
    for (size_t i = 0; i < kept_count; i++)
        if (kept[i].length && kept[i].base < frame + FRAME && kept[i].base + kept[i].length > frame)
            return true;
    return false;
}

/* Frames that the facade must manage, by looking at each, but for those of the metadata. */
static uint64_t expected_frames(uint64_t reserved_memory)
{
    uint64_t count = 0;

    for (uint64_t frame = FRAME; frame < physical_bytes; frame += FRAME)
        if (frame >= reserved_memory && (frame + FRAME <= 0xa0000 || frame >= 0x100000) && !is_kept(frame))
            count++;
    return count;
}

static void copy_kept(void)
{
    for (size_t i = 0; i < kept_count; i++) {
        copies[i] = malloc((size_t)kept[i].length + 1);
        memcpy(copies[i], physical + kept[i].base, (size_t)kept[i].length);
    }
}

/* Starts, takes all memory and writes to each byte of it: the count is right, the kept bytes are as they were. */
static void nothing_is_lost(uint32_t info, uint64_t reserved_memory)
{
    const uint64_t expected = expected_frames(reserved_memory);
    uint64_t taken = 0, first = 0;
    int64_t frame;

    copy_kept();
    start(info, reserved_memory);
    CHECK(misused_status == PMM_OK);
    CHECK(told.total == told.frames && told.total + (told.metadata + FRAME - 1) / FRAME <= expected);
    CHECK(told.total + (told.metadata + 24 + FRAME - 1) / FRAME == expected);
    while ((frame = pmm_allocator_allocate(false)) >= 0) {
        memset(physical + frame, 0xee, FRAME);
        CHECK(!is_kept((uint64_t)frame));
        first = (uint64_t)frame;
        taken++;
    }
    CHECK(taken == told.total && pmm_allocator_get_total_available_frames() == 0);
    CHECK(pmm_check(pmm_allocator_instance(), NULL) == PMM_OK);
    pmm_allocator_release(first);
    CHECK(misused_status == PMM_OK && pmm_allocator_get_total_available_frames() == (taken > 0));
    for (size_t i = 0; i < kept_count; i++) {
        CHECK(memcmp(copies[i], physical + kept[i].base, (size_t)kept[i].length) == 0);
        free(copies[i]);
    }
    kept_count = 0;
}

/* ---- the tests ---- */

static void the_four_calls_serve(void)
{
    uint32_t available;
    int64_t small, large;

    CHECK(pmm_allocator_allocate(false) == -1 && pmm_allocator_get_total_available_frames() == 0);
    power_on(MIB(64));
    load(INFO, ENTRIES, 0);
    start(INFO, MIB(4));
    available = pmm_allocator_get_total_available_frames();
    CHECK(available == told.total && available == told.frames);
    small = pmm_allocator_allocate(false);
    large = pmm_allocator_allocate(true);
    CHECK(small >= (int64_t)MIB(4) && large >= (int64_t)MIB(4) && large % (int64_t)MIB(2) == 0);
    CHECK(pmm_allocator_get_total_available_frames() == available - 513);
    pmm_allocator_release((uint64_t)large + FRAME);
    CHECK(misused_status == PMM_ERR_SIZE && misused_address == (uint64_t)large + FRAME);
    pmm_allocator_release((uint64_t)large);
    pmm_allocator_release((uint64_t)small);
    CHECK(pmm_allocator_get_total_available_frames() == available);
    pmm_allocator_release((uint64_t)small);
    CHECK(misused_status == PMM_ERR_DOUBLE_FREE);
    CHECK(pmm_check(pmm_allocator_instance(), NULL) == PMM_OK);
    power_off();
}

static void a_start_that_fails_says_why_and_serves_nothing(void)
{
    power_on(MIB(8));
    load(INFO, ENTRIES, 0);
    start(INFO, MIB(8)); /* nothing left */
    CHECK(misused_status == PMM_ERR_NO_MEMORY && pmm_allocator_allocate(false) == -1);
    write32(INFO, 0); /* no memory map */
    start(INFO, 0);
    CHECK(misused_status == PMM_ERR_MAP && pmm_allocator_allocate(false) == -1);
    pmm_allocator_init(NULL, 0);
    CHECK(misused_status == PMM_ERR_ARGUMENT && pmm_allocator_allocate(true) == -1);
    pmm_allocator_release(0x400000);
    CHECK(misused_status == PMM_ERR_ARGUMENT && misused_address == 0x400000);
    power_off();
}

/* The metadata is a few KiB at the end of memory: things are laid at each of these offsets before that, the last at it. */
enum { OFFSETS = 1500, STEP = 8 };

static uint32_t laid_at(unsigned offset, uint32_t bytes)
{
    return (uint32_t)physical_bytes - (bytes + STEP - 1) / STEP * STEP - offset * STEP;
}

static void entries_survive_at_every_offset(void)
{
    power_on(MIB(2));
    for (unsigned offset = 0; offset < OFFSETS; offset++) {
        const uint32_t at = laid_at(offset, 48);

        memset(physical + MIB(1), 0, MIB(1));
        load(INFO, at, 0);
        keep(INFO, 88);
        keep(at, 48);
        nothing_is_lost(INFO, 0);
    }
    power_off();
}

static void the_structure_survives_at_every_offset(void)
{
    power_on(MIB(2));
    for (unsigned offset = 0; offset < OFFSETS; offset++) {
        const uint32_t at = laid_at(offset, 88);

        memset(physical + MIB(1), 0, MIB(1));
        load(at, ENTRIES, 0);
        keep(at, 88);
        keep(ENTRIES, 48);
        nothing_is_lost(at, 0);
    }
    power_off();
}

static void a_module_survives_at_every_offset(void)
{
    enum { MODULES = 0x3000, STRING = 0x4ffe, BYTES = 9000 };

    power_on(MIB(2));
    for (unsigned offset = 0; offset < OFFSETS; offset++) {
        const uint32_t at = laid_at(offset, BYTES);

        memset(physical + MIB(1), 0x33, MIB(1));
        load(INFO, ENTRIES, 1 << 3);
        write32(INFO + 20, 1);
        write32(INFO + 24, MODULES);
        write32(MODULES, at);
        write32(MODULES + 4, at + BYTES);
        write32(MODULES + 8, STRING);
        memcpy(physical + STRING, "ab", 3); /* across the end of a frame */
        keep(INFO, 88);
        keep(ENTRIES, 48);
        keep(MODULES, 16);
        keep(STRING, 3);
        keep(at, BYTES);
        nothing_is_lost(INFO, 0);
    }
    power_off();
}

/* Everything the structure can name, each at the top of memory in turn, the others in frames of their own. */
static void all_that_the_structure_names_survives(void)
{
    enum { THINGS = 15, AT = 0x10000 };

    power_on(MIB(2));
    for (unsigned high = 0; high < THINGS; high++) {
        uint32_t at[THINGS];

        memset(physical, 0, MIB(2));
        for (unsigned i = 0; i < THINGS; i++)
            at[i] = i == high ? (uint32_t)physical_bytes - 0x3000 : AT + i * 0x3000;
        load(INFO, ENTRIES, 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12);
        write32(INFO + 16, at[0]); /* command line */
        memcpy(physical + at[0], "root=/dev/ram0", 15);
        write32(INFO + 20, 2); /* modules */
        write32(INFO + 24, at[1]);
        for (unsigned i = 0; i < 2; i++) {
            write32(at[1] + 16 * i, at[2 + 2 * i]);
            write32(at[1] + 16 * i + 4, at[2 + 2 * i] + 0x1801);
            write32(at[1] + 16 * i + 8, at[3 + 2 * i]);
            memcpy(physical + at[3 + 2 * i], "initrd", 7);
            keep(at[2 + 2 * i], 0x1801);
            keep(at[3 + 2 * i], 7);
        }
        write32(INFO + 28, 3); /* ELF sections: none, one of the image, one that the loader put somewhere */
        write32(INFO + 32, 40);
        write32(INFO + 36, at[6]);
        write32(at[6] + 40 + 8, 2);
        write32(at[6] + 40 + 12, 0x150000);
        write32(at[6] + 40 + 20, 0x1000);
        write32(at[6] + 80 + 12, at[7]);
        write32(at[6] + 80 + 20, 0x1234);
        write32(INFO + 52, 0x100); /* drives */
        write32(INFO + 56, at[8]);
        write32(INFO + 60, at[9]); /* ROM configuration: 2 + 14 bytes */
        write16(at[9], 14);
        write32(INFO + 64, at[10]); /* name of the loader */
        memcpy(physical + at[10], "loader", 7);
        write32(INFO + 68, at[11]); /* APM */
        write32(INFO + 72, at[12]); /* VBE */
        write32(INFO + 76, at[13]);
        write16(INFO + 82, 0x9000);
        write16(INFO + 84, 0x800);
        write16(INFO + 86, 0x1000);
        write32(INFO + 88, at[14]); /* framebuffer: 10 lines of 0x321 bytes */
        write32(INFO + 96, 0x321);
        write32(INFO + 104, 10);
        physical[INFO + 109] = 1;
        keep(INFO, 116);
        keep(ENTRIES, 48);
        keep(at[0], 15);
        keep(at[1], 32);
        keep(at[6], 120);
        keep(at[7], 0x1234);
        keep(at[8], 0x100);
        keep(at[9], 16);
        keep(at[10], 7);
        keep(at[11], 20);
        keep(at[12], 512);
        keep(at[13], 256);
        keep(0x90800, 0x1000);
        keep(at[14], 0x321 * 10);
        nothing_is_lost(INFO, 0);
    }
    power_off();
}

static void aout_symbols_and_a_palette_survive(void)
{
    power_on(MIB(2));
    load(INFO, ENTRIES, 1 << 4 | 1 << 12);
    write32(INFO + 28, 0x900);
    write32(INFO + 32, 0x800);
    write32(INFO + 36, 0x1fe000);
    write32(INFO + 110, 0x1ff100);
    write16(INFO + 114, 256);
    keep(INFO, 116);
    keep(ENTRIES, 48);
    keep(0x1fe000, 4 + 0x900 + 4 + 0x800);
    keep(0x1ff100, 768);
    nothing_is_lost(INFO, 0);
    power_off();
}

static void many_modules_survive(void)
{
    enum { MODULES = 0x10000, COUNT = 1000 };
    uint64_t expected = 0;

    power_on(MIB(8));
    load(INFO, ENTRIES, 1 << 3);
    write32(INFO + 20, COUNT);
    write32(INFO + 24, MODULES);
    for (uint32_t i = 0; i < COUNT; i++) {
        write32(MODULES + 16 * i, 0x100000 + i * 0x1c00);
        write32(MODULES + 16 * i + 4, 0x100000 + i * 0x1c00 + 0x10);
        write32(MODULES + 16 * i + 8, 0x100000 + i * 0x1c00 + 8); /* inside it */
    }
    kept_count = 0;
    for (uint64_t frame = FRAME; frame < physical_bytes; frame += FRAME) {
        bool free = (frame < 0xa0000 || frame >= 0x100000) && frame / FRAME != 1 && frame / FRAME != 2 &&
                    !(frame >= 0x10000 && frame < 0x10000 + 16 * COUNT);

        for (uint64_t i = 0; i < COUNT; i++)
            if (0x100000 + i * 0x1c00 < frame + FRAME && 0x100000 + i * 0x1c00 + 0x10 > frame)
                free = false;
        expected += free;
    }
    start(INFO, 0);
    CHECK(misused_status == PMM_OK && told.total + (told.metadata + 24 + FRAME - 1) / FRAME == expected);
    power_off();
}

/* The byte that ends a string is alone in a frame. */
static void a_string_survives_with_its_end(void)
{
    power_on(MIB(2));
    load(INFO, ENTRIES, 1 << 2);
    write32(INFO + 16, 0x6000 - 8);
    memset(physical + 0x6000 - 8, 'x', 8);
    keep(INFO, 88);
    keep(ENTRIES, 48);
    keep(0x6000 - 8, 9);
    nothing_is_lost(INFO, 0);
    power_off();
}

/* Each is one word of a good structure changed. */
static void what_cannot_be_read_is_refused(void)
{
    static const struct {
        uint32_t flag, offset, value;
    } bad[] = {
        {1 << 6, 48, 0xfffffff0}, /* entries past 2^32 */
        {1 << 6, 48, 0x1fffff0},  /* not mapped */
        {1 << 6, 44, 47},         /* half an entry */
        {1 << 2, 16, 0x3000000},  /* command line: not mapped */
        {1 << 2, 16, 0x100000},   /* without an end */
        {1 << 9, 64, 0xffffffff}, /* name of the loader */
        {1 << 3, 20, 0xffffffff}, /* modules: too many */
        {1 << 3, 24, 0xfffffff8}, /* their list past 2^32 */
        {1 << 3, 24, 0x8000000},  /* not mapped */
        {1 << 5, 36, 0x8000000},  /* section headers: not mapped */
        {1 << 5, 32, 39},         /* too short */
        {1 << 5 | 1 << 4, 36, 0}, /* both kinds of symbols */
        {1 << 8, 60, 0x8000000},  /* configuration: not mapped */
    };

    power_on(MIB(2));
    memset(physical + MIB(1), 1, MIB(1)); /* no string ends here */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        load(INFO, ENTRIES, bad[i].flag);
        write32(INFO + 20, 1);
        write32(INFO + 24, 0x3000);
        write32(INFO + 28, 1);
        write32(INFO + 32, 40);
        write32(INFO + 36, 0x4000);
        write32(INFO + bad[i].offset, bad[i].value);
        start(INFO, 0);
        CHECK(misused_status == PMM_ERR_MAP && pmm_allocator_allocate(false) == -1);
    }
    load(INFO, ENTRIES, 1 << 3);
    write32(INFO + 20, 1);
    write32(INFO + 24, 0x3000);
    write32(0x3000, 0x5000); /* a module that ends before it starts */
    write32(0x3004, 0x4fff);
    start(INFO, 0);
    CHECK(misused_status == PMM_ERR_MAP);
    power_off();
}

static void the_metadata_stays_below_the_bound(void)
{
    const struct pmm_allocator_hooks hooks = {
        .context = &told, .map = map_physical, .total = on_total, .misuse = on_misuse, .metadata_below = 0x190000};
    struct pmm_stats stats;

    power_on(MIB(2));
    pmm_allocator_set_hooks(&hooks);
    load(INFO, ENTRIES, 0);
    start(INFO, 0);
    pmm_stats(pmm_allocator_instance(), &stats);
    CHECK((uint8_t *)pmm_allocator_instance() + stats.metadata <= physical + 0x190000);
    CHECK((uint8_t *)pmm_allocator_instance() + stats.metadata > physical + 0x18f000 - FRAME);
    start(INFO, 0x190000);
    CHECK(misused_status == PMM_ERR_NO_MEMORY);
    power_off();
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"the facade's four calls serve", the_four_calls_serve},
        {"a start that fails says why and serves nothing", a_start_that_fails_says_why_and_serves_nothing},
        {"the entries survive at every 8th offset around the metadata", entries_survive_at_every_offset},
        {"the structure survives at every 8th offset around the metadata", the_structure_survives_at_every_offset},
        {"a module survives at every 8th offset around the metadata", a_module_survives_at_every_offset},
        {"all that the structure names survives", all_that_the_structure_names_survives},
        {"a.out symbols and a palette survive", aout_symbols_and_a_palette_survive},
        {"a thousand modules survive", many_modules_survive},
        {"a string survives with its end", a_string_survives_with_its_end},
        {"what cannot be read is refused", what_cannot_be_read_is_refused},
        {"the metadata stays below the bound", the_metadata_stays_below_the_bound},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
