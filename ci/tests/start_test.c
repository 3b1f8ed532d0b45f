/*
 * The start: which frames are managed, managed later, reserved or in a hole, against a brute force that looks at each
 * byte, from tables in every form; where the metadata goes; memory that is given back later; damaged metadata. Leaves out
 * the facade (facade_test.c) and several CPUs (fuzz/).
 */
#include <stdlib.h>

#include "test.h"
#include "../../core/pmm_plan.h" /* to damage metadata and make its checksum right again */

#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

enum { FRAME = 4096 };

static uint64_t random_state = 1;

static uint64_t draw(uint64_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % below;
}

/* ---- the brute force: what is said of each byte of a few frames around a block's end ---- */

enum {
    SEEN_FIRST = 500,
    SEEN_FRAMES = 24,
    SEEN_BYTES = SEEN_FRAMES * FRAME,
    USABLE = 1,
    LATER = 2,
    RESERVED = 4,
    BARRED = 8
};

static uint8_t said[SEEN_BYTES];
static const uint64_t seen_base = (uint64_t)SEEN_FIRST * FRAME;

static void say(uint64_t first, uint64_t end, unsigned what)
{
    for (uint64_t at = first > seen_base ? first : seen_base; at < end && at < seen_base + SEEN_BYTES; at++)
        said[at - seen_base] |= (uint8_t)what;
}

static enum pmm_run_kind brute_kind(unsigned frame)
{
    unsigned any = 0, all = 15;

    for (unsigned i = 0; i < FRAME; i++) {
        any |= said[frame * FRAME + i];
        all &= said[frame * FRAME + i];
    }
    if (!(any & (USABLE | RESERVED)))
        return PMM_RUN_HOLE;
    if (any & (RESERVED | BARRED) || !(all & USABLE))
        return PMM_RUN_RESERVED;
    return any & LATER ? PMM_RUN_LATER : PMM_RUN_MANAGED;
}

/* ---- random starts ---- */

enum { ENTRIES = 12, RANGES = 3 };
static struct pmm_region regions[ENTRIES];
static struct pmm_range reserved[RANGES], later[RANGES];
static const struct pmm_range *sourced;

static bool from_source(void *context, uint64_t number, struct pmm_range *range)
{
    if (number >= *(size_t *)context)
        return false;
    *range = sourced[number];
    return true;
}

static struct pmm_range random_range(void)
{
    struct pmm_range range = {seen_base + draw(SEEN_BYTES), draw(SEEN_BYTES)};

    if (draw(2)) {
        range.base = range.base / FRAME * FRAME;
        range.length = range.length / FRAME * FRAME;
    }
    if (draw(2))
        range.length %= 5 * FRAME;
    if (draw(12) == 0)
        range.length = UINT64_MAX - draw(2) * 5 - draw(3) * range.base; /* to the top, and past it */
    return range;
}

static uint64_t end_of(struct pmm_range range)
{
    return range.length > UINT64_MAX - range.base ? UINT64_MAX : range.base + range.length;
}

