/*
 * How the naive adapter reads a memory map: cuts the address space at every entry's ends, tells what each
 * piece is, and keeps the pieces. Header-only, since one adapter is one C file. Shares nothing with the
 * model, so that an error in one of them shows as a difference.
 */
#ifndef FUZZ_ALLOCATORS_NAIVE_MAP_H
#define FUZZ_ALLOCATORS_NAIVE_MAP_H

#include <stdlib.h>
#include <string.h>

#include "allocator.h"

enum piece_kind { PIECE_HOLE, PIECE_USABLE, PIECE_RESERVED };

struct piece { /* from base to the next piece's base; the last one is a hole up to the top */
    uint64_t base;
    enum piece_kind kind;
};

struct pieces {
    struct piece *list;
    size_t count;
};

static int compare_bases(const void *a, const void *b)
{
    const uint64_t left = ((const struct piece *)a)->base;
    const uint64_t right = ((const struct piece *)b)->base;

    return (left > right) - (left < right);
}

/* Memory that is allocated from the start is usable as any other: nothing else is promised. */
static bool is_memory(uint32_t type)
{
    return type == REGION_USABLE || type == REGION_LATER;
}

/* Where an entry ends, at most at the address limit; at its base when it counts for nothing. */
static uint64_t region_end(const struct region *region)
{
    const uint64_t last = region->base + region->length - 1;

    if (region->length == 0 || region->base >= ADDRESS_LIMIT)
        return region->base;
    if (last < region->base)
        return is_memory(region->type) ? region->base : ADDRESS_LIMIT;
    return last < ADDRESS_LIMIT ? last + 1 : ADDRESS_LIMIT;
}

static enum piece_kind kind_at(const struct region *regions, size_t count, uint64_t address)
{
    enum piece_kind kind = PIECE_HOLE;

    for (size_t i = 0; i < count; i++) {
        if (regions[i].base > address || region_end(&regions[i]) <= address)
            continue;
        if (!is_memory(regions[i].type))
            return PIECE_RESERVED;
        kind = PIECE_USABLE;
    }
    return kind;
}

/* False when there is no memory. */
static bool pieces_new(struct pieces *pieces, const struct region *regions, size_t count)
{
    size_t kept = 0;

    pieces->count = 2 * count + 1;
    pieces->list = malloc(pieces->count * sizeof(struct piece));
    if (!pieces->list)
        return false;
    pieces->list[0].base = 0;
    for (size_t i = 0; i < count; i++) {
        pieces->list[2 * i + 1].base = regions[i].base;
        pieces->list[2 * i + 2].base = region_end(&regions[i]);
    }
    qsort(pieces->list, pieces->count, sizeof(struct piece), compare_bases);
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece piece = {pieces->list[i].base, kind_at(regions, count, pieces->list[i].base)};

        if (kept == 0 || piece.kind != pieces->list[kept - 1].kind)
            pieces->list[kept++] = piece;
    }
    pieces->count = kept;
    return true;
}

/* HOLE, RESERVED or FREE for a frame below the address limit, by the pieces alone. */
static enum frame_state piece_frame(const struct pieces *pieces, uint64_t base)
{
    bool only_usable = true;
    bool only_hole = true;

    for (size_t i = 0; i < pieces->count && pieces->list[i].base < base + FRAME_BYTES; i++) {
        if (i + 1 < pieces->count && pieces->list[i + 1].base <= base)
            continue;
        only_usable = only_usable && pieces->list[i].kind == PIECE_USABLE;
        only_hole = only_hole && pieces->list[i].kind == PIECE_HOLE;
    }
    if (only_hole)
        return FRAME_HOLE;
    return only_usable ? FRAME_FREE : FRAME_RESERVED;
}

/* The whole frames of piece `i` that may be given out: [*base, *end) in bytes. False when there are none. */
static bool piece_usable(const struct pieces *pieces, size_t i, const struct memory_map *map, uint64_t *base,
                         uint64_t *end)
{
    const struct piece *piece = &pieces->list[i];
    uint64_t from = piece->base > map->reserved_below ? piece->base : map->reserved_below;

    if (piece->kind != PIECE_USABLE || from >= ADDRESS_LIMIT)
        return false;
    from = from > FRAME_BYTES ? from : FRAME_BYTES; /* never frame 0 */
    *base = (from + FRAME_BYTES - 1) / FRAME_BYTES * FRAME_BYTES;
    *end = piece[1].base; /* a usable piece has a next one */
    if (map->managed_below != 0 && *end > map->managed_below)
        *end = map->managed_below;
    *end = *end / FRAME_BYTES * FRAME_BYTES;
    return *base < *end;
}

#endif
