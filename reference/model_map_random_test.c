/*
 * Random memory maps, small and full of edges: against marking every byte, and against themselves shuffled.
 */
#include "../ci/tests/test.h"
#include "model.h"

enum { USABLE = REGION_USABLE, RESERVED = REGION_RESERVED };

static const uint64_t frame_limit = ADDRESS_LIMIT >> FRAME_SHIFT;

static uint64_t random_number(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* What the entries say about one byte, by the rule's own words. */
static enum frame_state byte_state(const struct memory_map *map, uint64_t address)
{
    enum frame_state state = FRAME_HOLE;

    for (size_t i = 0; i < map->count; i++) {
        const struct region *region = &map->regions[i];
        const bool wraps = region->length > 0 && region->base + (region->length - 1) < region->base;

        if (address < region->base || address - region->base >= region->length)
            continue;
        if (region->type != USABLE)
            return FRAME_RESERVED;
        if (!wraps)
            state = FRAME_FREE;
    }
    return state;
}

static enum frame_state frame_by_bytes(const struct memory_map *map, uint64_t frame)
{
    uint64_t counts[FRAME_STATE_COUNT] = {0};

    for (uint64_t byte = 0; byte < FRAME_BYTES; byte++)
        counts[byte_state(map, (frame << FRAME_SHIFT) + byte)]++;
    if (counts[FRAME_HOLE] == FRAME_BYTES)
        return FRAME_HOLE;
    if (counts[FRAME_FREE] < FRAME_BYTES || frame == 0 || frame << FRAME_SHIFT < map->reserved_below)
        return FRAME_RESERVED;
    return FRAME_FREE;
}

/* A few entries whose ends lie within `frames` frames from `first`, often on the same few bytes. */
static size_t random_map(struct region *regions, uint64_t first, uint64_t frames, uint64_t *seed)
{
    const size_t count = random_number(seed) % 7;

    for (size_t i = 0; i < count; i++) {
        uint64_t ends[2];

        for (int j = 0; j < 2; j++) {
            ends[j] = (first + random_number(seed) % frames) << FRAME_SHIFT;
            ends[j] += (uint64_t[]){0, 0, 0x800, 0x801, 0xfff}[random_number(seed) % 5];
        }
        if (ends[1] < ends[0] && (ends[1] == 0 || random_number(seed) % 16 != 0)) /* otherwise it wraps */
            ends[1] = ends[0] + FRAME_BYTES;
        regions[i] = (struct region){ends[0], ends[1] - ends[0], random_number(seed) % 3 ? USABLE : RESERVED};
    }
    return count;
}

static void random_maps_agree_with_marking_every_byte(void)
{
    const uint64_t frames = 8;
    const uint64_t firsts[] = {0, (DMA_LIMIT >> FRAME_SHIFT) - 4, (DMA32_LIMIT >> FRAME_SHIFT) - 4, frame_limit - 8};
    uint64_t seed = 1;

    for (int round = 0; round < 400; round++) {
        const uint64_t first = firsts[round % 4];
        struct region regions[8];
        struct memory_map map = {regions, random_map(regions, first, frames, &seed), 0};
        uint64_t managed = 0;

        map.reserved_below = random_number(&seed) % 4 ? 0 : (first << FRAME_SHIFT) + random_number(&seed) % 0x4000;
        for (uint64_t frame = first; frame < first + frames; frame++) {
            CHECK(map_frame(&map, frame) == frame_by_bytes(&map, frame));
            managed += map_frame(&map, frame) == FRAME_FREE;
        }
        if (map.count > 0) { /* entries reach one frame above at most, unless they wrap */
            const uint64_t above = first + frames;
            managed += above < frame_limit && map_frame(&map, above) == FRAME_FREE;
            CHECK(map_totals(&map).managed == managed);
        }
    }
}

static void frames_are_alike_up_to_the_next_change(void)
{
    const uint64_t frames = 32;
    uint64_t seed = 2;

    for (int round = 0; round < 2000; round++) {
        struct region regions[8];
        const struct memory_map map = {regions, random_map(regions, 0, frames, &seed), random_number(&seed) % 0x8000};

        for (uint64_t frame = 0; frame < frames + 2; frame++) {
            const uint64_t next = map_next_change(&map, frame);

            CHECK(next > frame && next <= frame_limit);
            for (uint64_t other = frame + 1; other < next && other < frames + 2; other++)
                CHECK(map_frame(&map, other) == map_frame(&map, frame));
        }
    }
}

static bool totals_equal(const struct map_totals *a, const struct map_totals *b)
{
    return memcmp(a, b, sizeof(*a)) == 0; /* nothing but uint64_t in it */
}

static void the_order_of_entries_does_not_matter(void)
{
    uint64_t seed = 3;

    for (int round = 0; round < 500; round++) {
        struct region regions[8];
        const size_t count = random_map(regions, 0, 1500, &seed);
        const struct memory_map map = {regions, count, 0};
        const struct map_totals before = map_totals(&map);
        const enum frame_state probe = map_frame(&map, 700);

        for (size_t i = count; i > 1; i--) {
            const size_t j = random_number(&seed) % i;
            const struct region swap = regions[j];

            regions[j] = regions[i - 1];
            regions[i - 1] = swap;
        }
        const struct map_totals after = map_totals(&map);
        CHECK(totals_equal(&before, &after));
        CHECK(map_frame(&map, 700) == probe);
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"map: random maps agree with marking every byte", random_maps_agree_with_marking_every_byte},
        {"map: frames are alike up to the next change", frames_are_alike_up_to_the_next_change},
        {"map: the order of entries does not matter", the_order_of_entries_does_not_matter},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