/* Fills in regions, ranges and what they say; returns the number of regions. */
static size_t random_start(struct pmm_config *config, size_t *source_count)
{
    static const uint32_t types[] = {PMM_USABLE, PMM_USABLE, PMM_USABLE, PMM_USABLE, PMM_LATER, 2, 0x101, 61};
    const size_t count = 1 + draw(ENTRIES);

    memset(said, 0, sizeof said);
    for (size_t i = 0; i < count; i++) {
        const struct pmm_range range = random_range();
        const uint32_t type = types[draw(sizeof types / sizeof types[0])];
        const bool memory = type == PMM_USABLE || type == PMM_LATER;

        regions[i] = (struct pmm_region){range.base, range.length, type};
        if (!memory || range.length == 0 || range.base + (range.length - 1) >= range.base)
            say(range.base, end_of(range),
                type == PMM_USABLE  ? USABLE
                : type == PMM_LATER ? USABLE | LATER
                                    : RESERVED);
    }
    *config = (struct pmm_config){.cpus = 1 + (uint32_t)draw(3)};
    config->reserved_below = draw(2) ? seen_base + draw(SEEN_BYTES / 2) : 0;
    config->managed_below = draw(2) ? seen_base + SEEN_BYTES / 2 + draw(SEEN_BYTES / 2) : 0;
    config->reserved_count = draw(RANGES);
    config->later_count = draw(RANGES);
    for (size_t i = 0; i < RANGES; i++) {
        reserved[i] = random_range();
        later[i] = random_range();
        say(reserved[i].base, i < config->reserved_count ? end_of(reserved[i]) : 0, RESERVED);
        say(later[i].base, i < config->later_count ? end_of(later[i]) : 0, LATER);
    }
    config->reserved = reserved;
    config->later = later;
    if (draw(2)) { /* the same ranges by another way */
        *source_count = config->reserved_count;
        sourced = reserved;
        config->reserved_count = 0;
        config->more_reserved.context = source_count;
        config->more_reserved.range = from_source;
    }
    say(0, config->reserved_below, BARRED);
    say(config->managed_below ? config->managed_below : UINT64_MAX, UINT64_MAX, BARRED);
    return count;
}

static struct pmm *start(const struct pmm_map *map, const struct pmm_config *config, void **memory)
{
    struct pmm *pmm = NULL;
    uint64_t bytes;

    *memory = NULL;
    if (pmm_metadata_size(map, config, &bytes) == PMM_OK && bytes < MIB(64) &&
        posix_memalign(memory, 64, (size_t)bytes) == 0) {
        memset(*memory, 0xa5, (size_t)bytes);
        CHECK(pmm_init(*memory, bytes, map, config, &pmm) == PMM_OK);
    }
    return pmm;
}

/* Each seen frame is what its bytes say, and the instance is sound. */
static void frames_are_right(const struct pmm *pmm)
{
    static const enum pmm_frame_state states[] = {
        [PMM_RUN_HOLE] = PMM_FRAME_HOLE,
        [PMM_RUN_RESERVED] = PMM_FRAME_RESERVED,
        [PMM_RUN_MANAGED] = PMM_FRAME_FREE,
        [PMM_RUN_LATER] = PMM_FRAME_SMALL,
    };
    struct pmm_fault fault = {0};

    for (unsigned i = 0; i < SEEN_FRAMES; i++)
        CHECK(pmm_query(pmm, seen_base + i * FRAME) == states[brute_kind(i)]);
    CHECK(pmm_check(pmm, &fault) == PMM_OK);
}

static void each_frame_is_what_its_bytes_say(void)
{
    for (unsigned round = 0; round < 1500; round++) {
        struct pmm_config config;
        size_t source_count;
        const size_t count = random_start(&config, &source_count);
        const struct pmm_map map = pmm_map_from_regions(regions, count);
        void *memory;
        struct pmm *pmm;

        if (!config.managed_below) /* entries to the top of 2^52 want more metadata than a test has */
            continue;
        pmm = start(&map, &config, &memory);
        CHECK(pmm);
        if (pmm)
            frames_are_right(pmm);
        free(memory);
    }
}

/* ---- tables in every form ---- */

static uint8_t table[ENTRIES * 80];
static const void *pointers[ENTRIES];

static void write_number(uint8_t *at, uint64_t value, unsigned bytes)
{
    while (bytes--) {
        *at++ = (uint8_t)value;
        value >>= 8;
    }
}

struct spelled {
    const struct pmm_form *form;
    uint32_t stride;
    uint32_t usable, later, other; /* types */
};

