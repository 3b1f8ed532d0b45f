/*
 * Random memory maps, small and full of edges: against marking every byte, and against themselves shuffled.
 */
#include "../ci/tests/test.h"
#include "model.h"

enum { USABLE = REGION_USABLE, RESERVED = REGION_RESERVED, RANGES = 3 };

/* A map, and what it points to. */
struct sample {
    struct memory_map map;
    struct region regions[8];
    struct range reserved[RANGES], later[RANGES];
};

static const uint64_t frame_limit = ADDRESS_LIMIT >> FRAME_SHIFT;

static uint64_t random_number(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static bool holds(uint64_t base, uint64_t length, uint64_t address)
{
    return address >= base && address - base < length;
}

static bool any_holds(const struct range *ranges, size_t count, uint64_t address)
{
    for (size_t i = 0; i < count; i++)
        if (holds(ranges[i].base, ranges[i].length, address))
            return true;
    return false;
}

/* What is said about one byte, by the rule's own words; SMALL: memory, and allocated from the start. */
static enum frame_state byte_state(const struct memory_map *map, uint64_t address)
{
    enum frame_state state = FRAME_HOLE;

    if (any_holds(map->reserved, map->reserved_count, address) || any_holds(&map->metadata, 1, address))
        return FRAME_RESERVED;
    for (size_t i = 0; i < map->count; i++) {
        const struct region *region = &map->regions[i];
        const bool wraps = region->length > 0 && region->base + (region->length - 1) < region->base;

        if (!holds(region->base, region->length, address))
            continue;
        if (region->type != USABLE && region->type != REGION_LATER)
            return FRAME_RESERVED;
        if (!wraps && state != FRAME_SMALL)
            state = region->type == USABLE ? FRAME_FREE : FRAME_SMALL;
    }
    if (state == FRAME_FREE && any_holds(map->later, map->later_count, address))
        state = FRAME_SMALL;
    return state;
}

static enum frame_state frame_by_bytes(const struct memory_map *map, uint64_t frame)
{
    uint64_t counts[FRAME_STATE_COUNT] = {0};

    for (uint64_t byte = 0; byte < FRAME_BYTES; byte++)
        counts[byte_state(map, (frame << FRAME_SHIFT) + byte)]++;
    if (counts[FRAME_HOLE] == FRAME_BYTES)
        return FRAME_HOLE;
    if (counts[FRAME_FREE] + counts[FRAME_SMALL] < FRAME_BYTES || frame == 0 ||
        frame << FRAME_SHIFT < map->reserved_below ||
        (map->managed_below != 0 && (frame + 1) << FRAME_SHIFT > map->managed_below))
        return FRAME_RESERVED;
    return counts[FRAME_SMALL] > 0 && !map->later_is_usable ? FRAME_SMALL : FRAME_FREE;
}

/* Both ends within `frames` frames from `first`, often on the same few bytes; now and then it wraps. */
static struct range random_range(uint64_t first, uint64_t frames, uint64_t *seed)
{
    uint64_t ends[2];

    for (int j = 0; j < 2; j++) {
        ends[j] = (first + random_number(seed) % frames) << FRAME_SHIFT;
        ends[j] += (uint64_t[]){0, 0, 0x800, 0x801, 0xfff}[random_number(seed) % 5];
    }
    if (ends[1] < ends[0] && (ends[1] == 0 || random_number(seed) % 16 != 0))
        ends[1] = ends[0] + FRAME_BYTES;
    return (struct range){ends[0], ends[1] - ends[0]};
}

static size_t random_map(struct region *regions, uint64_t first, uint64_t frames, uint64_t *seed)
{
    const uint32_t types[] = {USABLE, USABLE, USABLE, USABLE, REGION_LATER, RESERVED};
    const size_t count = random_number(seed) % 7;

    for (size_t i = 0; i < count; i++) {
        const struct range range = random_range(first, frames, seed);

        regions[i] = (struct region){range.base, range.length, types[random_number(seed) % 6]};
    }
    return count;
}

static void random_sample(struct sample *sample, uint64_t first, uint64_t frames, uint64_t *seed)
{
    struct memory_map *map = &sample->map;

    *map = (struct memory_map){.regions = sample->regions, .reserved = sample->reserved, .later = sample->later};
    map->count = random_map(sample->regions, first, frames, seed);
    map->reserved_count = random_number(seed) % (RANGES + 1) % RANGES; /* mostly few */
    map->later_count = random_number(seed) % (RANGES + 1);
    for (size_t i = 0; i < RANGES; i++) {
        sample->reserved[i] = random_range(first, frames / 4, seed);
        sample->later[i] = random_range(first, frames, seed);
    }
    if (random_number(seed) % 4 == 0)
        map->metadata = random_range(first, frames, seed);
    if (random_number(seed) % 4 == 0)
        map->reserved_below = (first << FRAME_SHIFT) + random_number(seed) % 0x4000;
    if (random_number(seed) % 4 == 0)
        map->managed_below = ((first + frames) << FRAME_SHIFT) - random_number(seed) % 0x4000;
    map->later_is_usable = random_number(seed) % 8 == 0;
}

/* How many frames are allocated from the start, counted one by one; each is number so many. */
static uint64_t count_later(const struct memory_map *map, uint64_t first, uint64_t end)
{
    uint64_t count = 0, address = 0;

    for (uint64_t frame = first; frame < end; frame++)
        if (map_frame(map, frame) == FRAME_SMALL)
            CHECK(map_later(map, 0, count++, &address) && address == frame << FRAME_SHIFT);
    CHECK(!map_later(map, 0, count, &address));
    return count;
}

static void random_maps_agree_with_marking_every_byte(void)
{
    const uint64_t frames = 8;
    const uint64_t firsts[] = {0, (DMA_LIMIT >> FRAME_SHIFT) - 4, (DMA32_LIMIT >> FRAME_SHIFT) - 4, frame_limit - 8};
    uint64_t seed = 1, later = 0;

    for (int round = 0; round < 1000; round++) {
        const uint64_t first = firsts[round % 4];
        struct sample sample;
        uint64_t managed = 0;

        random_sample(&sample, first, frames, &seed);
        for (uint64_t frame = first; frame < first + frames; frame++) {
            CHECK(map_frame(&sample.map, frame) == frame_by_bytes(&sample.map, frame));
            managed += map_frame(&sample.map, frame) >= FRAME_FREE;
        }
        const uint64_t above = first + frames; /* entries reach one frame above at most, unless they wrap */
        managed += above < frame_limit && map_frame(&sample.map, above) >= FRAME_FREE;
        CHECK(map_totals(&sample.map).managed == managed);
        CHECK(map_totals(&sample.map).later == count_later(&sample.map, first, above + (above < frame_limit)));
        later += map_totals(&sample.map).later;
    }
    CHECK(later > 0);
}

static void frames_are_alike_up_to_the_next_change(void)
{
    const uint64_t frames = 32;
    uint64_t seed = 2;

    for (int round = 0; round < 2000; round++) {
        struct sample sample;

        random_sample(&sample, 0, frames, &seed);
        for (uint64_t frame = 0; frame < frames + 2; frame++) {
            const uint64_t next = map_next_change(&sample.map, frame);

            CHECK(next > frame && next <= frame_limit);
            for (uint64_t other = frame + 1; other < next && other < frames + 2; other++)
                CHECK(map_frame(&sample.map, other) == map_frame(&sample.map, frame));
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
        const struct memory_map map = {.regions = regions, .count = count};
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
