/*
 * The words that the model, the programs and the allocators under test share: regions of a memory map, zones,
 * and the answers a call can give. Nothing here belongs to one allocator; leaves out everything that acts.
 */
#ifndef REFERENCE_CONTRACT_H
#define REFERENCE_CONTRACT_H

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

/* The firmware's numbers (E820, Multiboot). Only REGION_USABLE is memory; every other number reserves. */
enum region_type {
    REGION_USABLE = 1,
    REGION_RESERVED = 2,
    REGION_ACPI_RECLAIM = 3,
    REGION_ACPI_NVS = 4,
    REGION_UNUSABLE = 5,
    REGION_PMEM = 7,
};

/* One firmware entry: [base, base + length) in bytes. May be empty, overlap others or wrap past 2^64. */
struct region {
    uint64_t base;
    uint64_t length;
    uint32_t type;
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