/* Writes the regions in a form; returns the bytes of the table. */
static size_t spell(const struct spelled *as, size_t count)
{
    const struct pmm_form *form = as->form;
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        uint8_t *entry = table + at;
        const uint32_t type = regions[i].type == PMM_USABLE  ? as->usable
                              : regions[i].type == PMM_LATER ? as->later
                                                             : as->other;

        memset(entry, 0xcc, as->stride);
        if (form->stride == 0)
            write_number(entry, as->stride - 4, 4);
        write_number(entry + form->base_at, regions[i].base, form->base_bytes);
        write_number(entry + form->length_at, regions[i].length >> form->length_shift, form->length_bytes);
        write_number(entry + form->type_at, type, form->type_bytes);
        pointers[i] = entry;
        at += as->stride;
    }
    return form->flags & PMM_FORM_POINTERS ? count * sizeof pointers[0] : at;
}

static void every_form_says_the_same(void)
{
    static const struct spelled forms[] = {
        {&pmm_form_multiboot, 24, 1, 99, 2},  {&pmm_form_multiboot, 31, 1, 99, 0x101},
        {&pmm_form_multiboot2, 24, 1, 99, 3}, {&pmm_form_multiboot2, 40, 1, 99, 3},
        {&pmm_form_e820, 20, 1, 99, 12},      {&pmm_form_pvh, 24, 1, 99, 5},
        {&pmm_form_efi, 40, 7, 4, 0},         {&pmm_form_efi, 48, 7, 9, 0x107},
        {&pmm_form_limine, 24, 0, 5, 1},
    };

    for (unsigned round = 0; round < 900; round++) {
        const struct spelled *as = &forms[round % (sizeof forms / sizeof forms[0])];
        struct pmm_config config;
        size_t source_count;
        const size_t count = random_start(&config, &source_count);
        struct pmm_form form = *as->form;
        struct pmm_map map;
        void *memory;
        struct pmm *pmm;

        memset(said, 0, sizeof said);
        for (size_t i = 0; i < count; i++) { /* whole pages, no wrapping, and only types that the form can say */
            regions[i].base = regions[i].base / FRAME * FRAME;
            regions[i].length = regions[i].length % SEEN_BYTES / FRAME * FRAME;
            if (regions[i].type == PMM_LATER && as->later == 99)
                regions[i].type = PMM_USABLE;
            say(regions[i].base, regions[i].base + regions[i].length,
                regions[i].type == PMM_USABLE  ? USABLE
                : regions[i].type == PMM_LATER ? USABLE | LATER
                                               : RESERVED);
        }
        config = (struct pmm_config){.cpus = 1};
        if (form.stride)
            form.stride = as->stride;
        CHECK(pmm_map_from_table(form.flags & PMM_FORM_POINTERS ? (const void *)pointers : table, spell(as, count),
                                 &form, &map) == PMM_OK);
        pmm = start(&map, &config, &memory);
        CHECK(pmm);
        if (pmm)
            frames_are_right(pmm);
        free(memory);
    }
}

static void broken_tables_are_refused(void)
{
    struct pmm_form form = pmm_form_efi;
    struct pmm_map map;

    memset(table, 0, sizeof table);
    CHECK(pmm_map_from_table(table, 47, &form, &map) == PMM_ERR_MAP);
    form.stride = 31; /* its numbers end at 32 */
    CHECK(pmm_map_from_table(table, 62, &form, &map) == PMM_ERR_MAP);
    CHECK(pmm_map_from_table(table, 0, &form, &map) == PMM_OK);
    form.stride = 0xffffffff;
    CHECK(pmm_map_from_table(table, 48, &form, &map) == PMM_ERR_MAP);
    form = pmm_form_e820;
    form.length_bytes = 3;
    CHECK(pmm_map_from_table(table, 40, &form, &map) == PMM_ERR_ARGUMENT);
    form = pmm_form_e820;
    form.later = form.usable;
    CHECK(pmm_map_from_table(table, 40, &form, &map) == PMM_ERR_ARGUMENT);
    CHECK(pmm_map_from_table(NULL, 40, &pmm_form_e820, &map) == PMM_ERR_ARGUMENT);
    CHECK(pmm_map_from_table(table, 40, NULL, &map) == PMM_ERR_ARGUMENT);
    CHECK(pmm_map_from_table(table, 40, &pmm_form_e820, NULL) == PMM_ERR_ARGUMENT);
    pointers[0] = NULL;
    CHECK(pmm_map_from_table(pointers, sizeof pointers[0], &pmm_form_limine, &map) == PMM_ERR_MAP);
    CHECK(pmm_map_from_table((char *)pointers + 1, sizeof pointers[0], &pmm_form_limine, &map) == PMM_ERR_ARGUMENT);
    CHECK(pmm_map_from_multiboot(NULL, 24, &map) == PMM_ERR_ARGUMENT);
    write_number(table, 19, 4);
    CHECK(pmm_map_from_multiboot(table, 23, &map) == PMM_ERR_MAP);
    write_number(table, 0xfffffffc, 4);
    CHECK(pmm_map_from_multiboot(table, 24, &map) == PMM_ERR_MAP);
}

