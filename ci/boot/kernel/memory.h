/* All memory of an instance: taken, written, looked at, given back; and what of it must not change. */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "calls.h"
#include "handover.h"

struct memory {
    struct calls calls;
    struct ranges managed;     /* as pmm_init reported them */
    struct ranges reserved;    /* the image, tables, metadata, trampoline: no frame may touch them */
    struct pmm_range later;    /* not given back yet; length 0: none */
    uint64_t later_frames;     /* that later touches and are managed */
    uint64_t metadata;         /* bytes */
    uint64_t reach;            /* addresses below can be written */
    uint64_t written_every;    /* of so many blocks one is written: 1 but on large machines */
    struct pmm_stats at_start; /* and what the next two count */
    uint64_t whole_blocks;
};

/* A sum over bytes that tells when one of them changed. */
uint64_t sum_of(struct pmm_range range);

/* Notes the counts that everything_given_back must find again. */
void note_start(struct memory *memory);

/* Takes every block, then every frame; fails when one may not be given out. Writes to what it took. */
void take_everything(const struct memory *memory);

/* Frees each frame and block that is taken, by the reported ranges; looks at what take_everything wrote, if wanted. */
void give_everything(const struct memory *memory, bool look);

/* Fails unless all is free and consistent as after the start. */
void everything_given_back(const struct memory *memory, const char *when);

/* Gives back memory managed later: block by block where it can be, else frame by frame, with the misuses tried. */
void give_later(struct memory *memory);

#endif
