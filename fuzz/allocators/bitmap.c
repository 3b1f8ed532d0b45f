/*
 * A bitmap, the way most small kernels begin: a bit per frame, one lock, and a search from the first word that may have
 * a free one. A 2 MiB frame is found by looking at block after block. The bools of naive_frames.h are kept beside it,
 * as what a free is judged by.
 */
#include "naive_frames.h"

enum { BLOCK_WORDS = BLOCK_FRAMES / 64 };

struct own {
    uint64_t *words;          /* eight a block; set: free */
    size_t first[ZONE_COUNT]; /* no word of the zone before this one has a free frame */
};
static const char own_name[] = "bitmap";
enum { OWN_PROMISES = PROMISE_LARGE | PROMISE_ZONES | PROMISE_CODES };

#include "naive_table.h"

static bool own_begin(struct instance *instance)
{
    const struct naive *naive = &instance->naive;
    struct own *own = &instance->own;

    own->words = calloc(naive->block_count * BLOCK_WORDS + 1, sizeof(uint64_t));
    for (size_t i = 0; own->words && i < naive->block_count; i++) {
        bool large;

        block_bits(naive, naive->blocks[i].base, own->words + i * BLOCK_WORDS, &large);
    }
    for (unsigned zone = 1; zone < ZONE_COUNT; zone++)
        own->first[zone] = naive->zone_end[zone - 1] * BLOCK_WORDS;
    return own->words != NULL;
}

static void own_end(struct instance *instance)
{
    free(instance->own.words);
}

static bool is_whole(const uint64_t *words)
{
    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        if (words[i] != UINT64_MAX)
            return false;
    }
    return true;
}

static bool own_take(struct instance *instance, enum zone zone, unsigned order, uint64_t *address)
{
    struct naive *naive = &instance->naive;
    struct own *own = &instance->own;
    const size_t end = naive->zone_end[zone] * BLOCK_WORDS;
    size_t at = own->first[zone];
    unsigned bit = 0;

    if (order == 0) {
        while (at < end && own->words[at] == 0)
            at++;
        own->first[zone] = at;
    } else {
        at = (at + BLOCK_WORDS - 1) / BLOCK_WORDS * BLOCK_WORDS;
        while (at < end && !is_whole(own->words + at))
            at += BLOCK_WORDS;
    }
    if (at >= end)
        return false;
    if (order == 0) {
        bit = (unsigned)__builtin_ctzll(own->words[at]);
        own->words[at] &= own->words[at] - 1;
    } else {
        memset(own->words + at, 0, BLOCK_WORDS * sizeof(uint64_t));
    }
    *address = address_of(naive, at * 64 + bit);
    set_free(naive, &naive->blocks[at / BLOCK_WORDS], at * 64 % BLOCK_FRAMES + bit, order, false);
    return true;
}

static void own_give(struct instance *instance, uint64_t address, unsigned order)
{
    struct own *own = &instance->own;
    const size_t frame = number_of(&instance->naive, address);
    size_t *first = &own->first[zone_of(address)];

    if (order == 0)
        own->words[frame / 64] |= UINT64_C(1) << frame % 64;
    else
        memset(own->words + frame / 64, 0xff, BLOCK_WORDS * sizeof(uint64_t));
    if (*first > frame / 64)
        *first = frame / 64;
    set_given(&instance->naive, address, order);
}

static const char *own_inconsistency(const struct instance *instance)
{
    const struct naive *naive = &instance->naive;

    for (size_t i = 0; i < naive->block_count * BLOCK_FRAMES; i++) {
        const bool is_set = instance->own.words[i / 64] >> i % 64 & 1;

        if (is_set != naive->blocks[i / BLOCK_FRAMES].free[i % BLOCK_FRAMES])
            return "a bit is not what its bool is";
        if (is_set && i / 64 < instance->own.first[naive->blocks[i / BLOCK_FRAMES].zone])
            return "a word before the first free one has free frames";
    }
    return NULL;
}