/* Pages are a unit in which lengths pass 2^64. */
static void lengths_in_pages_wrap_as_bytes_do(void)
{
    static const struct {
        uint64_t base, pages;
        bool managed; /* its frame at 1 MiB */
    } wraps[] = {
        {0, UINT64_C(1) << 52, true},
        {0, (UINT64_C(1) << 52) + 1, false},
        {MIB(1), UINT64_C(1) << 52, false},
        {MIB(1), (UINT64_C(1) << 52) - 256, true},
        {MIB(1), (UINT64_C(1) << 52) - 255, false},
    };
    const struct spelled as = {&pmm_form_efi, 48, 7, 4, 0};

    for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++) {
        struct pmm_config config = {.cpus = 1, .managed_below = MIB(2)};
        struct pmm_map map;
        void *memory;
        struct pmm *pmm;

        regions[0] = (struct pmm_region){wraps[i].base, 0, PMM_USABLE};
        CHECK(pmm_map_from_table(table, spell(&as, 1), &pmm_form_efi, &map) == PMM_OK);
        write_number(table + pmm_form_efi.length_at, wraps[i].pages, 8);
        pmm = start(&map, &config, &memory);
        CHECK(pmm && (pmm_query(pmm, MIB(1)) == PMM_FRAME_FREE) == wraps[i].managed);
        free(memory);
    }
}

/* ---- the place of the metadata ---- */

static void metadata_goes_below_4_gib_and_spares_dma(void)
{
    const struct pmm_region pc[] = {{0, MIB(3072), 1}, {GIB(4), GIB(5), 1}};
    const struct pmm_region high[] = {{MIB(1), MIB(10), 1}, {GIB(4), GIB(5), 1}};
    struct pmm_config config = {.cpus = 4};
    const struct pmm_range *place = &config.metadata;
    struct pmm_map map = pmm_map_from_regions(pc, 2);

    CHECK(pmm_place_metadata(&map, &config) == PMM_OK);
    CHECK(place->base + place->length == MIB(3072) && place->base % FRAME == 0 && place->length % FRAME == 0);
    config.place_below = GIB(1) + 0x123;
    CHECK(pmm_place_metadata(&map, &config) == PMM_OK && place->base + place->length == GIB(1));
    config.place_below = MIB(16) + 0x2000; /* not enough above the DMA memory */
    CHECK(pmm_place_metadata(&map, &config) == PMM_OK && place->base + place->length == MIB(16) + 0x2000);
    config.place_above = MIB(16);
    CHECK(pmm_place_metadata(&map, &config) == PMM_ERR_NO_MEMORY);
    config.place_below = 0;
    config.place_above = GIB(6) + 1;
    CHECK(pmm_place_metadata(&map, &config) == PMM_OK && place->base == GIB(6) + FRAME);
    config.place_above = 0;
    map = pmm_map_from_regions(high, 2);
    CHECK(pmm_place_metadata(&map, &config) == PMM_OK && place->base == GIB(4));
    map = pmm_map_from_regions(high, 1);
    CHECK(pmm_place_metadata(&map, &config) == PMM_OK && place->base + place->length == MIB(11));
    map = pmm_map_from_regions(high, 0);
    CHECK(pmm_place_metadata(&map, &config) == PMM_ERR_NO_MEMORY);
    config.cpus = 0;
    CHECK(pmm_place_metadata(&map, &config) == PMM_ERR_ARGUMENT);
}

