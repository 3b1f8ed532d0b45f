/*
 * What memory maps mean, rule by rule, on hand-made maps. Random ones: model_map_random_test.c; real ones:
 * model_map_corpus_test.c.
 */
#include "../ci/tests/test.h"
#include "model.h"

enum { USABLE = REGION_USABLE, RESERVED = REGION_RESERVED };

static const uint64_t frame_limit = ADDRESS_LIMIT >> FRAME_SHIFT;

static struct memory_map map_of(const struct region *regions, size_t count)
{
    return (struct memory_map){.regions = regions, .count = count};
}

/* The states of the frames [first, first + strlen(states)) as letters: h(ole), r(eserved), f(ree). */
static bool frames_are(const struct memory_map *map, uint64_t first, const char *states)
{
    for (size_t i = 0; states[i]; i++) {
        if (frame_state_name(map_frame(map, first + i))[0] != states[i])
            return false;
    }
    return true;
}

static void neighbours_meet_inside_a_frame(void)
{
    const struct region meet[] = {{0x1000, 0x1800, USABLE}, {0x2800, 0x1800, USABLE}};
    const struct region gap[] = {{0x1000, 0x1800, USABLE}, {0x2801, 0x17ff, USABLE}};
    const struct region swapped[] = {meet[1], meet[0]};
    struct memory_map map = map_of(meet, 2);

    CHECK(frames_are(&map, 0, "hfffh"));
    map.regions = swapped;
    CHECK(frames_are(&map, 0, "hfffh"));
    map.regions = gap; /* one byte is nobody's */
    CHECK(frames_are(&map, 0, "hfrfh"));
}

static void partly_usable_frame_is_reserved(void)
{
    const struct region regions[] = {{0x1001, 0x1fff, USABLE}, {0x5000, 0x1, USABLE}};
    const struct memory_map map = map_of(regions, 2);

    CHECK(frames_are(&map, 0, "hrfhhrh"));
}

static void reserved_wins_over_usable_byte_by_byte(void)
{
    const struct region regions[] = {{0, 0x8000, USABLE}, {0x2fff, 0x1002, RESERVED}, {0x6000, 1, REGION_PMEM}};
    const struct memory_map map = map_of(regions, 3);

    CHECK(frames_are(&map, 0, "rfrrrfrfh"));
}

static void every_other_type_reserves(void)
{
    const uint32_t types[] = {0, 2, 3, 4, 5, 6, 7, 12, 16, 20, UINT32_C(0xefffffff), UINT32_MAX};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct region regions[] = {{0x1000, 0x3000, USABLE}, {0x2000, 0x1000, types[i]}};
        const struct memory_map map = map_of(regions, 2);

        CHECK(frames_are(&map, 0, "hfrfh"));
    }
}

static void wrapping_usable_entry_counts_for_nothing(void)
{
    const struct region wraps[] = {{0x2000, UINT64_MAX - 0x1000, USABLE}, {0x1000, 0x1000, USABLE}};
    const struct region fits[] = {{0x2000, UINT64_MAX - 0x1fff, USABLE}}; /* ends at 2^64 exactly */
    struct memory_map map = map_of(wraps, 2);

    CHECK(frames_are(&map, 0, "hfhh"));
    CHECK(map_totals(&map).managed == 1);
    map = map_of(fits, 1);
    CHECK(frames_are(&map, 0, "hhff"));
    CHECK(map_totals(&map).end == ADDRESS_LIMIT);
}

static void wrapping_reserved_entry_reserves_to_the_top(void)
{
    const struct region regions[] = {{0, UINT64_MAX, USABLE}, {0x3800, UINT64_MAX, RESERVED}};
    const struct memory_map map = map_of(regions, 2);

    CHECK(frames_are(&map, 0, "rffrrr"));
    CHECK(frames_are(&map, frame_limit - 1, "r"));
    CHECK(map_totals(&map).managed == 2);
}

