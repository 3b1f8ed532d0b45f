/* The mutator's promises: deterministic, within bounds, always a program, mostly another one, and reaching far. */
#include "mutator.h"

#include <string.h>

#include "../../ci/tests/test.h"
#include "../program/test_programs.h"

enum { GUARD = 16, ROUNDS = 20000 };

static struct program program, again;
static uint8_t bytes[PROGRAM_BYTES + GUARD], twin[PROGRAM_BYTES + GUARD], other[PROGRAM_BYTES];

static bool is_canonical(const uint8_t *data, size_t size)
{
    program_decode(&program, data, size);
    return program_encode(&program, twin, sizeof twin) == size && memcmp(twin, data, size) == 0;
}

static void generation_is_deterministic(void)
{
    for (unsigned i = 0; i < 1000; i++) {
        generate_program(&program, i, 32);
        memset(&again, 0xA5, sizeof again); /* nothing of what was there before may matter */
        generate_program(&again, i, 32);
        CHECK(program_equal(&program, &again));
        CHECK(program.operation_count == 32);
    }
}

static void mutation_is_deterministic(void)
{
    for (unsigned i = 0; i < 2000; i++) {
        size_t size, first, second;

        generate_program(&program, i, 16);
        size = program_encode(&program, bytes, sizeof bytes);
        memcpy(other, bytes, size);
        first = mutate_program_bytes(bytes, size, PROGRAM_BYTES, i);
        mutate_program_bytes(twin, 0, PROGRAM_BYTES, i + 1); /* other work between must not matter */
        second = mutate_program_bytes(other, size, PROGRAM_BYTES, i);
        CHECK(first == second && memcmp(bytes, other, first) == 0);
    }
}

/* A long walk: each result is the next input. Most steps must lead to another program. */
static void mutants_are_programs_and_differ(void)
{
    size_t size = 0, unchanged = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t before = size;

        memcpy(other, bytes, size);
        size = mutate_program_bytes(bytes, size, 1000, i);
        CHECK(size >= 2 && size <= 1000);
        unchanged += size == before && memcmp(bytes, other, size) == 0;
        CHECK(is_canonical(bytes, size));
        CHECK(program.cpus >= 1 && program.cpus <= PROGRAM_CPUS);
        CHECK(!program.raw || program.region_count == 0);
    }
    CHECK(unchanged < ROUNDS / 8);
}

/* Whatever the bytes and the room: nothing is written beyond it. */
static void room_is_respected(void)
{
    struct random random = {11};

    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t size = random_bytes(&random, bytes, 300), max = size + (size_t)random_below(&random, 40);
        size_t mutated;

        memset(bytes + max, 0xEE, GUARD);
        mutated = mutate_program_bytes(bytes, size, max, i);
        CHECK(mutated <= max);
        for (size_t j = 0; j < GUARD; j++)
            CHECK(bytes[max + j] == 0xEE);
        mutated = cross_program_bytes(bytes, mutated, other, random_bytes(&random, other, 300), twin, max, i);
        CHECK(mutated <= max);
    }
    CHECK(mutate_program_bytes(bytes, 0, 1, 1) == 0);
    CHECK(cross_program_bytes(bytes, 0, other, 0, twin, 1, 1) == 0);
}

static void crossing_takes_from_both(void)
{
    size_t first_only = 0, second_only = 0, both = 0;

    for (unsigned i = 0; i < 2000; i++) {
        size_t first, second, size, stats = 0, checks = 0;

        generate_program(&program, i, 0);
        for (program.operation_count = 0; program.operation_count < 8; program.operation_count++)
            program.operations[program.operation_count] = (struct operation){OPERATION_STATS, {0}};
        first = program_encode(&program, bytes, sizeof bytes);
        for (size_t j = 0; j < 8; j++)
            program.operations[j].kind = OPERATION_CHECK;
        second = program_encode(&program, other, sizeof other);
        size = cross_program_bytes(bytes, first, other, second, twin, PROGRAM_BYTES, i);
        program_decode(&program, twin, size);
        for (size_t j = 0; j < program.operation_count; j++) {
            stats += program.operations[j].kind == OPERATION_STATS;
            checks += program.operations[j].kind == OPERATION_CHECK;
        }
        CHECK(stats + checks == program.operation_count);
        first_only += stats && !checks;
        second_only += checks && !stats;
        both += stats && checks;
    }
    CHECK(first_only > 0 && second_only > 0 && both > 1000);
}

/* From the empty program alone, the walk meets every operation, every type, hostile maps and damaged raw ones. */
static void walk_reaches_far(void)
{
    size_t seen[OPERATION_COUNT] = {0}, forms[TABLE_FORMS] = {0}, empty = 0, wrapped = 0, skewed = 0, full = 0,
           size = 0;
    size_t strides = 0, reserved = 0, later = 0, placed = 0, managed_below = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        if (i % 100 == 0)
            size = 0;
        size = mutate_program_bytes(bytes, size, 1000, i);
        program_decode(&program, bytes, size);
        forms[program.table.form] += program.raw;
        strides += program.raw && program.table.stride;
        reserved += program.reserved.count > 1;
        later += program.later.count > 1;
        placed += program.placed;
        managed_below += program.managed_below != 0;
        full += program.cpus == PROGRAM_CPUS;
        for (size_t j = 0; j < program.operation_count; j++)
            seen[program.operations[j].kind]++;
        for (size_t j = 0; j < program.region_count; j++) {
            const struct region *region = &program.regions[j];

            empty += region->length == 0;
            wrapped += region->base + region->length < region->base;
            skewed += region->base % FRAME_BYTES != 0;
        }
    }
    for (unsigned kind = 0; kind < OPERATION_COUNT; kind++)
        CHECK(seen[kind] > 0);
    for (unsigned form = 0; form < TABLE_FORMS; form++)
        CHECK(forms[form] > 0);
    CHECK(strides > 0 && reserved > 0 && later > 0 && placed > 0 && managed_below > 0);
    CHECK(empty > 0 && wrapped > 0 && skewed > 0 && full > 0);
}

/* The largest programs stay within the caps and within their bytes. */
static void full_programs_stay_within_the_caps(void)
{
    for (unsigned i = 0; i < 300; i++) {
        size_t size;

        generate_program(&program, i, PROGRAM_OPERATIONS);
        if (!program.raw)
            for (; program.region_count < PROGRAM_REGIONS; program.region_count++)
                program.regions[program.region_count] = (struct region){~0ull << i % 64, 77, 12};
        size = program_encode(&program, bytes, PROGRAM_BYTES);
        for (unsigned j = 0; j < 20; j++) {
            size = mutate_program_bytes(bytes, size, PROGRAM_BYTES, i * 20 + j);
            CHECK(is_canonical(bytes, size));
        }
        size = cross_program_bytes(bytes, size, bytes, size, other, PROGRAM_BYTES, i);
        CHECK(is_canonical(other, size));
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"mutator: generation is deterministic", generation_is_deterministic},
        {"mutator: mutation is deterministic", mutation_is_deterministic},
        {"mutator: mutants are programs and differ", mutants_are_programs_and_differ},
        {"mutator: the room is respected", room_is_respected},
        {"mutator: crossing takes from both", crossing_takes_from_both},
        {"mutator: a walk from nothing reaches every operation and hostile maps", walk_reaches_far},
        {"mutator: full programs stay within the caps", full_programs_stay_within_the_caps},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