/* Whatever the map: placed in frames that would be free, inside the bounds, long enough, and reserved then. */
static void the_placed_metadata_is_where_it_may_be(void)
{
    for (unsigned round = 0; round < 1500; round++) {
        struct pmm_config config;
        size_t source_count;
        const size_t count = random_start(&config, &source_count);
        const struct pmm_map map = pmm_map_from_regions(regions, count);
        enum pmm_status status;
        struct pmm *pmm;
        void *memory;

        if (!config.managed_below)
            config.managed_below = seen_base + SEEN_BYTES;
        config.place_above = draw(2) ? seen_base + draw(SEEN_BYTES / 2) : 0;
        config.place_below = draw(2) ? seen_base + SEEN_BYTES / 2 + draw(SEEN_BYTES / 2) : 0;
        status = pmm_place_metadata(&map, &config);
        CHECK(status == PMM_OK || status == PMM_ERR_NO_MEMORY);
        if (status != PMM_OK)
            continue;
        CHECK(config.metadata.base >= config.place_above);
        CHECK(!config.place_below || config.metadata.base + config.metadata.length <= config.place_below);
        for (uint64_t at = config.metadata.base; at < config.metadata.base + config.metadata.length; at += FRAME)
            if (at >= seen_base)
                CHECK(brute_kind((unsigned)(at / FRAME) - SEEN_FIRST) == PMM_RUN_MANAGED);
        memory = aligned_alloc(64, (size_t)config.metadata.length);
        CHECK(pmm_init(memory, config.metadata.length, &map, &config, &pmm) == PMM_OK);
        say(config.metadata.base, config.metadata.base + config.metadata.length, RESERVED);
        say(seen_base + SEEN_BYTES, UINT64_MAX, BARRED);
        frames_are_right(pmm);
        free(memory);
    }
}

static void the_size_holds_wherever_the_metadata_is(void)
{
    for (unsigned round = 0; round < 1500; round++) {
        struct pmm_config config;
        size_t source_count;
        const size_t count = random_start(&config, &source_count);
        const struct pmm_map map = pmm_map_from_regions(regions, count);
        struct pmm *pmm;
        uint64_t bytes;
        void *memory;

        config.managed_below = seen_base + SEEN_BYTES;
        CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK);
        memory = aligned_alloc(64, (size_t)(bytes + 63) & ~(size_t)63);
        config.metadata = (struct pmm_range){seen_base + draw(SEEN_BYTES), bytes};
        CHECK(pmm_init(memory, bytes, &map, &config, &pmm) == PMM_OK);
        free(memory);
    }
}

static void metadata_over_what_is_still_read_is_refused(void)
{
    const struct pmm_region region = {MIB(1), MIB(4), 1};
    const struct pmm_range range = {MIB(1), FRAME};
    struct pmm_config config = {.cpus = 1, .reserved = &range, .reserved_count = 1};
    uint8_t *memory = aligned_alloc(64, 16384), *copy = malloc(16384);
    struct pmm *pmm;

    for (size_t at = 0; at < 2048; at += 8) {
        struct pmm_map map = pmm_map_from_regions(&region, 1);
        uint64_t bytes;

        memset(memory, 0, 16384);
        CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK);
        map.entries = memcpy(memory + at, &region, sizeof region);
        memcpy(copy, memory, 16384);
        CHECK(pmm_init(memory, 16384, &map, &config, &pmm) == (at < bytes - 24 ? PMM_ERR_ARGUMENT : PMM_OK));
        CHECK(at >= bytes - 24 || memcmp(copy, memory, 16384) == 0);
        map = pmm_map_from_regions(&region, 1);
        config.reserved = memcpy(memory + at, &range, sizeof range);
        CHECK(pmm_init(memory, 16384, &map, &config, &pmm) == (at < bytes - 24 ? PMM_ERR_ARGUMENT : PMM_OK));
        config.reserved = &range;
    }
    config.metadata = (struct pmm_range){MIB(2), 256}; /* shorter than what is needed: the rest would be handed out */
    {
        const struct pmm_map map = pmm_map_from_regions(&region, 1);
        CHECK(pmm_init(memory, 16384, &map, &config, &pmm) == PMM_ERR_METADATA);
    }
    free(copy);
    free(memory);
}

