/* What a stage depends on, in bytes: equal keys, equal states after the start. */
#ifndef FUZZ_CONCURRENT_STAGE_KEY_H
#define FUZZ_CONCURRENT_STAGE_KEY_H

#include "state.h"

struct key {
    uint8_t bytes[64 + 2 * PROGRAM_RANGES * sizeof(struct range) + PROGRAM_TABLE + PROGRAM_REGIONS * 20];
    size_t size;
};

void key_make(struct key *key, const struct program *program);
uint64_t key_hash(const struct key *key);

#endif
