/*
 * Where an allocator puts its metadata in memory of the map: free at the start, within the bounds, and of all such places
 * the one that the contract names. From then on those frames are reserved, in the model as well.
 */
#include "state.h"

/* In the order in which they are tried, in bytes, and whether the highest place is wanted, or the lowest. */
static const struct {
    uint64_t base, end;
    bool high;
} bands[] = {
    {DMA_LIMIT, DMA32_LIMIT, true},
    {DMA32_LIMIT, ADDRESS_LIMIT, false},
    {0, DMA_LIMIT, true},
};

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The next run of frames at or above `from`, in bytes, that are free at the start. */
static bool next_free(const struct memory_map *map, uint64_t from, uint64_t *base, uint64_t *end)
{
    uint64_t frame = from >> FRAME_SHIFT, frames = ADDRESS_LIMIT >> FRAME_SHIFT;

    while (frame < frames && map_frame(map, frame) != FRAME_FREE)
        frame = map_next_change(map, frame);
    *base = frame << FRAME_SHIFT;
    while (frame < frames && map_frame(map, frame) == FRAME_FREE)
        frame = map_next_change(map, frame);
    *end = frame << FRAME_SHIFT;
    return *base < *end;
}

/* The right place for so many bytes, in whole frames; UINT64_MAX: there is none. */
static uint64_t right_place(const struct run *run, uint64_t bytes)
{
    const uint64_t above = run->start.place_above,
                   below = run->start.place_below ? run->start.place_below : ADDRESS_LIMIT;
    uint64_t place = UINT64_MAX;

    if (above > ADDRESS_LIMIT)
        return place;
    for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]) && place == UINT64_MAX; i++) {
        for (uint64_t first, end = 0; next_free(&run->start.map, end, &first, &end);) {
            const uint64_t from =
                larger(larger(first, (above + FRAME_BYTES - 1) & ~(FRAME_BYTES - 1)), bands[i].base);
            const uint64_t to = smaller(smaller(end, below & ~(FRAME_BYTES - 1)), bands[i].end);

            if (from < to && to - from >= bytes && (bands[i].high || place == UINT64_MAX))
                place = bands[i].high ? to - bytes : from;
        }
    }
    return place;
}

bool start_check_place(struct run *run)
{
    const struct range none = {0, 0};
    struct range place = none;
    uint64_t right;

    if (!run->allocator->place)
        return true;
    if (!run->allocator->place(run->self, &place)) {
        right = right_place(run, (start_metadata_budget(run) + FRAME_BYTES - 1) & ~(FRAME_BYTES - 1));
        place = none;
        if (right != UINT64_MAX)
            return run_fail(run, FAIL_S08, said_word("no-memory"), said_address(right));
        reach(MARK_place_refused);
    } else {
        right = place.length % FRAME_BYTES || place.length == 0 ? UINT64_MAX : right_place(run, place.length);
        if (place.base != right)
            return run_fail(run, FAIL_S07, said_address(place.base), said_address(right));
        reach(place.base < DMA_LIMIT     ? MARK_placed_dma
              : place.base < DMA32_LIMIT ? MARK_placed_dma32
                                         : MARK_placed_normal);
    }
    run->map.metadata = place;
    run->totals = map_totals(&run->map);
    return true;
}