/* ---- memory that is given back later ---- */

static uint64_t free_frames(const struct pmm *pmm)
{
    struct pmm_stats stats;

    pmm_stats(pmm, &stats);
    return stats.total.free;
}

/* Four blocks from 4 MiB on; the second and the third are later, and some frames of the fourth. */
static struct pmm *start_with_later(void **memory)
{
    static const struct pmm_region region = {MIB(4), MIB(8), 1};
    static const struct pmm_range ranges[] = {{MIB(6), MIB(3)}, {MIB(9), MIB(1)}, {MIB(10) + 0x8001, 2 * FRAME}};
    const struct pmm_map map = pmm_map_from_regions(&region, 1);
    const struct pmm_config config = {.cpus = 1, .later = ranges, .later_count = 3};

    return start(&map, &config, memory);
}

static void later_blocks_come_back_whole(void)
{
    void *memory;
    struct pmm *pmm = start_with_later(&memory);
    uint64_t address, word[8];
    bool large;

    CHECK(free_frames(pmm) == 512 + 509 && pmm_whole_blocks(pmm) == 1);
    CHECK(pmm_query(pmm, MIB(6)) == PMM_FRAME_SMALL && pmm_query(pmm, MIB(10) - 1) == PMM_FRAME_SMALL);
    CHECK(pmm_query_block(pmm, MIB(8), word, &large) && !large && word[0] == 0 && word[7] == 0);
    CHECK(pmm_free(pmm, MIB(6), 9) == PMM_OK);
    CHECK(pmm_query(pmm, MIB(6)) == PMM_FRAME_FREE && free_frames(pmm) == 1024 + 509 && pmm_whole_blocks(pmm) == 2);
    CHECK(pmm_free(pmm, MIB(6), 9) == PMM_ERR_DOUBLE_FREE && pmm_free(pmm, MIB(6), 0) == PMM_ERR_DOUBLE_FREE);
    CHECK(pmm_alloc(pmm, 9, PMM_ANY, &address) == PMM_OK && pmm_alloc(pmm, 9, PMM_ANY, &address) == PMM_OK);
    CHECK(pmm_alloc(pmm, 9, PMM_ANY, &address) == PMM_ERR_NO_MEMORY);
    CHECK(pmm_free(pmm, MIB(6), 0) == PMM_ERR_SIZE && pmm_free(pmm, MIB(6), 9) == PMM_OK);
    CHECK(pmm_check(pmm, NULL) == PMM_OK);
    free(memory);
}

static void later_blocks_come_back_frame_by_frame(void)
{
    void *memory;
    struct pmm *pmm = start_with_later(&memory);
    uint64_t frames = 512 + 509;

    for (unsigned i = 0; i < 512; i++) {
        const uint64_t frame = MIB(8) + (i * 321 + 63) % 512 * FRAME; /* the last one of a word first */

        CHECK(i % 3 ? pmm_free(pmm, frame, 0) == PMM_OK : pmm_release(pmm, frame) == PMM_OK);
        CHECK(pmm_query(pmm, frame) == PMM_FRAME_FREE && free_frames(pmm) == ++frames);
        CHECK(pmm_free(pmm, frame, 0) == PMM_ERR_DOUBLE_FREE);
        if (i < 511)
            CHECK(pmm_free(pmm, MIB(8), 9) ==
                  (pmm_query(pmm, MIB(8)) == PMM_FRAME_FREE ? PMM_ERR_DOUBLE_FREE : PMM_ERR_SIZE));
        CHECK(pmm_check(pmm, NULL) == PMM_OK);
    }
    CHECK(pmm_whole_blocks(pmm) == 2);
    CHECK(pmm_release(pmm, MIB(6)) == PMM_OK && free_frames(pmm) == frames + 1); /* a frame, not the block */
    CHECK(pmm_free(pmm, MIB(6), 9) == PMM_ERR_DOUBLE_FREE);
    free(memory);
}

