/*
 * A schedule as data: which simulated CPU runs when, where an interrupt strikes, which load is stale. Part of a
 * concurrent program (fuzz/program), executed by fuzz/schedule. Anchored to (CPU, operation, step), so that dropping
 * one operation does not move the others' decisions. Knows no allocator.
 */
#ifndef FUZZ_SCHEDULE_H
#define FUZZ_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCHEDULE_OVERRIDES = 192, /* enough to say nearly every run of a few calls step by step */
    SCHEDULE_HANDLERS = 2,    /* lists of operations that an interrupt runs: 0 interrupt, 1 NMI */
    SCHEDULE_DEPTH = 2,       /* an interrupt, and an NMI on top of it */
};

/* Who runs where no override speaks. */
enum strategy {
    STRATEGY_EXPLICIT, /* the same CPU until it is done, then the lowest other one; nothing at random in any mode */
    STRATEGY_RANDOM,   /* at each step any CPU, all alike */
    STRATEGY_STICKY,   /* at each step another CPU with odds of 1 in 8 */
    STRATEGY_PCT,      /* fixed random priorities, lowered at a few random steps (depth: 1 + seed % 5) */
    STRATEGY_COUNT
};

enum schedule_mode {
    SCHEDULE_WEAK = 1 << 0,       /* loads may be stale where the memory order allows it */
    SCHEDULE_INTERRUPTS = 1 << 1, /* the base strategy may fire handler 0 or 1 by itself, 1 step in 64 */
    SCHEDULE_SOLO = 1 << 2,       /* the base strategy may freeze all but one CPU at one step (solo probe) */
    SCHEDULE_BUFFERS = 1 << 3,    /* with WEAK: and it may let stores wait in the CPU's buffer */
    SCHEDULE_MODES = 1 << 4,
};

enum override_action {
    OVERRIDE_SWITCH,    /* to CPU `argument` for `hold` steps (0: until it is done), then back */
    OVERRIDE_INTERRUPT, /* run handler `argument` on this CPU now */
    OVERRIDE_STALE,     /* this load returns the value `argument` stores back, if memory order allows it */
    OVERRIDE_FAIL,      /* this weak compare-and-swap fails */
    OVERRIDE_SOLO,      /* freeze all other CPUs: this call must end alone within a bound */
    OVERRIDE_BUFFER,    /* this store waits `hold` more steps of its CPU (0: until it must be visible) */
    OVERRIDE_ACTIONS
};

/*
 * Before step `step` (from 0) of operation `operation` (from 0, in its list) of CPU `cpu`; those of one step in the
 * order listed. Interrupt handlers' own steps count on in the operation that they interrupted. What is not possible
 * (a CPU that is done, an interrupt inside itself, anything but STALE, FAIL and BUFFER while others are frozen) does nothing.
 * Switches nest: a hold counts steps of its CPU while no other is on top of it, and ends before anything else of the
 * step that comes then; the base strategy keeps still until it does.
 */
struct override {
    uint8_t cpu;
    uint8_t operation;
    uint16_t step;
    enum override_action action;
    uint8_t argument;
    uint16_t hold;
};

struct schedule {
    enum strategy strategy;
    unsigned modes; /* of enum schedule_mode */
    uint64_t seed;
    size_t override_count;
    struct override overrides[SCHEDULE_OVERRIDES];
};

#endif
