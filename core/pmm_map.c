/*
 * From all entries and ranges of a start to runs of frames: which are managed, managed later, reserved or in a hole. The
 * sweep works on bytes, since entries may meet in the middle of a frame, and rounds to frames last. Leaves out tables
 * (pmm_table.c) and what is made of the runs (pmm_plan.c).
 */
#include "pmm_map.h"

#define FRAME_BYTES (UINT64_C(1) << PMM_FRAME_SHIFT)

/* ---- all entries and ranges, one after the other ---- */

enum source {
    FROM_MAP,
    FROM_RESERVED,
    FROM_MORE_RESERVED,
    FROM_LATER,
    FROM_METADATA,
    FROM_BELOW,
    FROM_ABOVE,
    NOWHERE
};

struct extents {
    const struct pmm_window *window;
    enum source source;
    size_t cursor;   /* in the map, or a number in the source */
    unsigned of_all; /* what entries of the map say that cover all of the window, and are not told one by one */
};

static void of_range(struct pmm_extent *extent, const struct pmm_range *range, unsigned says)
{
    extent->first = range->base;
    extent->end = range->length > UINT64_MAX - range->base ? UINT64_MAX : range->base + range->length;
    extent->says = says;
    extent->wraps = false;
}

static bool next_of_array(struct extents *walk, const struct pmm_range *ranges, size_t count, unsigned says,
                          struct pmm_extent *extent)
{
    if (walk->cursor >= count)
        return false;
    of_range(extent, &ranges[walk->cursor++], says);
    return true;
}

static bool next_of_source(struct extents *walk, const struct pmm_range_source *source, struct pmm_extent *extent)
{
    struct pmm_range range;

    if (!source->range || !source->range(source->context, walk->cursor, &range))
        return false;
    walk->cursor++;
    of_range(extent, &range, PMM_BYTES_RESERVED);
    return true;
}

/* Nothing at or above it matters to the window. */
static uint64_t highest(const struct pmm_window *window)
{
    return window->pieces < PMM_WINDOW ? window->limit : window->at[PMM_WINDOW];
}

/* The one extent of a source that has no more; false the second time. */
static bool once(struct extents *walk, uint64_t first, uint64_t end, unsigned says, struct pmm_extent *extent)
{
    const struct pmm_range range = {first, end - first};

    return next_of_array(walk, &range, 1, says, extent);
}

static bool next_of(struct extents *walk, struct pmm_extent *extent)
{
    const struct pmm_window *window = walk->window;
    const struct pmm_config *config = window->config;

    switch (walk->source) {
    case FROM_MAP:
        return pmm_map_entry(window->map, &walk->cursor, window->at[0], highest(window), &walk->of_all, extent);
    case FROM_RESERVED:
        return next_of_array(walk, config->reserved, config->reserved_count, PMM_BYTES_RESERVED, extent);
    case FROM_MORE_RESERVED:
        return next_of_source(walk, &config->more_reserved, extent);
    case FROM_LATER:
        return next_of_array(walk, config->later, config->later_count, PMM_BYTES_LATER, extent);
    case FROM_METADATA:
        return next_of_array(walk, window->metadata, window->metadata != 0, PMM_BYTES_RESERVED, extent);
    case FROM_BELOW: /* frame 0 is nobody's */
        return once(walk, 0, config->reserved_below ? config->reserved_below : 1, PMM_BYTES_BARRED, extent);
    case FROM_ABOVE:
        return config->managed_below && once(walk, config->managed_below, UINT64_MAX, PMM_BYTES_BARRED, extent);
    case NOWHERE:
        break;
    }
    return false;
}

/* The next extent with a byte below 2^52, cut there. */
static bool next_extent(struct extents *walk, struct pmm_extent *extent)
{
    while (walk->source != NOWHERE) {
        if (!next_of(walk, extent)) {
            walk->source = (enum source)(walk->source + 1);
            walk->cursor = 0;
            continue;
        }
        if (extent->end > PMM_ADDRESS_LIMIT)
            extent->end = PMM_ADDRESS_LIMIT;
        if (extent->first < extent->end && !(extent->wraps && extent->says & PMM_BYTES_USABLE))
            return true;
    }
    return false;
}

/* ---- the window ---- */

