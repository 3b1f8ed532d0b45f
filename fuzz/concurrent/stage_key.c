/* The map of a program as bytes. */
#include "stage_key.h"

#include <string.h>

static void key_add(struct key *key, const void *bytes, size_t size)
{
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

static void key_number(struct key *key, uint64_t number)
{
    key_add(key, &number, sizeof(number));
}

void key_make(struct key *key, const struct program *program)
{
    key->size = 0;
    key_number(key, program->cpus | (uint64_t)program->raw << 8 | (uint64_t)program->placed << 9 |
                        (uint64_t)program->region_count << 32);
    key_number(key, program->reserved.count << 8 | program->later.count);
    key_number(key, program->reserved_below);
    key_number(key, program->managed_below);
    key_number(key, program->place_above);
    key_number(key, program->place_below);
    key_add(key, program->reserved.list, program->reserved.count * sizeof(struct range));
    key_add(key, program->later.list, program->later.count * sizeof(struct range));
    if (program->raw) {
        key_number(key, (uint64_t)program->table.form << 32 | program->table.stride);
        key_add(key, program->table.bytes, program->table.length);
    }
    for (size_t i = 0; i < program->region_count; i++) {
        key_number(key, program->regions[i].base);
        key_number(key, program->regions[i].length);
        key_add(key, &program->regions[i].type, sizeof(program->regions[i].type));
    }
}

uint64_t key_hash(const struct key *key)
{
    uint64_t hash = key->size;

    for (size_t at = 0; at < key->size; at += 8) {
        uint64_t word = 0;

        memcpy(&word, key->bytes + at, key->size - at < 8 ? key->size - at : 8);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}