static void later_frames_are_handed_out_once_they_are_back(void)
{
    void *memory;
    struct pmm *pmm = start_with_later(&memory);
    uint64_t address, taken = 0;

    while (pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_OK) {
        CHECK(address < MIB(6) ||
              (address >= MIB(10) && (address < MIB(10) + 0x8000 || address >= MIB(10) + 0xb000)));
        taken++;
    }
    CHECK(taken == 512 + 509 && pmm_check(pmm, NULL) == PMM_OK);
    for (uint64_t frame = 0; frame < 3; frame++) {
        CHECK(pmm_free(pmm, MIB(10) + 0x8000 + frame * FRAME, 0) == PMM_OK);
        CHECK(pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_OK && address == MIB(10) + 0x8000 + frame * FRAME);
    }
    for (unsigned word = 8; word-- > 0;) { /* the last frames only, then others */
        CHECK(pmm_free(pmm, MIB(6) + (word * 64 + 63) * FRAME, 0) == PMM_OK);
        CHECK(pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_OK && address == MIB(6) + (word * 64 + 63) * FRAME);
    }
    CHECK(pmm_free(pmm, MIB(6) + 5 * FRAME, 0) == PMM_OK && pmm_free(pmm, MIB(6) + 70 * FRAME, 0) == PMM_OK);
    CHECK(pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_OK && pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_OK);
    CHECK(pmm_alloc(pmm, 0, PMM_ANY, &address) == PMM_ERR_NO_MEMORY && pmm_check(pmm, NULL) == PMM_OK);
    free(memory);
}

/* ---- damaged metadata ---- */

/* Calls of every kind: none may read or write outside the metadata, whatever it holds. */
static void call_everything(struct pmm *pmm)
{
    uint64_t address[4] = {0}, words[8];
    struct pmm_stats stats;
    bool large;

    for (unsigned i = 0; i < 40; i++) {
        pmm_alloc(pmm, i % 3 ? 0 : 9, i % 5 % 3, &address[i % 4]);
        pmm_free(pmm, address[i * 7 % 4], i % 4 ? 0 : 9);
        pmm_release(pmm, MIB(2) + i * 0x33000);
        pmm_query(pmm, i * 0x73000);
        pmm_query_block(pmm, i * 0x73000, words, &large);
    }
    pmm_stats(pmm, &stats);
    pmm_whole_blocks(pmm);
}

static void make_checksums_right(struct pmm *image, uint64_t bytes, uint64_t segments_at)
{
    if (image->bytes == bytes && image->segments_at == segments_at)
        image->tables_checksum = pmm_checksum_tables(image);
    image->checksum = pmm_checksum_head(image);
}