static void empty_entries_count_for_nothing(void)
{
    const struct region regions[] = {{0x1800, 0, RESERVED}, {0x1000, 0x1000, USABLE}, {0x3000, 0, USABLE}};
    const struct memory_map map = map_of(regions, 3);
    const struct memory_map nothing = {.regions = NULL, .count = 0};

    CHECK(frames_are(&map, 0, "hfhh"));
    CHECK(map_frame(&nothing, 0) == FRAME_HOLE);
    CHECK(map_next_change(&nothing, 1) == frame_limit);
    CHECK(map_totals(&nothing).managed == 0 && map_totals(&nothing).end == 0);
}

static void frame_zero_is_never_managed(void)
{
    const struct region regions[] = {{0, 0x2000, USABLE}};
    const struct memory_map map = map_of(regions, 1);

    CHECK(frames_are(&map, 0, "rfh"));
}

static void no_frame_ends_above_the_address_limit(void)
{
    const struct region regions[] = {{ADDRESS_LIMIT - 0x2000, 0x4000, USABLE}};
    const struct memory_map map = map_of(regions, 1);
    const struct map_totals totals = map_totals(&map);

    CHECK(frames_are(&map, frame_limit - 3, "hff"));
    CHECK(totals.managed == 2 && totals.end == ADDRESS_LIMIT && totals.zone_managed[ZONE_NORMAL] == 2);
}

static void reserved_below_takes_the_frame_it_cuts(void)
{
    const struct region regions[] = {{0x1000, 0x4000, USABLE}};
    struct memory_map map = map_of(regions, 1);

    map.reserved_below = 0x3001;
    CHECK(frames_are(&map, 0, "hrrrfh"));
    map.reserved_below = 0x3000;
    CHECK(frames_are(&map, 0, "hrrffh"));
    map.reserved_below = UINT64_MAX;
    CHECK(frames_are(&map, 0, "hrrrrh"));
    CHECK(map_totals(&map).managed == 0);
}

static void totals_split_zones_and_blocks(void)
{
    const struct region regions[] = {
        {DMA_LIMIT - 0x1000, BLOCK_BYTES, USABLE},            /* a frame of one block, all but one of the next */
        {DMA_LIMIT + BLOCK_BYTES, 0x1000, USABLE},            /* one more, after a hole of one frame */
        {DMA32_LIMIT - 0x3000, BLOCK_BYTES, USABLE},          /* ends inside a block */
        {DMA32_LIMIT - 0x3000 + BLOCK_BYTES, 0x3000, USABLE}, /* makes it whole */
    };
    const struct memory_map map = map_of(regions, 4);
    const struct map_totals totals = map_totals(&map);

    CHECK(totals.zone_managed[ZONE_DMA] == 1);
    CHECK(totals.zone_managed[ZONE_DMA32] == 511 + 1 + 3);
    CHECK(totals.zone_managed[ZONE_NORMAL] == 512);
    CHECK(totals.managed == 1 + 511 + 1 + 3 + 512);
    CHECK(totals.blocks == 5 && totals.whole_blocks == 1);
    CHECK(totals.end == DMA32_LIMIT + BLOCK_BYTES);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"map: neighbours meet inside a frame", neighbours_meet_inside_a_frame},
        {"map: partly usable frame is reserved", partly_usable_frame_is_reserved},
        {"map: reserved wins over usable byte by byte", reserved_wins_over_usable_byte_by_byte},
        {"map: every other type reserves", every_other_type_reserves},
        {"map: wrapping usable entry counts for nothing", wrapping_usable_entry_counts_for_nothing},
        {"map: wrapping reserved entry reserves to the top", wrapping_reserved_entry_reserves_to_the_top},
        {"map: empty entries count for nothing", empty_entries_count_for_nothing},
        {"map: frame zero is never managed", frame_zero_is_never_managed},
        {"map: no frame ends above the address limit", no_frame_ends_above_the_address_limit},
        {"map: reserved below takes the frame it cuts", reserved_below_takes_the_frame_it_cuts},
        {"map: totals split zones and blocks", totals_split_zones_and_blocks},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
