/*
 * The table of functions between the suite and an allocator under test. Ours is one adapter (pmm.c), the other C
 * files here are baselines; docs: TESTING-YOURS.md beside this file. An adapter defines `allocator_under_test`.
 *
 * Required: name, start, stop, alloc, free. Every other function may be NULL: what cannot be asked is not compared.
 * Calls come from one thread; `cpu` is the simulated CPU in [0, cpus). The benchmarks call from a thread for each CPU.
 */
#ifndef FUZZ_ALLOCATOR_H
#define FUZZ_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../reference/contract.h"

/*
 * The start: the memory map with all that stands beside it. Where a loader's table was given that is here too, for
 * allocators that read it themselves: `map` has what is in it, as regions. A broken table has to be refused.
 */
struct start {
    struct memory_map map; /* its `metadata` is empty */
    struct table table;    /* bytes NULL: there is none */
    bool broken;           /* the table is: no right answer but ANSWER_MAP; `map` has no regions then */
    unsigned cpus;         /* 1 to 4; benchmarks: as many as the machine has */
    bool placed;           /* the metadata is to lie in memory of the map, between these, in bytes; if it can */
    uint64_t place_above, place_below; /* the second 0: anywhere above the first */
};

struct counts { /* of one zone, in frames */
    uint64_t managed;
    uint64_t free;
};

/* Promises of the contract that an allocator may not make; the checks that go with them are left out. */
enum promise {
    PROMISE_LARGE = 1 << 0,     /* serves 2 MiB frames */
    PROMISE_ZONES = 1 << 1,     /* obeys the zone limit; otherwise programs ask for no zone */
    PROMISE_PLACEMENT = 1 << 2, /* higher zones first; whole blocks are broken up last */
    PROMISE_CODES = 1 << 3,     /* one code per cause; otherwise any refusal will do */
    PROMISE_BUDGET = 1 << 4,    /* metadata within the budget, start-up per block and not per frame */
    PROMISE_LATER = 1 << 5,     /* knows memory that is allocated from the start; otherwise that is usable as any */
    PROMISE_ALL = (1 << 6) - 1,
};

struct allocator {
    const char *name;
    unsigned promises; /* of enum promise */

    /* Starts an instance; NULL and *answer when refused. `start` is gone after the call. */
    void *(*start)(const struct start *start, enum answer *answer);
    void (*stop)(void *self);

    /* order: 0 or 9 (or nonsense, to be refused); limit: the highest zone allowed. */
    enum answer (*alloc)(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address);
    enum answer (*free)(void *self, unsigned cpu, uint64_t address, unsigned order);

    /* Optional. */
    enum answer (*release)(void *self, unsigned cpu, uint64_t address); /* finds the size itself */
    bool (*frame)(void *self, uint64_t address, enum frame_state *state);
    /* Free bits of the block that holds any address; false: no frame of it is managed. */
    bool (*block)(void *self, uint64_t address, uint64_t words[8], bool *large);
    void (*counts)(void *self, struct counts zones[ZONE_COUNT]);
    uint64_t (*whole_blocks)(void *self);               /* wholly free, all zones */
    const char *(*check)(void *self);                   /* self-check: NULL, or what is wrong */
    const void *(*metadata)(void *self, size_t *bytes); /* for "a refused call changed nothing" */
    uint64_t (*metadata_bytes)(void *self);             /* what it was given, for the budget */
    bool (*restart)(void *self, const struct start *start, enum answer *answer); /* again in the same memory */

    /* Where in the map the metadata lies, in whole frames: of starts that are `placed`. False: it lies elsewhere. */
    bool (*place)(void *self, struct range *range);

    /* For concurrent programs. All state that calls change, to be copied away and back; NULL: started anew instead. */
    void *(*image)(void *self, size_t *bytes);
    /* The name of a shared word, such as "block[1].state", for traces; false when it has none. */
    bool (*location)(void *self, const void *at, char *name, size_t size);
};

extern const struct allocator allocator_under_test;

#endif
