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
    PMM_VERSION = 4,     /* of the metadata layout */
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

/*
 * The two types of a struct pmm_region that are memory; every other number reserves. PMM_LATER is usable memory that
 * counts as allocated from the start, for instance ACPI tables that are read once: see `later` below.
 */
enum { PMM_USABLE = 1, PMM_LATER = 60 };

/* One entry of a memory map, in any order; may be empty, repeat, overlap others, wrap past 2^64. */
struct pmm_region {
    uint64_t base;   /* bytes */
    uint64_t length; /* bytes */
    uint32_t type;
};

/* What the entries of a table look like, so that a loader's table is read where the loader left it. */
enum pmm_form_flags {
    PMM_FORM_NATIVE = 1,   /* numbers in the byte order of this CPU; otherwise little-endian */
    PMM_FORM_POINTERS = 2, /* the table is an array of pointers to the entries (Limine) */
    PMM_FORM_END = 4,      /* instead of a length the end of the range */
};
struct pmm_form {
    uint32_t stride; /* bytes from entry to entry; 0: told by each entry's first 4 bytes, which do
                                           not count themselves (Multiboot 1). With pointers: bytes of an entry */
    uint16_t base_at, length_at, type_at; /* offsets of the three numbers in an entry, at any alignment */
    uint8_t base_bytes, length_bytes;     /* 4 or 8 */
    uint8_t type_bytes;                   /* 4 or 8; 0: every entry is of type 0 */
    uint8_t length_shift;                 /* log2 of the unit of lengths: 0 bytes, 12 pages */
    uint32_t flags;                       /* of enum pmm_form_flags */
    uint64_t usable, later;               /* bit t: type t is PMM_USABLE, PMM_LATER; all other types reserve */
};

/* `struct pmm_region`; the map of Multiboot 1 and of Multiboot 2 (set stride to the tag's entry_size); BIOS E820 (20
 * bytes an entry); Xen's PVH start info; UEFI (set stride to DescriptorSize); Limine (the array of pointers). */
extern const struct pmm_form pmm_form_regions, pmm_form_multiboot, pmm_form_multiboot2, pmm_form_e820, pmm_form_pvh,
    pmm_form_efi, pmm_form_limine;

/* A memory map where the loader left it: a view, nothing is copied. Make one with the functions below. */
struct pmm_map {
    const void *entries;
    size_t bytes; /* of the table */
    struct pmm_form form;
};

/*
 * A table of `bytes` bytes in a form from above or of the caller's own; at any alignment, except that of pointers.
 * PMM_ERR_MAP when an entry runs past the end, or is too short for its numbers; PMM_ERR_ARGUMENT for a null pointer or
 * a form that contradicts itself. Reads nothing outside the table (and the entries that pointers point to).
 */
enum pmm_status pmm_map_from_table(const void *entries, size_t bytes, const struct pmm_form *form,
                                   struct pmm_map *map);

/* Shorthands: an array of regions; what mmap_addr of Multiboot 1 points to, mmap_length bytes. */
struct pmm_map pmm_map_from_regions(const struct pmm_region *regions, size_t count);
enum pmm_status pmm_map_from_multiboot(const void *entries, size_t bytes, struct pmm_map *map);

/* Told during pmm_init, in address order; any member may be null. */
struct pmm_report {
    void *context;
    void (*ignored)(void *context, uint64_t base, uint64_t length);           /* a usable entry that wraps */
    void (*managed)(void *context, uint64_t base, uint64_t end);              /* each run of managed frames */
    void (*total)(void *context, uint64_t managed_frames, uint64_t metadata); /* once; metadata in bytes */
};

/* Bytes [base, base + length); an end past 2^64 counts as 2^64. */
struct pmm_range {
    uint64_t base;
    uint64_t length;
};

/* Ranges that no array holds, for instance what a loader's structures name: number 0, 1, 2, ... until false. */
struct pmm_range_source {
    void *context;
    bool (*range)(void *context, uint64_t number, struct pmm_range *range); /* the same each time; null: none */
};

/*
 * How to start. Zero is the default of every member but `cpus`. Everything here, and the map, must stay readable and
 * unchanged until pmm_init returns, and is not needed afterwards.
 *
 * What lies in memory that the map calls usable and must survive has to be in `reserved`, in `later` or below
 * reserved_below: the kernel's image, its page tables and stacks, the loader's structures (the map itself), modules
 * (initrd), command line, device tree, framebuffer, the trampoline of other CPUs. Frames that `reserved` touches are
 * never managed. Frames that `later` touches are managed but allocated from the start, until the ordinary calls give
 * them back: frame by frame with order 0, or, where a whole block is `later`, at once with order 9, until a call that
 * gives one of its frames back alone has begun. `later` makes nothing memory that the map does not call usable.
 */
