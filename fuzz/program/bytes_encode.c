/* A program to bytes: each value in the first exact way to say it, and raw when there is no other. */
#include "bytes.h"

/* `value` as whole frames that a span can say, and a skew. False when it is too large. */
struct split {
    uint64_t frames;
    uint64_t skew; /* modulo 2^64 */
};

static bool split_bytes(uint64_t value, struct split *split)
{
    uint64_t shifted = value - (uint64_t)SKEW_LEAST;

    split->frames = shifted >> FRAME_SHIFT;
    split->skew = value - (split->frames << FRAME_SHIFT);
    return split->frames <= SPAN_MOST && split->skew - (uint64_t)SKEW_LEAST < 256;
}

static void encode_header(struct writer *out, const struct program *program)
{
    uint64_t below = program->reserved_below;
    unsigned header = (program->cpus - 1) | (program->concurrent   ? HEADER_CONCURRENT
                                             : has_beside(program) ? HEADER_BESIDE
                                                                   : 0);

    if (below == 0) {
        put(out, header, 1);
    } else if (below == UINT64_C(1) << 20) {
        put(out, header | HEADER_BELOW_MIB << HEADER_BELOW_SHIFT, 1);
    } else {
        bool span = below % FRAME_BYTES == 0 && below >> FRAME_SHIFT <= SPAN_MOST;

        put(out, header | HEADER_BELOW_SPAN << HEADER_BELOW_SHIFT, 1);
        put(out, span ? below >> FRAME_SHIFT : BELOW_RAW_CODE, 2);
        put(out, below, span ? 0 : 8);
    }
    if (program->concurrent)
        encode_schedule(out, &program->schedule, has_beside(program));
}

/* The kind of entry that says this; ENTRY_RAW when there is none. */
static unsigned find_kind(uint32_t type, bool skewed)
{
    unsigned kind = 0;

    while (kind < ENTRY_RAW && (entry_kinds[kind].type != type || entry_kinds[kind].skewed != skewed))
        kind++;
    return kind;
}

static void encode_region(struct writer *out, const struct program *program, size_t index)
{
    const struct region *region = &program->regions[index];
    uint64_t previous = index ? region_end(region - 1) : 0;
    struct split base, length;
    bool compact = split_bytes(region->length, &length);

    for (unsigned anchor = 0; compact && anchor < ANCHORS; anchor++) {
        uint64_t from = anchor == ANCHOR_PREVIOUS ? previous : anchors[anchor];
        bool skewed;
        unsigned kind;

        if (!split_bytes(region->base - from, &base))
            continue;
        skewed = base.skew || length.skew;
        kind = find_kind(region->type, skewed);
        if (kind == ENTRY_RAW)
            continue;
        put(out, kind * ANCHORS + anchor, 1);
        put(out, base.frames, 2);
        put(out, length.frames, 2);
        put(out, base.skew, skewed);
        put(out, length.skew, skewed);
        return;
    }
    put(out, ENTRY_RAW * ANCHORS, 1);
    put(out, region->base, 8);
    put(out, region->length, 8);
    put(out, region->type, 4);
}

static void encode_map(struct writer *out, const struct program *program)
{
    if (program->raw) {
        const bool plain = program->table.form == TABLE_MULTIBOOT && program->table.stride == 0;

        put(out, plain ? MAP_MULTIBOOT : MAP_TABLE, 1);
        put(out, program->table.form, plain ? 0 : 1);
        put(out, program->table.stride, plain ? 0 : 2);
        put(out, program->table.length, 2);
        for (size_t i = 0; i < program->table.length; i++)
            put(out, program->table.bytes[i], 1);
        return;
    }
    if (program->region_count > 0 && program->region_count <= MAP_SHORT) {
        put(out, program->region_count - 1, 1);
    } else {
        put(out, MAP_ESCAPE, 1);
        put(out, program->region_count, 1);
    }
    for (size_t i = 0; i < program->region_count; i++)
        encode_region(out, program, i);
}

static bool encode_from(struct writer *out, const struct program *program, unsigned tag, uint64_t address)
{
    struct address_origin origin = address_origin(program, (uint8_t)tag);
    struct split split;

    if (!split_bytes(address - origin.address, &split))
        return false;
    put(out, tag | (split.skew ? ADDRESS_SKEWED : 0), 1);
    put(out, split.frames, 2);
    put(out, split.skew, split.skew != 0);
    return true;
}

/* Counts up only: below an entry's end means above its base, or above an anchor, or raw. */
void encode_address(struct writer *out, const struct program *program, uint64_t address)
{
    for (unsigned tag = 0; tag < ADDRESS_ENTRIES && tag < program->region_count; tag++)
        if (encode_from(out, program, tag, address))
            return;
    for (unsigned anchor = 0; anchor < ANCHOR_PREVIOUS; anchor++)
        if (encode_from(out, program, ADDRESS_ANCHOR + anchor, address))
            return;
    put(out, ADDRESS_RAW, 1);
    put(out, address, 8);
}

static void encode_operand(struct writer *out, const struct program *program, enum operand_kind kind, uint64_t value)
{
    switch (kind) {
    case OPERAND_SLOT:
        put(out, value < SLOT_SHORT ? value : SLOT_ESCAPE + value, 1);
        break;
    case OPERAND_ZONE:
        put(out, value == ZONE_DMA ? ZONE_DMA_CODE : value == ZONE_DMA32 ? ZONE_DMA32_CODE : 0, 1);
        break;
    case OPERAND_ORDER:
        if (value == 0 || value == BLOCK_ORDER)
            put(out, value != 0, 1);
        else
            put(out, ORDER_ESCAPE | value << 8, 2);
        break;
    case OPERAND_COUNT:
        if (value < COUNT_ESCAPE)
            put(out, value, 1);
        else
            put(out, COUNT_ESCAPE | value << 8, 3);
        break;
    case OPERAND_ADDRESS:
        encode_address(out, program, value);
        break;
    case OPERAND_NONE:
        break;
    }
}

/* Header, schedule, map, beside it, and of the operations the widest: opcode, raw address, any order. */
_Static_assert(11 + 10 + 6 * SCHEDULE_OVERRIDES + 6 + PROGRAM_TABLE + 30 + 2 * PROGRAM_RANGES * 19 +
                       PROGRAM_OPERATIONS * (1 + 9 + 2) <=
                   PROGRAM_BYTES,
               "any program fits");

size_t program_encode(const struct program *program, uint8_t *bytes, size_t capacity)
{
    struct writer out = {bytes, bytes + capacity, false};

    encode_header(&out, program);
    encode_map(&out, program);
    encode_beside(&out, program);
    for (size_t i = 0; i < program->operation_count; i++) {
        const struct operation *operation = &program->operations[i];
        const struct operation_info *info = &operation_infos[operation->kind];

        put(&out, operation->kind, 1);
        for (size_t j = 0; j < 3; j++)
            encode_operand(&out, program, info->operands[j], operation->operands[j]);
    }
    if (program->concurrent)
        encode_overrides(&out, &program->schedule);
    return out.full ? 0 : (size_t)(out.at - bytes);
}