/* Damages some bytes of an image, often with the checksum made right again; attach and check notice, or calls are safe. */
static void no_damage_leads_out_of_bounds(void)
{
    static const struct pmm_region map_regions[] = {{0, 0x9fc00, 1},
                                                    {MIB(2), MIB(5), 1},
                                                    {MIB(12), MIB(9), 1},
                                                    {GIB(4), MIB(4) + 0x3000, 1},
                                                    {GIB(30), 0x5000, 1}};
    static const struct pmm_range range = {MIB(14), MIB(4)};
    const struct pmm_map map = pmm_map_from_regions(map_regions, 5);
    const struct pmm_config config = {.cpus = 2, .later = &range, .later_count = 1};
    unsigned refused = 0, noticed = 0;
    uint64_t bytes;
    void *memory;
    struct pmm *pmm = start(&map, &config, &memory);
    uint8_t *image, *sound;

    call_everything(pmm);
    CHECK(pmm_check(pmm, NULL) == PMM_OK);
    bytes = pmm->bytes;
    image = aligned_alloc(64, (size_t)(bytes + 63) & ~(size_t)63);
    sound = memcpy(malloc((size_t)bytes), pmm, (size_t)bytes);
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t *exact = NULL; /* as long as it says, so that a sanitizer sees each byte beyond */
        const uint64_t at = draw(3) ? draw(bytes) : draw(sizeof(struct pmm) + 256);
        struct pmm *attached = NULL;

        memcpy(image, sound, (size_t)bytes);
        if (draw(2))
            image[at] ^= (uint8_t)(1u << draw(8));
        else
            for (uint64_t i = 0; i < 8 && at + i < bytes; i++)
                image[at + i] = (uint8_t)(draw(3) ? draw(256) : draw(2) * 0xff);
        if (draw(2))
            make_checksums_right((struct pmm *)(void *)image, bytes, pmm->segments_at);
        if (posix_memalign((void **)&exact, 64, (size_t)bytes) != 0)
            break;
        memcpy(exact, image, (size_t)bytes);
        if (pmm_attach(exact, bytes, &attached) != PMM_OK)
            refused++;
        else if (pmm_check(attached, NULL) != PMM_OK)
            noticed++;
        else
            call_everything(attached);
        free(exact);
    }
    CHECK(refused > 2000 && noticed > 2000);
    free(sound);
    free(image);
    free(memory);
}

static void every_changed_word_that_never_changes_is_corrupt(void)
{
    void *memory;
    struct pmm *pmm = start_with_later(&memory), *attached;
    uint64_t *words = memory;

    for (size_t i = 0; i < pmm->bytes / 8; i++) {
        const bool changes = i * 8 >= offsetof(struct pmm, hints_raised) && i * 8 < pmm->segments_at;

        words[i] ^= UINT64_C(1) << (i % 64);
        if (!changes)
            CHECK(pmm_attach(memory, UINT64_MAX / 2, &attached) == PMM_ERR_CORRUPT &&
                  pmm_check(pmm, NULL) == PMM_ERR_CORRUPT);
        words[i] ^= UINT64_C(1) << (i % 64);
    }
    CHECK(pmm_attach(memory, pmm->bytes, &attached) == PMM_OK && pmm_check(attached, NULL) == PMM_OK);
    CHECK(pmm_attach(memory, pmm->bytes - 1, &attached) == PMM_ERR_METADATA);
    free(memory);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"each frame is what its bytes say", each_frame_is_what_its_bytes_say},
        {"every form of a table says the same", every_form_says_the_same},
        {"broken tables are refused", broken_tables_are_refused},
        {"lengths in pages wrap as bytes do", lengths_in_pages_wrap_as_bytes_do},
        {"metadata goes below 4 GiB and spares DMA memory", metadata_goes_below_4_gib_and_spares_dma},
        {"the placed metadata is where it may be", the_placed_metadata_is_where_it_may_be},
        {"the size holds wherever the metadata is", the_size_holds_wherever_the_metadata_is},
        {"metadata over what is still read is refused", metadata_over_what_is_still_read_is_refused},
        {"later blocks come back whole", later_blocks_come_back_whole},
        {"later blocks come back frame by frame", later_blocks_come_back_frame_by_frame},
        {"later frames are handed out once they are back", later_frames_are_handed_out_once_they_are_back},
        {"no damage leads out of bounds", no_damage_leads_out_of_bounds},
        {"every changed word of what never changes is corrupt", every_changed_word_that_never_changes_is_corrupt},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
