/*
 * pmm: a physical frame allocator for kernels and hypervisors.
 *
 * Hands out physical frames of 4 KiB (order 0) and blocks of 2 MiB (order 9) from one pool, on many CPUs,
 * without locks, from any context. Never touches the memory it manages: all state is in metadata that the
 * caller supplies.
 *
 * Contexts. pmm_alloc, pmm_free, pmm_release, pmm_query, pmm_query_block and pmm_stats may be called from
 * threads, interrupt, NMI and machine-check handlers, at any instruction of an interrupted call, on any CPU
 * at once; they never wait for another CPU. A call must end on the CPU it began on (preemption off), see
 * PMM_THIS_CPU in pmm_atomic.h. pmm_init wants the metadata to itself. pmm_check is exact only while no other
 * call is in flight.
 *
 * Addresses are physical and in bytes, counts are in frames of 4 KiB, ranges are half-open.
 */
#ifndef PMM_H
#define PMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PMM_ORDER_SMALL = 0, /* one frame, 4 KiB */
    PMM_ORDER_LARGE = 9, /* one block, 512 frames, 2 MiB */
    PMM_VERSION = 3,     /* of the metadata layout */
};

/*
 * One code per cause. When several apply to a free, the first in this order is the answer. A refused free has
 * changed nothing at all; a refused allocation has changed no frame and no count.
 */
enum pmm_status {
    PMM_OK,
    PMM_ERR_NO_MEMORY,   /* no free frame (no wholly free block) in the zones asked for */
    PMM_ERR_ARGUMENT,    /* an order, flag, CPU number or pointer that does not exist */
    PMM_ERR_MISALIGNED,  /* the address is no multiple of the size */
    PMM_ERR_RANGE,       /* at or above the end of the highest managed frame */
    PMM_ERR_HOLE,        /* no entry of the memory map covers the frame */
    PMM_ERR_RESERVED,    /* covered by the map, but not managed */
    PMM_ERR_DOUBLE_FREE, /* the frame is free */
    PMM_ERR_SIZE,        /* allocated with the other size, or inside a 2 MiB frame */
    PMM_ERR_METADATA,    /* the metadata memory is too small */
    PMM_ERR_MAP,         /* the memory map is structurally broken */
    PMM_ERR_CORRUPT,     /* the metadata is not ours, of another version, or contradicts itself */
};

/* "double free" and so on, for logs; a string constant. Any context. */
const char *pmm_status_name(enum pmm_status status);

/* Zones by address. A request is served from the highest zone it allows that can serve it. */
enum pmm_zone {
    PMM_ZONE_DMA,    /* below 16 MiB */
    PMM_ZONE_DMA32,  /* below 4 GiB */
    PMM_ZONE_NORMAL, /* above */
    PMM_ZONES
};

/* Flags of pmm_alloc: the highest zone that will do. */
enum pmm_flags {
    PMM_ANY = 0,
    PMM_DMA32 = 1, /* below 4 GiB */
    PMM_DMA = 2,   /* below 16 MiB */
};

/* ---- start-up: the memory map ---- */

enum { PMM_USABLE = 1 }; /* the one region type that is memory; every other number reserves */

/* One firmware entry, in any order; may be empty, repeat, overlap others, wrap past 2^64. */
struct pmm_region {
    uint64_t base;   /* bytes */
    uint64_t length; /* bytes */
    uint32_t type;
};

/* A memory map where the firmware left it: a view, nothing is copied. Make one with the two functions below.
 */
struct pmm_map {
    const void *entries;
    size_t length; /* regions, or bytes of raw Multiboot entries */
    bool multiboot;
};

struct pmm_map pmm_map_from_regions(const struct pmm_region *regions, size_t count);

/*
 * The raw entries of a Multiboot 1 memory map (what mmap_addr points to, mmap_length bytes), at any
 * alignment. PMM_ERR_MAP when an entry runs past the end or its size is below 20; PMM_ERR_ARGUMENT for a null
 * pointer.
 */
enum pmm_status pmm_map_from_multiboot(const void *entries, size_t bytes, struct pmm_map *map);

/* Told during pmm_init, in address order; any member may be null. */
struct pmm_report {
    void *context;
    void (*managed)(void *context, uint64_t base, uint64_t end);              /* each run of managed frames */
    void (*ignored)(void *context, uint64_t base, uint64_t length);           /* a usable entry that wraps */
    void (*total)(void *context, uint64_t managed_frames, uint64_t metadata); /* once; metadata in bytes */
};

