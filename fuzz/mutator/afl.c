/*
 * AFL++'s face of the mutator (custom mutator API of 4.04c), built as a shared library and named in
 * AFL_CUSTOM_MUTATOR_LIBRARY. AFL++ keeps its own byte mutations beside it.
 */
#include "mutator.h"

#include <stdlib.h>
#include <string.h>

#include "parts.h"

enum { CROSS_ODDS = 8 };

struct afl_mutator {
    struct random random;
    bool crossed;
    uint8_t out[PROGRAM_BYTES];
};

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *added, size_t added_size,
                       size_t max_size);
const char *afl_custom_describe(void *data, size_t max_length);
void afl_custom_deinit(void *data);

void *afl_custom_init(void *afl, unsigned seed)
{
    struct afl_mutator *mutator = malloc(sizeof *mutator);

    (void)afl;
    if (mutator)
        *mutator = (struct afl_mutator){.random = {seed}};
    return mutator;
}

size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *added, size_t added_size,
                       size_t max_size)
{
    struct afl_mutator *mutator = data;
    size_t max = max_size < sizeof mutator->out ? max_size : sizeof mutator->out;
    uint64_t seed = random_next(&mutator->random);

    *out = mutator->out;
    mutator->crossed = added && random_one_in(&mutator->random, CROSS_ODDS);
    if (mutator->crossed)
        return cross_program_bytes(bytes, size, added, added_size, mutator->out, max, seed);
    size = size < max ? size : max;
    memcpy(mutator->out, bytes, size);
    return mutate_program_bytes(mutator->out, size, max, seed);
}

/* Goes into the names of what AFL++ saves. */
const char *afl_custom_describe(void *data, size_t max_length)
{
    const struct afl_mutator *mutator = data;
    const char *name = mutator->crossed ? "cross" : "program";

    return strlen(name) <= max_length ? name : "";
}

void afl_custom_deinit(void *data)
{
    free(data);
}
