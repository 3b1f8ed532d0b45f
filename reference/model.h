/*
 * The model: one bool per frame. It says which answers are legal; the allocator's choice of frame is free.
 * Not thread-safe. It knows no allocator.
 */
#ifndef REFERENCE_MODEL_H
#define REFERENCE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contract.h"

/* ---- the memory map, frame by frame (model_map.c, model_later.c, model_table.c) ---- */

/*
 * What a frame is at the start: HOLE, RESERVED, FREE, or SMALL (managed, but allocated from the start). `frame` is a
 * frame number below 2^40.
 */
enum frame_state map_frame(const struct memory_map *map, uint64_t frame);

/* First frame above `frame` at which the map may change (2^40 when none): all of [frame, it) is alike. */
uint64_t map_next_change(const struct memory_map *map, uint64_t frame);

/* Managed frames, all together and per zone; blocks with a managed frame; the end of the highest one, in
 * bytes. */
struct map_totals {
    uint64_t managed;
    uint64_t later; /* of these: allocated from the start */
    uint64_t zone_managed[ZONE_COUNT];
    uint64_t whole_blocks; /* blocks in which all 512 frames are managed */
    uint64_t blocks;       /* blocks with at least one managed frame */
    uint64_t end;          /* bytes */
};
struct map_totals map_totals(const struct memory_map *map);

/* The next frames at or above `from` that are allocated from the start: all of [*first, *end), none beside it. */
bool map_next_later(const struct memory_map *map, uint64_t from, uint64_t *first, uint64_t *end);
/* The address of number `number` (from 0) of those frames (order 0), or of the blocks that they fill (order 9). */
bool map_later(const struct memory_map *map, unsigned order, uint64_t number, uint64_t *address);

/*
 * Reads a raw table into `regions`; types become USABLE, LATER or RESERVED. False when it is structurally broken (an
 * entry that runs past the end, or is too short for its numbers) or has more entries than `capacity`.
 */
bool map_from_table(const struct table *table, struct region *regions, size_t capacity, size_t *count);

/* ---- the state (model_new.c, model.c) and what is legal in it (model_judge.c) ---- */

struct model_counts { /* one zone, or all */
    uint64_t managed;
    uint64_t free;
    uint64_t whole;   /* wholly free blocks */
    uint64_t partial; /* blocks with some but not all of 512 frames free */
};

struct model; /* opaque */

/* NULL when the map has more than `frame_limit` managed frames or there is no memory for the bools. */
struct model *model_new(const struct memory_map *map, uint64_t frame_limit);
void model_delete(struct model *model);
void model_reset(struct model *model); /* everything as at the start */

/* Any address; no frame exists at or above ADDRESS_LIMIT: HOLE. */
enum frame_state model_frame(const struct model *model, uint64_t address);
/* Whether the frame (order 0), or every frame of the block (order 9), is allocated from the start and was not freed. */
bool model_later(const struct model *model, uint64_t address, unsigned order);
struct model_counts model_zone(const struct model *model, enum zone zone);
struct model_counts model_total(const struct model *model);
const struct map_totals *model_totals(const struct model *model);

/* The one legal answer to freeing `address` as `order` (any number). Any address, any order. */
enum answer model_free_answer(const struct model *model, uint64_t address, unsigned order);
/* The same when the size is to be found out: release(address). */
enum answer model_release_answer(const struct model *model, uint64_t address, unsigned *order);

/* What is wrong with an allocation's answer. */
enum model_verdict {
    MODEL_LEGAL,
    MODEL_REFUSAL_UNJUSTIFIED, /* "no memory", and the scan finds some */
    MODEL_WRONG_REFUSAL,       /* refused with a code that is not the cause */
    MODEL_ACCEPTED_NONSENSE,   /* an order that does not exist was served */
    MODEL_MISALIGNED,          /* the address is no multiple of the size */
    MODEL_UNMANAGED,           /* a frame that is a hole, reserved or out of range */
    MODEL_TAKEN,               /* a frame that is allocated already */
    MODEL_ABOVE_LIMIT,         /* outside the zones asked for */
    MODEL_ZONE_ORDER,          /* a higher zone had one */
    MODEL_BROKE_WHOLE,         /* a whole block was broken up although a partly used one had a frame */
};
/* `strict`: judge ZONE_ORDER and BROKE_WHOLE too (an allocator may declare it does not promise them). */
enum model_verdict model_judge_alloc(const struct model *model, unsigned order, enum zone limit, enum answer answer,
                                     uint64_t address, bool strict);

/* Change the state; the caller has judged before. */
void model_take(struct model *model, uint64_t address, unsigned order);
void model_give(struct model *model, uint64_t address, unsigned order);

/* The state without the map, to go back to: `bytes` has room for model_state_bytes(). */
size_t model_state_bytes(const struct model *model);
void model_state_save(const struct model *model, uint8_t *bytes);
void model_state_restore(struct model *model, const uint8_t *bytes);

/* The block that holds `address`: bit i of words[i / 64] set = frame i is free. Whether it is allocated
 * whole. */
bool model_block(const struct model *model, uint64_t address, uint64_t words[8]);

/* Which frames of the block are managed, in the same way. */
void model_managed(const struct model *model, uint64_t address, uint64_t words[8]);

/* Calls `visit` for each block with a managed frame, in address order; stops when it returns false. */
bool model_each_block(const struct model *model, bool (*visit)(void *context, uint64_t base), void *context);

#endif