struct pmm_config {
    uint32_t cpus;                   /* 1 to 4096: CPU numbers are [0, cpus) */
    uint64_t reserved_below;         /* bytes; no frame that begins below is managed */
    struct pmm_region reserve;       /* one more entry, for instance where the metadata lies; length 0: none */
    const struct pmm_report *report; /* may be null */
};

/*
 * Bytes of metadata that pmm_init will need for this map and configuration: at most 80 per block with a
 * managed frame, 512 per CPU, 32 per entry, and 4096. Costs entries^2 steps, no memory. PMM_ERR_ARGUMENT:
 * cpus out of range.
 */
enum pmm_status pmm_metadata_size(const struct pmm_map *map, const struct pmm_config *config, uint64_t *bytes);

/*
 * Finds room for the metadata in the usable memory itself: the highest place below 4 GiB and above 16 MiB,
 * else above, else below. Fill in config->reserve with [*base, *base + *bytes) and then init there.
 * PMM_ERR_NO_MEMORY when no run of usable frames is long enough.
 */
enum pmm_status pmm_place_metadata(const struct pmm_map *map, const struct pmm_config *config, uint64_t *base,
                                   uint64_t *bytes);

struct pmm; /* lives at the head of the metadata; position-independent */

/*
 * Starts an instance in `metadata` (`bytes` long, aligned to 64). Managed is each frame that usable entries
 * cover in full, taken together, that no other entry touches, that is not frame 0, begins at or above
 * reserved_below and ends at or below 2^52. Costs time per block, not per frame. Neither map nor config is
 * needed afterwards. PMM_ERR_ARGUMENT (alignment, cpus, null), PMM_ERR_METADATA (too small).
 */
enum pmm_status pmm_init(void *metadata, uint64_t bytes, const struct pmm_map *map, const struct pmm_config *config,
                         struct pmm **pmm);

/* Takes over metadata that pmm_init made, here or before a kexec, at whatever address it is now. PMM_ERR_CORRUPT. */
enum pmm_status pmm_attach(void *metadata, uint64_t bytes, struct pmm **pmm);

/* ---- allocation ---- */

/*
 * Takes a frame (order 0) or a block (order 9); *address is its physical address, untouched when refused.
 * Alone, PMM_ERR_NO_MEMORY means that there is none. With other calls in flight: that at some instant of the
 * call there were at most as many as other calls in flight, each of which may have one in its hands.
 * PMM_ERR_ARGUMENT: another order, unknown flags, null address, PMM_THIS_CPU() out of range.
 */
enum pmm_status pmm_alloc(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address);

/* Gives back what pmm_alloc took with the same order. Of two CPUs freeing one frame exactly one succeeds. */
enum pmm_status pmm_free(struct pmm *pmm, uint64_t address, unsigned order);

/* Gives back a frame or a block, whichever it was. */
enum pmm_status pmm_release(struct pmm *pmm, uint64_t address);

/* ---- inspection ---- */

enum pmm_frame_state { PMM_FRAME_HOLE, PMM_FRAME_RESERVED, PMM_FRAME_FREE, PMM_FRAME_SMALL, PMM_FRAME_LARGE };

/* The state of the frame that holds `address` (any address; at or above 2^52: a hole). */
enum pmm_frame_state pmm_query(const struct pmm *pmm, uint64_t address);

/*
 * The block that holds `address`: bit i of free[i / 64] set = its frame i is free; *large = allocated as one.
 * False (and nothing written) when the block has no managed frame.
 */
bool pmm_query_block(const struct pmm *pmm, uint64_t address, uint64_t free[8], bool *large);

struct pmm_zone_stats {
    uint64_t managed; /* frames; never changes */
    uint64_t free;    /* frames; exact when no call is in flight, always within [0, managed] */
};
struct pmm_stats {
    struct pmm_zone_stats zone[PMM_ZONES];
    struct pmm_zone_stats total;
    uint64_t end;      /* end of the highest managed frame, bytes; 0 when there is none */
    uint64_t blocks;   /* with at least one managed frame */
    uint64_t metadata; /* bytes */
};
void pmm_stats(const struct pmm *pmm, struct pmm_stats *stats); /* costs CPUs, not frames */

/* Wholly free blocks, counted one by one: costs blocks. */
uint64_t pmm_whole_blocks(const struct pmm *pmm);

/* The first inconsistency that pmm_check found. */
struct pmm_fault {
    const char *what; /* a string constant */
    uint64_t address; /* of the frame or block, where there is one */
    uint64_t expected;
    uint64_t found;
};

/* Recounts everything, block by block. PMM_ERR_CORRUPT and *fault (may be null) on the first contradiction.
 */
enum pmm_status pmm_check(const struct pmm *pmm, struct pmm_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
