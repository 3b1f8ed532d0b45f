/*
 * From a loader's table to runs of frames, private to core/: what one entry covers (pmm_table.c), and all entries and
 * ranges of a start, swept from low to high addresses (pmm_map.c). Leaves out what is made of them: pmm_plan.h.
 */
#ifndef PMM_MAP_H
#define PMM_MAP_H

#include "pmm_layout.h"

/* What an entry or range says of its bytes. */
enum {
    PMM_BYTES_USABLE = 1,   /* memory */
    PMM_BYTES_LATER = 2,    /* allocated from the start; makes nothing memory */
    PMM_BYTES_RESERVED = 4, /* part of the map, but not to be managed */
    PMM_BYTES_BARRED = 8,   /* not to be managed; not part of the map by that alone */
};

/* Bytes [first, end), and what is said of them. */
struct pmm_extent {
    uint64_t first;
    uint64_t end;    /* an end past 2^64 is UINT64_MAX: no frame reaches there */
    uint64_t length; /* as the entry has it, in bytes */
    unsigned says;
    bool wraps; /* past 2^64; a usable one then counts as empty */
};

/*
 * The first entry at or behind *cursor (0: the first of all) that has a byte in [low, high); *cursor moves behind it.
 * False when there is none before the end, or before the table is broken. Where `of_all` is not null, entries that cover
 * all of [low, high) are passed over, and what they say is added to *of_all.
 */
bool pmm_map_entry(const struct pmm_map *map, size_t *cursor, uint64_t low, uint64_t high, unsigned *of_all,
                   struct pmm_extent *entry);

/* Whether a table can be read, entry by entry: PMM_OK, PMM_ERR_MAP, PMM_ERR_ARGUMENT. */
enum pmm_status pmm_map_status(const struct pmm_map *map);

/* [at, at + bytes) and [memory, memory + length) of this address space have a byte in common. */
static inline bool pmm_overlaps(const void *at, uint64_t bytes, const void *memory, uint64_t length)
{
    const uintptr_t a = (uintptr_t)at, b = (uintptr_t)memory;

    return a < b ? b - a < bytes && length : a - b < length && bytes;
}

/* The same for the table and the entries that it points to. */
bool pmm_map_overlaps(const struct pmm_map *map, const void *memory, uint64_t bytes);

enum pmm_run_kind { PMM_RUN_HOLE, PMM_RUN_RESERVED, PMM_RUN_MANAGED, PMM_RUN_LATER };

/* Frames [first, end) that are alike; what lies beside them is of another kind. */
struct pmm_run {
    uint64_t first;
    uint64_t end;
    enum pmm_run_kind kind;
};

enum { PMM_WINDOW = 18 }; /* boundaries that one pass over the entries collects */

/*
 * All entries and ranges of a start, and of their bytes a window in which no boundary is missing: piece i, bytes [at[i],
 * at[i + 1]), is alike. One pass over the entries collects the next boundaries, one more what lies between them; a first
 * pass, within twice the width of the window before, mostly makes do without keeping boundaries that lie farther off.
 * Nothing is sorted, copied or merged, so that the order of the entries cannot matter. n entries have at most 2 * n + 6
 * boundaries, and each half window costs 3 passes at most. A struct apart from the sweep, so that no function has both in
 * its frame.
 */
struct pmm_window {
    const struct pmm_map *map;
    const struct pmm_config *config;
    const struct pmm_range *metadata; /* one more reserved range; may be null */
    uint64_t at[PMM_WINDOW + 1];
    uint64_t limit; /* boundaries at or above are not collected now */
    uint8_t says[PMM_WINDOW];
    uint8_t pieces;
};

void pmm_window_open(struct pmm_window *window, const struct pmm_map *map, const struct pmm_config *config,
                     const struct pmm_range *metadata);

/* From low to high addresses, frame by frame. */
struct pmm_sweep {
    struct pmm_window *window;
    struct pmm_run ahead; /* what comes next; empty at the end */
    unsigned piece;       /* of the window: the next one to look at */
};

void pmm_sweep_begin(struct pmm_sweep *sweep, struct pmm_window *window);

/* The next run of frames; false at 2^52. */
bool pmm_sweep_next(struct pmm_sweep *sweep, struct pmm_run *run);

#endif