/* How many boundaries of the window are at or below `address`. */
static unsigned boundaries_to(const struct pmm_window *window, uint64_t address)
{
    unsigned low = 0, high = window->pieces + 1;

    while (low < high) {
        const unsigned middle = (low + high) / 2;

        if (window->at[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Keeps `address` if it is one of the lowest boundaries above the first of the window. */
static void collect(struct pmm_window *window, uint64_t address)
{
    unsigned place, last = window->pieces;

    if (address <= window->at[0] || address >= highest(window))
        return;
    place = boundaries_to(window, address);
    if (window->at[place - 1] == address)
        return;
    if (last < PMM_WINDOW)
        window->pieces = (uint8_t)++last;
    for (; last > place; last--)
        window->at[last] = window->at[last - 1];
    window->at[place] = address;
}

/* The boundaries above the first of the window and below `limit`. */
static void collect_below(struct pmm_window *window, uint64_t limit)
{
    struct extents walk = {window, FROM_MAP, 0, 0};
    struct pmm_extent extent;

    window->pieces = 0;
    window->limit = limit;
    collect(window, PMM_ADDRESS_LIMIT);
    while (next_extent(&walk, &extent)) {
        collect(window, extent.first);
        collect(window, extent.end);
    }
}

/* What is said of the pieces of the window. */
static void mark(struct pmm_window *window)
{
    struct extents walk = {window, FROM_MAP, 0, 0};
    struct pmm_extent extent;

    for (unsigned i = 0; i < window->pieces; i++)
        window->says[i] = 0;
    window->limit = window->at[window->pieces];
    while (next_extent(&walk, &extent)) {
        unsigned piece, end = window->pieces;

        if (extent.end <= window->at[0] || extent.first >= window->at[end])
            continue;
        piece = extent.first <= window->at[0] ? 0 : boundaries_to(window, extent.first) - 1;
        end = boundaries_to(window, extent.end) - 1;
        for (; piece < end; piece++)
            window->says[piece] |= (uint8_t)extent.says;
    }
    for (unsigned i = 0; i < window->pieces; i++)
        window->says[i] |= (uint8_t)walk.of_all;
}

/* To where it ends now. */
static void move_window(struct pmm_window *window)
{
    const uint64_t last = window->at[window->pieces], near = last + 2 * (last - window->at[0]);

    window->at[0] = last;
    collect_below(window, near < PMM_ADDRESS_LIMIT ? near : PMM_ADDRESS_LIMIT + 1);
    if (window->pieces < PMM_WINDOW / 2 && near < PMM_ADDRESS_LIMIT)
        collect_below(window, PMM_ADDRESS_LIMIT + 1);
    mark(window);
}

void pmm_window_open(struct pmm_window *window, const struct pmm_map *map, const struct pmm_config *config,
                     const struct pmm_range *metadata)
{
    window->map = map;
    window->config = config;
    window->metadata = metadata;
    window->at[0] = 0;
    window->pieces = 0;
}

/* ---- runs of frames ---- */

/* The piece that holds the byte at `address`, which never goes back. */
static unsigned piece_at(struct pmm_sweep *sweep, uint64_t address)
{
    struct pmm_window *window = sweep->window;

    for (;;) {
        while (sweep->piece < window->pieces && window->at[sweep->piece + 1] <= address)
            sweep->piece++;
        if (sweep->piece < window->pieces)
            return sweep->piece;
        move_window(window);
        sweep->piece = 0;
    }
}

/* `any`: what is said of some byte of the frame, `all`: of every byte. */
static enum pmm_run_kind kind_of(unsigned any, unsigned all)
{
    if (!(any & (PMM_BYTES_USABLE | PMM_BYTES_RESERVED)))
        return PMM_RUN_HOLE;
    if ((any & (PMM_BYTES_RESERVED | PMM_BYTES_BARRED)) || !(all & PMM_BYTES_USABLE))
        return PMM_RUN_RESERVED;
    return any & PMM_BYTES_LATER ? PMM_RUN_LATER : PMM_RUN_MANAGED;
}

/* The frames behind sweep->ahead, as far as the window shows that they are alike. */
static struct pmm_run look_ahead(struct pmm_sweep *sweep)
{
    const struct pmm_window *window = sweep->window;
    struct pmm_run run = {sweep->ahead.end, sweep->ahead.end, PMM_RUN_HOLE};
    const uint64_t base = run.first << PMM_FRAME_SHIFT;
    uint64_t end = base;
    unsigned any = 0, all = ~0u;

    if (base >= PMM_ADDRESS_LIMIT)
        return run;
    while (end < base + FRAME_BYTES) {
        const unsigned piece = piece_at(sweep, end);

        any |= window->says[piece];
        all &= window->says[piece];
        end = window->at[piece + 1];
    }
    run.kind = kind_of(any, all);
    run.end = any == all ? end >> PMM_FRAME_SHIFT : run.first + 1; /* else several pieces make up this one frame */
    return run;
}

void pmm_sweep_begin(struct pmm_sweep *sweep, struct pmm_window *window)
{
    sweep->window = window;
    sweep->ahead.first = sweep->ahead.end = 0;
    sweep->piece = 0;
    sweep->ahead = look_ahead(sweep);
}

bool pmm_sweep_next(struct pmm_sweep *sweep, struct pmm_run *run)
{
    *run = sweep->ahead;
    do {
        run->end = sweep->ahead.end;
        sweep->ahead = look_ahead(sweep);
    } while (sweep->ahead.first < sweep->ahead.end && sweep->ahead.kind == run->kind);
    return run->first < run->end;
}
