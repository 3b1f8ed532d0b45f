/*
 * Concurrent programs on real threads: what the files of fuzz/stress share. Leaves out interrupts, schedules, and
 * misuse that may strike a frame that somebody else owns by then: here every frame has one owner, who writes into it.
 */
#ifndef FUZZ_STRESS_H
#define FUZZ_STRESS_H

#include <stdatomic.h>

#include "../../reference/model.h"
#include "../allocators/allocator.h"
#include "../program/program.h"

enum { STRESS_POOL = 64 };

/* What every frame's owner writes into it; shadow.c. Plain words: TSan sees a new owner that could not see the old. */
bool shadow_begin(const struct program *program); /* false: the map has too many blocks */
void shadow_take(uint64_t address, unsigned order, unsigned cpu);
void shadow_give(uint64_t address, unsigned order);
bool shadow_is_owned(uint64_t address, unsigned order); /* some frame of it is */

/* A slot is empty, busy (a call on it is in flight), or holds an address with the order in its low bits. */
enum { SLOT_EMPTY = 0, SLOT_BUSY = 1 };

/* One allocator, one program on it. */
struct world {
    const struct allocator *allocator;
    void *self;
    const struct program *program;
    struct memory_map map; /* the program's */
    uint64_t later_held;   /* frames allocated from the start that the set-up took hold of; all come back */
    unsigned counts[LIST_COUNT];
    const struct operation *lists[LIST_COUNT][LIST_OPERATIONS];
    _Atomic uint64_t slots[PROGRAM_SLOTS];
    bool disordered; /* slots change hands without an order: the harness itself is wrong then, and TSan must say so */
};

struct worker {
    struct world *world;
    unsigned cpu;
    uint64_t calls, random;
    uint64_t pool[STRESS_POOL]; /* as slots */
    unsigned pooled;
};

/* stress_calls.c: one list, in order; and giving back, what chance says or all that is held. */
void stress_run(struct worker *worker, unsigned list);
void stress_give_some(struct worker *worker);
void stress_give_all(struct worker *worker);

/* stress_asks.c */
void stress_ask_stats(struct worker *worker);
void stress_ask_state(struct worker *worker, uint64_t address);

/* stress.c: says what is wrong, and ends the program. */
_Noreturn void stress_fail(const char *what, uint64_t address);

#endif
