/* The parts of the mutator: randomness, operations and maps to invent or change. Private to fuzz/mutator. */
#ifndef FUZZ_MUTATOR_PARTS_H
#define FUZZ_MUTATOR_PARTS_H

#include "../program/program.h"

/* SplitMix64: any seed will do, and a step is a few instructions. */
struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

/* In [0, limit); 0 when the limit is 0. The bias does not matter here. */
static inline uint64_t random_below(struct random *random, uint64_t limit)
{
    return limit ? random_next(random) % limit : 0;
}

static inline bool random_one_in(struct random *random, uint64_t odds)
{
    return random_below(random, odds) == 0;
}

/* operands.c */
uint64_t random_address(const struct program *program, struct random *random);
/* An address at which a zone, the firmware's world or arithmetic ends. */
uint64_t random_edge(struct random *random);
uint64_t random_operand(const struct program *program, size_t at, struct random *random,
                        const struct operation *operation, size_t index);
/* Operands that make sense at operation `at`, which is not yet in the program. */
void random_operands(const struct program *program, size_t at, struct random *random, struct operation *operation);

/* mutate_operations.c: one change. */
void mutate_operations(struct program *program, struct random *random);
/* Moves the operations from `at` on up by at most `count`; returns by how many. */
size_t open_gap(struct program *program, size_t at, size_t count);

/* mutate_map.c: one change. */
void mutate_map(struct program *program, struct random *random);
struct region random_region(struct random *random);

/* mutate_multiboot.c: one change; between regions and the raw bytes that say the same. */
void mutate_multiboot(struct program *program, struct random *random);
void regions_to_multiboot(struct program *program);

/* mutate_schedule.c: one change to a concurrent program: its schedule, its lists or its map. */
void mutate_concurrent(struct program *program, struct random *random);

/* generate_concurrent.c */
void random_concurrent_map(struct program *program, struct random *random);
void random_concurrent_operation(const struct program *program, struct random *random, struct operation *operation);

/* generate.c: by the everyday odds, in which the bulk steps are rare. */
enum operation_kind random_kind(struct random *random);
void random_operation(const struct program *program, size_t at, struct random *random, struct operation *operation);

#endif
