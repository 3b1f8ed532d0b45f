/* The byte twin: cut anywhere, short of room, random, and short where it should be. The laws are program_test.c's. */
#include "../../ci/tests/test.h"
#include "bytes.h"
#include "test_programs.h"

static struct program program, again;
static uint8_t bytes[PROGRAM_BYTES], twin[PROGRAM_BYTES];

static void clear(void)
{
    program_decode(&program, NULL, 0);
}

static void no_bytes_are_the_empty_program(void)
{
    clear();
    CHECK(program.cpus == 1 && program.reserved_below == 0 && !program.raw);
    CHECK(program.region_count == 0 && program.operation_count == 0);
}

/* A prefix is the same program with fewer operations, and the torn one is left out. */
static void prefixes_lose_the_tail_only(void)
{
    generate_program(&program, 7, 40);
    for (size_t size = program_encode(&program, bytes, sizeof bytes), seen = 40; size-- > 0;) {
        program_decode(&again, bytes, size);
        CHECK(again.operation_count <= seen && seen - again.operation_count <= 1);
        seen = again.operation_count;
        for (size_t i = 0; i < seen; i++)
            CHECK(again.operations[i].kind == program.operations[i].kind);
    }
}

static void encoding_needs_the_room(void)
{
    generate_program(&program, 3, 20);
    for (size_t size = program_encode(&program, bytes, sizeof bytes), room = 0; room < size; room++)
        CHECK(program_encode(&program, twin, room) == 0);
}

/* What keeps the fuzzer fast and effective: see bytes.h. */
static void random_bytes_mean_small_maps(void)
{
    struct random random = {5};
    unsigned small = 0, everyday = 0, operations = 0, seen[OPERATION_COUNT] = {0};

    for (int i = 0; i < 10000; i++) {
        uint64_t usable = 0;

        for (size_t j = 0; j < 200; j++)
            bytes[j] = (uint8_t)random_next(&random);
        program_decode(&program, bytes, 200);
        for (size_t j = 0; j < program.region_count; j++)
            if (program.regions[j].type == REGION_USABLE)
                usable += program.regions[j].length >> FRAME_SHIFT;
        small += usable > 0 && usable <= 8192;
        for (size_t j = 0; j < program.operation_count; j++, operations++)
            seen[program.operations[j].kind]++;
    }
    for (unsigned kind = 0; kind < OPERATION_COUNT; kind++)
        CHECK(seen[kind] > 1000);
    everyday = seen[OPERATION_ALLOC] + seen[OPERATION_ALLOC_LARGE] + seen[OPERATION_FREE] + seen[OPERATION_RELEASE];
    CHECK(small > 6000);
    CHECK(everyday > operations / 2);
}

static void usual_things_are_short(void)
{
    clear();
    program.regions[program.region_count++] = (struct region){UINT64_C(1) << 20, 4 << 20, REGION_USABLE};
    CHECK(program_encode(&program, bytes, sizeof bytes) == 2 + 5);
    program.operations[program.operation_count++] = (struct operation){OPERATION_ALLOC, {0, ZONE_NORMAL, 0}};
    CHECK(program_encode(&program, bytes, sizeof bytes) == 2 + 5 + 3);
    program.operations[program.operation_count++] = (struct operation){OPERATION_RELEASE_AT, {0x101000, 0, 0}};
    CHECK(program_encode(&program, bytes, sizeof bytes) == 2 + 5 + 3 + 4);
}

/* Encoded by hand from FORMAT.md. */
static void bytes_mean_what_the_document_says(void)
{
    static const uint8_t sample[] = {
        0xC1,       0x10, 0x00,                         /* 2 CPUs, below a span of 16 frames */
        0x01,                                           /* 2 entries */
        14 * 8 + 1, 0x02, 0x00, 0xFF, 0x70, 5,    0xFE, /* usable, skewed, from 1 MiB */
        27 * 8 + 7, 0x00, 0x00, 0x03, 0x80,             /* unusable, from its end; 3 blocks */
        9,          0x00, 0x01, 0x00, 0xFF, 200,        /* free-at the first entry plus a frame, order 200 */
        12,         0x01, 7,    0xF0, 0x34, 0x12,       /* fill 2 MiB from DMA, 0x1234 of them */
        0x40,       0xC8, 6,                            /* an everyday one: alloc s8 dma32 */
    };

    CHECK(decode_counted(&program, sample, sizeof sample) == sizeof sample);
    CHECK(program.cpus == 2 && program.reserved_below == 0x10000 && program.region_count == 2);
    CHECK(program.regions[0].base == 0x102005 && program.regions[0].type == REGION_USABLE);
    CHECK(program.regions[0].length == (0xFF >> 7) * FRAME_BYTES - 2);
    CHECK(program.regions[1].base == region_end(&program.regions[0]));
    CHECK(program.regions[1].length == 3 * BLOCK_BYTES && program.regions[1].type == REGION_UNUSABLE);
    CHECK(program.operation_count == 3);
    CHECK(program.operations[0].kind == OPERATION_FREE_AT && program.operations[0].operands[0] == 0x103000);
    CHECK(program.operations[0].operands[1] == 200);
    CHECK(program.operations[1].kind == OPERATION_FILL && program.operations[1].operands[0] == BLOCK_ORDER);
    CHECK(program.operations[1].operands[1] == ZONE_DMA && program.operations[1].operands[2] == 0x1234);
    CHECK(program.operations[2].kind == OPERATION_ALLOC && program.operations[2].operands[0] == 8);
    CHECK(program.operations[2].operands[1] == ZONE_DMA32);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"bytes: none are the empty program", no_bytes_are_the_empty_program},
        {"bytes: mean what FORMAT.md says", bytes_mean_what_the_document_says},
        {"bytes: a prefix loses the tail only", prefixes_lose_the_tail_only},
        {"bytes: encode refuses too little room", encoding_needs_the_room},
        {"bytes: random ones mean small maps and everyday operations", random_bytes_mean_small_maps},
        {"bytes: usual things are short", usual_things_are_short},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
