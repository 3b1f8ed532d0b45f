/*
 * Bytes to a program. Any bytes are one: numbers are reduced to their range, a torn tail is left out, what is
 * beyond the caps is not read. Runs once per execution, so it writes no more of the program than counts.
 */
#include "bytes.h"

#include <string.h>

static uint8_t take_byte(struct reader *in)
{
    return (uint8_t)take(in, 1);
}

static uint64_t take_span_bytes(struct reader *in)
{
    return span_frames((unsigned)take(in, 2)) << FRAME_SHIFT;
}

/* One signed byte, as what to add modulo 2^64. */
static uint64_t take_skew(struct reader *in)
{
    uint64_t byte = take(in, 1);

    return byte <= SKEW_MOST ? byte : byte - 256;
}

/* Whether something stands beside the map. */
static bool decode_header(struct reader *in, struct program *program)
{
    unsigned header = take_byte(in), below = header >> HEADER_BELOW_SHIFT, code;

    program->cpus = header % PROGRAM_CPUS + 1;
    program->concurrent = (header & HEADER_CONCURRENT) == HEADER_CONCURRENT;
    program->reserved_below = below == HEADER_BELOW_MIB ? UINT64_C(1) << 20 : 0;
    if (below >= HEADER_BELOW_SPAN) {
        code = (unsigned)take(in, 2);
        program->reserved_below = code == BELOW_RAW_CODE ? take(in, 8) : span_frames(code) << FRAME_SHIFT;
    }
    program->schedule.override_count = 0;
    if (program->concurrent)
        return decode_schedule(in, &program->schedule);
    return (header & HEADER_CONCURRENT) == HEADER_BESIDE;
}

static void decode_table(struct reader *in, struct program *program)
{
    size_t length = take(in, 2) % (PROGRAM_TABLE + 1), left = (size_t)(in->end - in->at);

    if (length > left)
        length = left;
    memcpy(program->table.bytes, in->at, length);
    program->table.length = length;
    in->at += length;
}

static void decode_region(struct reader *in, const struct program *program, struct region *region)
{
    unsigned tag = take_byte(in), kind = tag / ANCHORS;

    if (kind == ENTRY_RAW) {
        region->base = take(in, 8);
        region->length = take(in, 8);
        region->type = (uint32_t)take(in, 4);
        return;
    }
    region->type = entry_kinds[kind].type;
    region->base = anchor_address(program, tag % ANCHORS) + take_span_bytes(in);
    region->length = take_span_bytes(in);
    if (entry_kinds[kind].skewed) {
        region->base += take_skew(in);
        region->length += take_skew(in);
    }
}

static void decode_map(struct reader *in, struct program *program)
{
    uint8_t code = take_byte(in);
    size_t count = code % MAP_SHORT + 1;

    program->raw = code >= MAP_TABLE;
    if (program->raw) {
        if (code != MAP_MULTIBOOT) {
            program->table.form = (enum table_form)(take_byte(in) % TABLE_FORMS);
            program->table.stride = (uint32_t)take(in, 2) % (PROGRAM_TABLE + 1);
        }
        decode_table(in, program);
        return;
    }
    if (code >= MAP_ESCAPE)
        count = take_byte(in) % (PROGRAM_REGIONS + 1);
    while (program->region_count < count) {
        decode_region(in, program, &program->regions[program->region_count]);
        if (in->torn)
            return;
        program->region_count++;
    }
}

uint64_t decode_address(struct reader *in, const struct program *program)
{
    uint8_t tag = take_byte(in);
    struct address_origin origin;
    uint64_t span, skew;

    if (tag >= ADDRESS_RAW)
        return take(in, 8);
    origin = address_origin(program, tag);
    span = take_span_bytes(in);
    skew = tag & ADDRESS_SKEWED ? take_skew(in) : 0;
    return (origin.down ? origin.address - span : origin.address + span) + skew;
}

static uint64_t decode_operand(struct reader *in, const struct program *program, enum operand_kind kind)
{
    uint8_t code;

    switch (kind) {
    case OPERAND_SLOT:
        code = take_byte(in);
        return code < SLOT_ESCAPE ? code % SLOT_SHORT : code % PROGRAM_SLOTS;
    case OPERAND_ZONE:
        code = take_byte(in) % 8;
        return code < ZONE_DMA32_CODE ? ZONE_NORMAL : code == ZONE_DMA_CODE ? ZONE_DMA : ZONE_DMA32;
    case OPERAND_ORDER:
        code = take_byte(in);
        return code == ORDER_ESCAPE ? take_byte(in) : code % 2 ? BLOCK_ORDER : 0;
    case OPERAND_COUNT:
        code = take_byte(in);
        return code < COUNT_ESCAPE ? code : take(in, 2);
    case OPERAND_ADDRESS:
        return decode_address(in, program);
    case OPERAND_NONE:
        break;
    }
    return 0;
}

static void decode_operation(struct reader *in, const struct program *program, struct operation *operation)
{
    uint8_t opcode = take_byte(in);
    const enum operand_kind *operands;

    operation->kind = opcode < OPCODE_COMMON ? (enum operation_kind)(opcode % OPERATION_COUNT)
                                             : common_operations[opcode % COMMON_OPERATIONS];
    operands = operation_infos[operation->kind].operands;
    for (size_t i = 0; i < 3; i++)
        operation->operands[i] = decode_operand(in, program, operands[i]);
}

size_t decode_counted(struct program *program, const uint8_t *bytes, size_t length)
{
    static const uint8_t nothing[1];
    const uint8_t *start = length ? bytes : nothing, *whole; /* `bytes` may be NULL when there are none */
    struct reader in = {start, start + length, false};
    struct lists lists = {0};
    bool beside;

    program->operation_count = 0;
    program_clear_map(program);
    beside = decode_header(&in, program);
    decode_map(&in, program);
    if (beside)
        decode_beside(&in, program);
    whole = in.at;
    while (in.at < in.end && program->operation_count < PROGRAM_OPERATIONS) {
        struct operation *operation = &program->operations[program->operation_count];
        unsigned list;

        decode_operation(&in, program, operation);
        if (in.torn)
            break;
        if (program->concurrent && !lists_next(&lists, program->cpus, operation, &list))
            continue;
        program->operation_count++;
        whole = in.at;
    }
    return (size_t)(whole - start) + program->schedule.override_count * OVERRIDE_BYTES;
}

void program_decode(struct program *program, const uint8_t *bytes, size_t length)
{
    decode_counted(program, bytes, length);
}
