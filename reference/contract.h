/*
 * The words that the model, the programs and the allocators under test share: regions of a memory map, zones,
 * and the answers a call can give. Nothing here belongs to one allocator; leaves out everything that acts.
 */
#ifndef REFERENCE_CONTRACT_H
#define REFERENCE_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_SHIFT = 12,   /* log2 of the bytes of a frame (4 KiB) */
    BLOCK_ORDER = 9,    /* log2 of the frames of a block (2 MiB) */
    BLOCK_FRAMES = 512, /* frames of a block */
};

#define FRAME_BYTES   (UINT64_C(1) << FRAME_SHIFT)
#define BLOCK_BYTES   (FRAME_BYTES << BLOCK_ORDER)
#define DMA_LIMIT     (UINT64_C(16) << 20) /* zone DMA ends here */
#define DMA32_LIMIT   (UINT64_C(4) << 30)  /* zone DMA32 ends here */
#define ADDRESS_LIMIT (UINT64_C(1) << 52)  /* no frame ends above this */

enum zone { ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_COUNT };

/*
 * The firmware's numbers (E820, Multiboot), and one of our own: REGION_LATER is memory as REGION_USABLE is, but counts
 * as allocated from the start, until it is freed for the first time. Every other number reserves.
 */
enum region_type {
    REGION_USABLE = 1,
    REGION_RESERVED = 2,
    REGION_ACPI_RECLAIM = 3,
    REGION_ACPI_NVS = 4,
    REGION_UNUSABLE = 5,
    REGION_PMEM = 7,
    REGION_LATER = 60,
};

/* One firmware entry: [base, base + length) in bytes. May be empty, overlap others or wrap past 2^64. */
struct region {
    uint64_t base;
    uint64_t length;
    uint32_t type;
};

/* [base, base + length) in bytes; an end past 2^64 counts as 2^64. */
struct range {
    uint64_t base;
    uint64_t length;
};

/* Everything that decides what a frame is at the start. Zero says nothing. */
struct memory_map {
    const struct region *regions;
    size_t count;
    uint64_t reserved_below; /* bytes; no frame that begins below is managed */
    uint64_t managed_below;  /* bytes; no frame that ends above is managed; 0: no such limit */
    const struct range *reserved;
    size_t reserved_count;
    const struct range *later; /* managed frames that these touch are allocated from the start */
    size_t later_count;
    struct range metadata; /* one more reserved range */
    bool later_is_usable;  /* for allocators that know no later memory: it is usable as any other */
};

/* The forms in which loaders leave a memory map. */
enum table_form {
    TABLE_MULTIBOOT,  /* each entry begins with its size, which does not count itself */
    TABLE_MULTIBOOT2, /* the entries of the tag */
    TABLE_E820,
    TABLE_PVH,
    TABLE_EFI,
    TABLE_LIMINE,  /* an array of pointers; here the entries, one after the other */
    TABLE_REGIONS, /* numbers, types and padding of struct region */
    TABLE_FORMS
};

/*
 * What the entries of a form look like: where the numbers lie, all little-endian, base and length in 8 bytes.
 * model_table.c has the one of each form.
 */
struct table_shape {
    const char *name;
    uint32_t stride; /* bytes from entry to entry; 0: each begins with its size, in 4 bytes that it does not count */
    uint8_t base_at, length_at, type_at;
    uint8_t type_bytes;
    uint8_t length_shift;   /* log2 of the unit of lengths */
    uint64_t usable, later; /* bit t: type t is; all others reserve */
};
extern const struct table_shape table_shapes[TABLE_FORMS];

/* A raw table: any bytes. */
struct table {
    enum table_form form;
    uint32_t stride; /* bytes from entry to entry; 0: as the form has it */
    const uint8_t *bytes;
    size_t length;
};

/* What a call answers. In this order of precedence when several causes apply to a free. */
enum answer {
    ANSWER_OK,
    ANSWER_NO_MEMORY,   /* no frame, or no wholly free block, satisfies the request */
    ANSWER_ARGUMENT,    /* an order, flag or pointer that does not exist */
    ANSWER_MISALIGNED,  /* the address is no multiple of the size freed */
    ANSWER_RANGE,       /* at or above the end of the highest managed frame */
    ANSWER_HOLE,        /* no entry of the map covers any byte of the frame */
    ANSWER_RESERVED,    /* covered, but not managed */
    ANSWER_DOUBLE_FREE, /* managed and free */
    ANSWER_SIZE,        /* allocated with another size, or inside a 2 MiB frame */
    ANSWER_METADATA,    /* metadata memory too small */
    ANSWER_MAP,         /* the memory map is structurally broken */
    ANSWER_CORRUPT,     /* the metadata contradicts itself */
    ANSWER_REFUSED,     /* refused, and the allocator cannot say why */
    ANSWER_COUNT
};

/* What one frame is. A frame of an allocated block is FRAME_LARGE, every other allocated one FRAME_SMALL. */
enum frame_state { FRAME_HOLE, FRAME_RESERVED, FRAME_FREE, FRAME_SMALL, FRAME_LARGE, FRAME_STATE_COUNT };

static inline enum zone zone_of(uint64_t address)
{
    if (address < DMA_LIMIT)
        return ZONE_DMA;
    return address < DMA32_LIMIT ? ZONE_DMA32 : ZONE_NORMAL;
}

const char *answer_name(enum answer answer);          /* "double-free" */
const char *frame_state_name(enum frame_state state); /* "reserved" */
const char *zone_name(enum zone zone);                /* "dma32" */

#endif
