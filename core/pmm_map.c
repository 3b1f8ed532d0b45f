/*
 * From firmware entries to managed frames, by sweeping over the map from low to high: at each address every
 * entry is asked anew. So the order of the entries cannot matter, nothing is sorted, copied or merged in
 * place, and the same sweep serves sizing and start-up. Costs entries^2 steps; a map has dozens.
 */
#include "pmm_layout.h"

/* Half-open, in bytes; never above PMM_ADDRESS_LIMIT. */
struct bytes {
    uint64_t first;
    uint64_t end;
};

/* All entries: those of the map, then the one in the configuration. */
struct entries {
    const struct pmm_map *map;
    const struct pmm_config *config;
    size_t cursor;
    bool done;
};

/* The next entry that covers anything below the limit: not empty, not a usable one that wraps, clipped. */
static bool next_entry(struct entries *entries, struct bytes *bytes, bool *usable)
{
    struct pmm_region region;

    while (!entries->done) {
        bool wraps;

        if (!pmm_map_entry(entries->map, &entries->cursor, &region)) {
            entries->done = true;
            region = entries->config->reserve;
            region.type = 0; /* whatever it says, it is not for us */
        }
        wraps = region.length != 0 && region.base + (region.length - 1) < region.base;
        *usable = region.type == PMM_USABLE;
        if (region.length == 0 || region.base >= PMM_ADDRESS_LIMIT || (wraps && *usable))
            continue;
        bytes->first = region.base;
        bytes->end = wraps || region.length > PMM_ADDRESS_LIMIT - region.base ? PMM_ADDRESS_LIMIT
                                                                              : region.base + region.length;
        return true;
    }
    return false;
}

static struct entries all_entries(const struct pmm_map *map, const struct pmm_config *config)
{
    return (struct entries){map, config, 0, false};
}

/*
 * Where the bytes from `from` on that entries of the asked kinds cover begin, and how far they reach;
 * touching and overlapping entries count as one. `limit` cuts the search short.
 */
static bool next_union(struct entries start, uint64_t from, uint64_t limit, bool usable_only, struct bytes *found)
{
    struct entries entries = start;
    struct bytes bytes;
    uint64_t reached;
    bool usable;

    found->first = found->end = UINT64_MAX;
    while (next_entry(&entries, &bytes, &usable)) {
        if ((usable_only && !usable) || bytes.end <= from)
            continue;
        if (bytes.first < from)
            bytes.first = from;
        if (bytes.first < found->first)
            *found = bytes;
    }
    if (found->first >= limit)
        return false;
    do {
        reached = found->end;
        entries = start;
        while (found->end < limit && next_entry(&entries, &bytes, &usable))
            if ((usable || !usable_only) && bytes.first <= found->end && bytes.end > found->end)
                found->end = bytes.end;
    } while (found->end != reached && found->end < limit);
    if (found->end > limit)
        found->end = limit;
    return true;
}

/* The first byte at or above `from` that no unusable entry covers, and where the next unusable entry begins.
 */
static void next_gap(struct entries start, uint64_t from, struct bytes *gap)
{
    struct bytes bytes;
    uint64_t before;
    bool usable;

    gap->first = from;
    do {
        struct entries entries = start;

        before = gap->first;
        gap->end = PMM_ADDRESS_LIMIT;
        while (next_entry(&entries, &bytes, &usable)) {
            if (usable || bytes.end <= gap->first)
                continue;
            if (bytes.first <= gap->first)
                gap->first = bytes.end;
            else if (bytes.first < gap->end)
                gap->end = bytes.first;
        }
    } while (gap->first != before);
}

static uint64_t frame_up(uint64_t address)
{
    return (address >> PMM_FRAME_SHIFT) + ((address & ((1u << PMM_FRAME_SHIFT) - 1)) != 0);
}

/* The first run of managed frames, as long as it goes, that ends above `from_frame`, cut there. */
bool pmm_map_next_managed(const struct pmm_map *map, const struct pmm_config *config, uint64_t from_frame,
                          struct pmm_frames *run)
{
    const struct entries start = all_entries(map, config);
    const uint64_t lowest = config->reserved_below ? config->reserved_below : 1; /* frame 0 is nobody's */
    uint64_t at = from_frame << PMM_FRAME_SHIFT;

    if (lowest > PMM_ADDRESS_LIMIT)
        return false;
    if (at < frame_up(lowest) << PMM_FRAME_SHIFT)
        at = frame_up(lowest) << PMM_FRAME_SHIFT;
    while (at < PMM_ADDRESS_LIMIT) {
        struct bytes gap, good;

        next_gap(start, at, &gap);
        if (!next_union(start, gap.first, gap.end, true, &good)) {
            at = gap.end;
            continue;
        }
        run->first = frame_up(good.first);
        run->end = good.end >> PMM_FRAME_SHIFT;
        if (run->first < run->end)
            return true;
        at = good.end;
    }
    return false;
}

/* The same for frames that any entry touches. */
bool pmm_map_next_covered(const struct pmm_map *map, const struct pmm_config *config, uint64_t from_frame,
                          struct pmm_frames *run)
{
    const struct entries start = all_entries(map, config);
    struct bytes covered;

    if (from_frame >= PMM_ADDRESS_LIMIT >> PMM_FRAME_SHIFT ||
        !next_union(start, from_frame << PMM_FRAME_SHIFT, PMM_ADDRESS_LIMIT, false, &covered))
        return false;
    run->first = covered.first >> PMM_FRAME_SHIFT;
    run->end = frame_up(covered.end);
    return true;
}
