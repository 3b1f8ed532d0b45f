/*
 * The layout of the byte twin: what the decoder, the encoder and the documentation share. Private to
 * fuzz/program.
 *
 * Two wishes shape it. Random bytes should mean a small map with a few hundred frames near the interesting
 * addresses, and mostly everyday operations on few slots; and every program that text can say must have an
 * exact encoding. So common values have short codes that most byte values map to, and a rare code escapes to
 * the raw value.
 */
#ifndef FUZZ_PROGRAM_BYTES_H
#define FUZZ_PROGRAM_BYTES_H

#include "program.h"

/*
 * ---- header byte: bits 0-1 CPUs less one, bits 2-4 all set: concurrent, 6: something beside the map, bits 5-7
 * reserved_below ----
 */
enum {
    HEADER_CONCURRENT = 0x1C,
    HEADER_BESIDE = 0x18, /* a concurrent program has a bit of its schedule for it */
    HEADER_BELOW_SHIFT = 5,
    HEADER_BELOW_MIB = 5,    /* 1 MiB; any value below: nothing reserved */
    HEADER_BELOW_SPAN = 6,   /* from here on: a span follows, */
    BELOW_RAW_CODE = 0xFFFF, /* and if it is this, 8 bytes */
};

/*
 * ---- map byte: entries less one, modulo 7; or their number follows; or a table of any form, its form and 2 bytes of
 * stride; or a Multiboot table. Of a table then 2 bytes of length and its bytes ----
 */
enum { MAP_SHORT = 7, MAP_ESCAPE = 0xF0, MAP_TABLE = 0xF8, MAP_MULTIBOOT = 0xFF };

/*
 * ---- beside the map, after it: a byte (bit 0 managed_below, bit 1 place, bits 2-4 reserved ranges, 5-7 later ones; 7:
 * their number follows), the addresses, the ranges: an address, and a length as a span or, if that is LENGTH_RAW_CODE,
 * in 8 bytes ----
 */
enum {
    BESIDE_MANAGED_BELOW = 1,
    BESIDE_PLACE = 2,
    BESIDE_RESERVED_SHIFT = 2,
    BESIDE_LATER_SHIFT = 5,
    BESIDE_MANY = 7,
    LENGTH_RAW_CODE = 0xFFFF,
};

/* ---- span: a number of frames in 2 bytes, biased to small; at most SPAN_MOST ---- */
enum { SPAN_BITS = 12, SPAN_MOST = (1 << SPAN_BITS) - 1, SPAN_BLOCKS = 4 };

static inline uint64_t span_frames(unsigned code)
{
    unsigned fraction = code & SPAN_MOST, scale = code >> SPAN_BITS;

    return scale < 8 ? fraction >> scale : fraction % SPAN_BLOCKS * (unsigned)BLOCK_FRAMES;
}

/* ---- skew: bytes added, one signed byte ---- */
enum { SKEW_LEAST = -128, SKEW_MOST = 127 };

/*
 * ---- entry of the map: a byte, kind * 8 + anchor; a span up to the base; a span for the length; two skews if the
 * kind has them. Or the raw kind: base, length and type in 8, 8 and 4 bytes ----
 */
enum { ANCHORS = 8, ANCHOR_PREVIOUS = ANCHORS - 1, ENTRY_KINDS = 32, ENTRY_RAW = ENTRY_KINDS - 1 };

struct entry_kind {
    uint32_t type;
    bool skewed;
};
extern const struct entry_kind entry_kinds[ENTRY_RAW];

/* Where the spans of entries and addresses are counted from; the last is the end of the entry before. */
extern const uint64_t anchors[ANCHOR_PREVIOUS];

static inline uint64_t region_end(const struct region *region)
{
    return region->base + region->length;
}

static inline uint64_t anchor_address(const struct program *program, unsigned anchor)
{
    if (anchor != ANCHOR_PREVIOUS)
        return anchors[anchor];
    return program->region_count ? region_end(&program->regions[program->region_count - 1]) : 0;
}

/* ---- operation: an opcode byte and its operands; from OPCODE_COMMON on an everyday one is picked ---- */
enum { OPCODE_COMMON = 64, COMMON_OPERATIONS = 8 };
extern const enum operation_kind common_operations[COMMON_OPERATIONS];

enum {
    SLOT_SHORT = 8,     /* below SLOT_ESCAPE: modulo this many slots */
    SLOT_ESCAPE = 0xC0, /* from here on: any slot */
    ORDER_ESCAPE = 0xFF,
    COUNT_ESCAPE = 0xF0,
    ZONE_DMA32_CODE = 6, /* modulo 8; anything below: normal */
    ZONE_DMA_CODE = 7,
};

