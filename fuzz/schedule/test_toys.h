/*
 * Small programs for the tests of the simulator, and a recorder of what happened. Each toy is three CPUs' worth of
 * operations on a few words.
 */
#ifndef FUZZ_TEST_TOYS_H
#define FUZZ_TEST_TOYS_H

#include <stdint.h>
#include <string.h>

#define PMM_ATOMIC_SEAM "../fuzz/schedule/seam.h"
#include "../../core/pmm_atomic.h"

enum { TOY_WORDS = 8, TOY_EVENTS = 4096 };

struct toy {
    struct sim_work work;
    pmm_atomic words[TOY_WORDS];
    void (*operation)(struct toy *toy, unsigned cpu, size_t operation);
    void (*handler)(struct toy *toy, unsigned cpu, unsigned handler);
    unsigned depth[SIM_CPUS]; /* handlers running */
    unsigned trouble;         /* an event of an interrupted context */
    unsigned moved;           /* events of another CPU while a handler was running */
    unsigned deepest;
    unsigned aba, failed, stale;
    uint64_t hash; /* of all events, but not of where they stand in the source */
    size_t event_count;
    struct sim_event events[TOY_EVENTS];
};

static inline void toy_hash(struct toy *toy, uint64_t value)
{
    toy->hash = (toy->hash ^ value) * UINT64_C(0x100000001b3);
    toy->hash ^= toy->hash >> 29;
}

static inline void toy_event(void *context, const struct sim_event *event)
{
    struct toy *toy = context;
    const uint64_t flags = (uint64_t)event->failed | (uint64_t)event->stale << 1 | (uint64_t)event->aba << 2;

    toy_hash(toy, (uint64_t)((uintptr_t)event->address - (uintptr_t)toy->words));
    toy_hash(toy, event->before);
    toy_hash(toy, event->after);
    toy_hash(toy, (uint64_t)event->cpu | (uint64_t)event->depth << 8 | (uint64_t)event->operation << 16 |
                      (uint64_t)event->step << 24 | (uint64_t)event->kind << 40 | (uint64_t)event->order << 48 |
                      flags << 56);
    toy->trouble += event->depth != toy->depth[event->cpu];
    for (unsigned cpu = 0; cpu < SIM_CPUS; cpu++)
        toy->moved += cpu != event->cpu && toy->depth[cpu] > 0;
    if (event->depth > toy->deepest)
        toy->deepest = event->depth;
    toy->aba += event->aba;
    toy->failed += event->failed;
    toy->stale += event->stale;
    if (toy->event_count < TOY_EVENTS)
        toy->events[toy->event_count++] = *event;
}

static inline void toy_run(void *context, unsigned cpu, size_t operation)
{
    struct toy *toy = context;

    toy->operation(toy, cpu, operation);
}

static inline void toy_interrupt(void *context, unsigned cpu, unsigned handler)
{
    struct toy *toy = context;

    toy->depth[cpu]++;
    toy->handler(toy, cpu, handler);
    toy->depth[cpu]--;
}

static inline void toy_make(struct toy *toy, unsigned cpus, size_t operations,
                            void (*operation)(struct toy *toy, unsigned cpu, size_t operation))
{
    memset(toy, 0, offsetof(struct toy, events));
    toy->operation = operation;
    toy->work = (struct sim_work){
        .cpus = cpus,
        .context = toy,
        .run = toy_run,
        .event = toy_event,
        .region = toy->words,
        .region_bytes = sizeof toy->words,
        .step_limit = 20000,
        .solo_limit = 500,
    };
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        toy->work.operations[cpu] = operations;
}

static inline void toy_handle(struct toy *toy, void (*handler)(struct toy *toy, unsigned cpu, unsigned handler))
{
    toy->handler = handler;
    toy->work.interrupt = toy_interrupt;
}

/* ---- the programs ---- */

/* Counts with a compare-and-swap loop; the weak kind, which may fail for nothing. */
static inline void toy_count(struct toy *toy, unsigned cpu, size_t operation)
{
    uint64_t value = pmm_load(&toy->words[0]);

    (void)cpu;
    (void)operation;
    while (!sim_compare_swap(&toy->words[0].value, &value, value + 1, true, SIM_SEQ_CST, SIM_SEQ_CST, SIM_SITE))
        ;
}

/* Counts by a load and a store: not right. */
static inline void toy_count_badly(struct toy *toy, unsigned cpu, size_t operation)
{
    const uint64_t value = pmm_load(&toy->words[0]);

    (void)cpu;
    (void)operation;
    pmm_store(&toy->words[0], value + 1);
}

/* Seven steps or more: a bit of everything. */
static inline void toy_mix(struct toy *toy, unsigned cpu, size_t operation)
{
    const uint64_t bit = UINT64_C(1) << (cpu * 16 + operation) % 64;

    pmm_local_add(&toy->words[4 + cpu], 1);
    pmm_fetch_or(&toy->words[1], bit);
    toy_count(toy, cpu, operation);
    pmm_store(&toy->words[2], pmm_load(&toy->words[1]) + operation);
    if (pmm_load(&toy->words[2]) & 1)
        pmm_fetch_and(&toy->words[1], ~bit);
}

static inline void toy_mix_handler(struct toy *toy, unsigned cpu, unsigned handler)
{
    sim_call_begins();
    toy_mix(toy, cpu, 8 + handler);
    sim_call_begins();
    toy_count(toy, cpu, 0);
}

/* Takes a lock by test and set, and gives it back. */
static inline void toy_lock(struct toy *toy, unsigned cpu, size_t operation)
{
    (void)cpu;
    (void)operation;
    while (pmm_fetch_or(&toy->words[3], 1) & 1)
        ;
    toy_count_badly(toy, cpu, operation);
    pmm_store(&toy->words[3], 0);
}

static inline void toy_lock_handler(struct toy *toy, unsigned cpu, unsigned handler)
{
    toy_lock(toy, cpu, handler);
}

#endif
