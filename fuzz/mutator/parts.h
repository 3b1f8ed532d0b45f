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

/* mutate_table.c: one change, mostly damage. */
void mutate_table(struct program *program, struct random *random);

/* table_regions.c: the map as a table of this form; the table as a map, as far as it makes sense. */
void regions_to_table(struct program *program, enum table_form form);
void table_to_regions(struct program *program);
size_t table_least(enum table_form form);  /* bytes of an entry as short as it may be */
size_t table_stride(enum table_form form); /* bytes from entry to entry, as usual */

enum { TABLE_SIZE_BYTES = 4, TABLE_NUMBER = 8 };

static inline void put_number(uint8_t *bytes, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t get_number(const uint8_t *bytes, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/* mutate_beside.c: one change to what stands beside the map; memory of the map that is allocated from the start. */
void mutate_beside(struct program *program, struct random *random);
void add_later(struct program *program, struct random *random);

/* mutate_schedule.c: one change to a concurrent program: its schedule, its lists or its map. */
void mutate_concurrent(struct program *program, struct random *random);

/* generate_concurrent.c */
void random_concurrent_map(struct program *program, struct random *random);
void random_concurrent_later(struct program *program, struct random *random);
void random_concurrent_operation(const struct program *program, struct random *random, struct operation *operation);

/* generate.c: by the everyday odds, in which the bulk steps are rare. */
enum operation_kind random_kind(struct random *random);
void random_operation(const struct program *program, size_t at, struct random *random, struct operation *operation);

#endif