/* Address: a tag byte; raw: 8 bytes follow; else a span, counted up from the start of the frame of an anchor
 * or of an entry's base, or down from that of an entry's end; and, if bit 5 says so, a skew. */
enum {
    ADDRESS_ANCHOR =
        0x80,           /* from here on: bits 0-2 name the anchor; below: bits 0-3 the entry, modulo their number */
    ADDRESS_RAW = 0xF0, /* from here on */
    ADDRESS_SKEWED = 0x20,
    ADDRESS_FROM_END = 0x10,
    ADDRESS_ENTRIES = 16,
};

/* What an address tag counts from, and in which direction. */
struct address_origin {
    uint64_t address;
    bool down;
};

static inline struct address_origin address_origin(const struct program *program, uint8_t tag)
{
    struct address_origin origin = {0, false};

    if (tag >= ADDRESS_ANCHOR || program->region_count == 0) {
        origin.address = anchor_address(program, tag % ANCHORS);
    } else {
        const struct region *region = &program->regions[tag % ADDRESS_ENTRIES % program->region_count];

        origin.down = tag & ADDRESS_FROM_END;
        origin.address = origin.down ? region_end(region) : region->base;
    }
    origin.address &= ~(FRAME_BYTES - 1);
    return origin;
}

/*
 * ---- schedule of a concurrent program, after the header: a byte (bits 0-1 strategy, 2-4 modes, 5: a long seed, 6: the
 * fourth mode, 7: something beside the map), the seed in 4 or 8 bytes, the number of overrides modulo 193. The overrides are the last bytes of all, so that neither
 * they nor the operations shift when the other changes: CPU and operation (bits 0-1, 2-4), action and argument (bits
 * 0-2 modulo 6, 3-7), step, hold; the last two in 2 bytes each, biased to small ----
 */
enum {
    SCHEDULE_MODES_SHIFT = 2,
    SCHEDULE_MODES_MASK = 7,
    SCHEDULE_LONG_SEED = 0x20,
    SCHEDULE_BUFFERS_BIT = 0x40,
    SCHEDULE_BESIDE = 0x80,
    OVERRIDE_BYTES = 6,
    OVERRIDE_OPERATION_SHIFT = 2,
    OVERRIDE_ARGUMENT_SHIFT = 3,
    OVERRIDE_SMALL = 64, /* from scale 8 on a step or hold is below this */
};

static inline uint16_t override_steps(unsigned code)
{
    unsigned fraction = code & SPAN_MOST, scale = code >> SPAN_BITS;

    return (uint16_t)(scale < 8 ? fraction >> scale : fraction % OVERRIDE_SMALL);
}

/* The bytes not read yet. Reading past the end gives zeros and is remembered. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool torn;
};

static inline uint64_t take(struct reader *in, size_t width)
{
    uint64_t value = 0;

    if ((size_t)(in->end - in->at) < width) {
        in->at = in->end;
        in->torn = true;
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)in->at[i] << (8 * i);
    in->at += width;
    return value;
}

/* Room that is left. Writing past it is remembered and does nothing. */
struct writer {
    uint8_t *at;
    const uint8_t *end;
    bool full;
};

static inline void put(struct writer *out, uint64_t value, size_t width)
{
    if ((size_t)(out->end - out->at) < width) {
        out->full = true;
        return;
    }
    for (size_t i = 0; i < width; i++)
        out->at[i] = (uint8_t)(value >> (8 * i));
    out->at += width;
}

/* bytes_schedule.c. Decoding takes the overrides off the end of `in`, and says whether something is beside the map. */
bool decode_schedule(struct reader *in, struct schedule *schedule);
void encode_schedule(struct writer *out, const struct schedule *schedule, bool beside);
void encode_overrides(struct writer *out, const struct schedule *schedule);

/* bytes_beside.c: what stands beside the map, if anything does. */
void decode_beside(struct reader *in, struct program *program);
void encode_beside(struct writer *out, const struct program *program);
bool has_beside(const struct program *program);

/* bytes_decode.c, bytes_encode.c */
uint64_t decode_address(struct reader *in, const struct program *program);
void encode_address(struct writer *out, const struct program *program, uint64_t address);

/* As program_decode; returns how many of the bytes the program uses: a torn last operation is left out. */
size_t decode_counted(struct program *program, const uint8_t *bytes, size_t length);

#endif
