/*
 * Structure-aware mutation of programs, for both engines: libfuzzer.c and afl.c are thin faces over these
 * functions. All are deterministic in their seed, allocate nothing, and are not thread-safe (a fuzzer mutates
 * on one thread).
 */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include "../program/program.h"

/* generate.c: a typical program: small map, mostly sound operations, some misuse, exactly so many operations.
 */
void generate_program(struct program *program, uint64_t seed, unsigned operations);

/* generate_concurrent.c: two to four CPUs that contend for little memory. */
void generate_concurrent_program(struct program *program, uint64_t seed);

/* mutate.c: changes the program in `data` (room for `max`) in one or a few ways; returns the new size. */
size_t mutate_program_bytes(uint8_t *data, size_t size, size_t max, uint64_t seed);

/* mutate.c: a program made of parts of two; returns its size in `out`, 0 when not even two bytes fit. */
size_t cross_program_bytes(const uint8_t *first, size_t first_size, const uint8_t *second, size_t second_size,
                           uint8_t *out, size_t max, uint64_t seed);

#endif
