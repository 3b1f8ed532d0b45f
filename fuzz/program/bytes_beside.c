/* What stands beside the map, in bytes: where managed memory ends, the metadata's place, reserved and later ranges. */
#include "bytes.h"

bool has_beside(const struct program *program)
{
    return program->managed_below || program->placed || program->reserved.count || program->later.count;
}

static void decode_ranges(struct reader *in, const struct program *program, unsigned code, struct ranges *ranges)
{
    const size_t count = code < BESIDE_MANY ? code : (size_t)take(in, 1) % (PROGRAM_RANGES + 1);

    while (ranges->count < count) {
        struct range *range = &ranges->list[ranges->count];
        unsigned length;

        range->base = decode_address(in, program);
        length = (unsigned)take(in, 2);
        range->length = length == LENGTH_RAW_CODE ? take(in, 8) : span_frames(length) << FRAME_SHIFT;
        if (in->torn)
            return;
        ranges->count++;
    }
}

void decode_beside(struct reader *in, struct program *program)
{
    const unsigned what = (unsigned)take(in, 1);

    if (what & BESIDE_MANAGED_BELOW)
        program->managed_below = decode_address(in, program);
    program->placed = what & BESIDE_PLACE;
    if (program->placed) {
        program->place_above = decode_address(in, program);
        program->place_below = decode_address(in, program);
    }
    decode_ranges(in, program, what >> BESIDE_RESERVED_SHIFT & BESIDE_MANY, &program->reserved);
    decode_ranges(in, program, what >> BESIDE_LATER_SHIFT & BESIDE_MANY, &program->later);
}

static unsigned count_code(const struct ranges *ranges)
{
    return ranges->count < BESIDE_MANY ? (unsigned)ranges->count : (unsigned)BESIDE_MANY;
}

static void encode_ranges(struct writer *out, const struct program *program, const struct ranges *ranges)
{
    put(out, ranges->count, ranges->count < BESIDE_MANY ? 0 : 1);
    for (size_t i = 0; i < ranges->count; i++) {
        const uint64_t length = ranges->list[i].length;
        const bool span = length % FRAME_BYTES == 0 && length >> FRAME_SHIFT <= SPAN_MOST;

        encode_address(out, program, ranges->list[i].base);
        put(out, span ? length >> FRAME_SHIFT : LENGTH_RAW_CODE, 2);
        put(out, length, span ? 0 : 8);
    }
}

void encode_beside(struct writer *out, const struct program *program)
{
    unsigned what = count_code(&program->reserved) << BESIDE_RESERVED_SHIFT;

    if (!has_beside(program))
        return;
    what |= count_code(&program->later) << BESIDE_LATER_SHIFT | (program->placed ? BESIDE_PLACE : 0u) |
            (program->managed_below ? BESIDE_MANAGED_BELOW : 0u);
    put(out, what, 1);
    if (program->managed_below)
        encode_address(out, program, program->managed_below);
    if (program->placed) {
        encode_address(out, program, program->place_above);
        encode_address(out, program, program->place_below);
    }
    encode_ranges(out, program, &program->reserved);
    encode_ranges(out, program, &program->later);
}