struct pmm_config {
    uint32_t cpus;                    /* 1 to 4096: CPU numbers are [0, cpus). Too many cost 128 bytes each */
    uint64_t reserved_below;          /* bytes; no frame that begins below is managed */
    uint64_t managed_below;           /* bytes; no frame that ends above is managed; 0: 2^52 */
    const struct pmm_range *reserved; /* any number, in any order, overlaps and all */
    size_t reserved_count;
    struct pmm_range_source more_reserved;
    const struct pmm_range *later;
    size_t later_count;
    uint64_t place_above, place_below; /* bounds for pmm_place_metadata, in bytes; place_below 0: none */
    struct pmm_range metadata;         /* where the metadata lies in the memory of the map; length 0: elsewhere */
    const struct pmm_report *report;   /* may be null */
};

/*
 * Finds room for the metadata in usable memory that is neither reserved nor later, inside the bounds of `config`, and
 * writes it to config->metadata, in whole frames: the highest place below 4 GiB and above 16 MiB, else the lowest
 * above, else the highest below. pmm_init needs no more than that and keeps those frames out of the pool. Writes to no
 * memory but *config. PMM_ERR_NO_MEMORY: no run of frames is long enough; PMM_ERR_ARGUMENT. No global state.
 */
enum pmm_status pmm_place_metadata(const struct pmm_map *map, struct pmm_config *config);

/*
 * For metadata that lies elsewhere: how many bytes pmm_init needs at most for this map and configuration, wherever
 * config->metadata will be. At most 80 per block with a managed frame, 512 per CPU, 32 per entry (of the map, of
 * `reserved` and of `later`), and 4096.
 */
enum pmm_status pmm_metadata_size(const struct pmm_map *map, const struct pmm_config *config, uint64_t *bytes);

struct pmm; /* lives at the head of the metadata; position-independent */

/*
 * Starts an instance in `metadata` (`bytes` long, aligned to 64, in any state; with config->metadata set: where that is
 * mapped). Managed is each frame that usable entries cover in full, taken together, that no other entry and no reserved
 * range touches, that is not frame 0, begins at or above reserved_below and ends at or below managed_below and 2^52.
 * Costs time per block, not per frame, and for n entries about n * n / 16 looks at an entry. Thread context, one CPU;
 * does not use PMM_THIS_CPU. PMM_ERR_METADATA: too small. PMM_ERR_ARGUMENT: alignment, cpus, null, or the map or the
 * configuration would be overwritten by the metadata. Nothing is written when it is refused.
 */
enum pmm_status pmm_init(void *metadata, uint64_t bytes, const struct pmm_map *map, const struct pmm_config *config,
                         struct pmm **pmm);

/*
 * Takes over metadata that pmm_init made, here or before a kexec, at whatever address it is now; `bytes` is how many may
 * be read. PMM_ERR_CORRUPT when what never changes after the start is damaged; whatever the bytes are, nothing outside
 * them is read. What calls change is compared by pmm_check: attach, then check, then use.
 */
enum pmm_status pmm_attach(void *metadata, uint64_t bytes, struct pmm **pmm);

/* ---- allocation ---- */

/*
 * Takes a frame (order 0) or a block (order 9); *address is its physical address, untouched when refused.
 * Alone, PMM_ERR_NO_MEMORY means that there is none. With other calls in flight: that at some instant of the
 * call there were at most as many as other calls in flight, each of which may have one in its hands.
 * PMM_ERR_ARGUMENT: another order, unknown flags, null address, PMM_THIS_CPU() out of range.
 */
enum pmm_status pmm_alloc(struct pmm *pmm, unsigned order, unsigned flags, uint64_t *address);

/*
 * Gives back what pmm_alloc took with the same order, or memory that is managed later. Of two CPUs freeing one frame
 * exactly one succeeds.
 */
enum pmm_status pmm_free(struct pmm *pmm, uint64_t address, unsigned order);

/* Gives back a frame or a block, whichever it was; of memory that is managed later always a frame. */
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

/* Costs time per CPU, not per frame. In C++ a function beside a struct of its name hides a constructor, as is meant. */
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
void pmm_stats(const struct pmm *pmm, struct pmm_stats *stats);
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

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
