/* What the tests of this folder share: random bytes, programs printed into memory. Only for tests. */
#ifndef FUZZ_PROGRAM_TEST_PROGRAMS_H
#define FUZZ_PROGRAM_TEST_PROGRAMS_H

#include <stdio.h>
#include <string.h>

#include "../mutator/mutator.h"
#include "../mutator/parts.h"

enum { TEXT_MOST = 1 << 18, ERROR_MOST = 256 };

/* Of mixed length, now and then with long runs of high bytes, which the escapes need. */
static inline size_t random_bytes(struct random *random, uint8_t *bytes, size_t most)
{
    size_t length = (size_t)random_below(random, most + 1);
    uint8_t least = random_one_in(random, 4) ? 0xC0 : 0;

    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)random_next(random) | (random_one_in(random, 2) ? least : 0);
    return length;
}

/* The text, terminated, and its length; 0 when it could not be had. */
static inline size_t print_program(const struct program *program, char text[TEXT_MOST])
{
    FILE *file = tmpfile();
    size_t length;

    text[0] = '\0';
    if (!file)
        return 0;
    program_print(program, file);
    rewind(file);
    length = fread(text, 1, TEXT_MOST - 1, file);
    text[length] = '\0';
    fclose(file);
    return length;
}

#endif
