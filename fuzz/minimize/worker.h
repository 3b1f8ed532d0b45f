/*
 * A process that runs programs, one at a time, thousands a second. Whatever a program does to it, a crash, a sanitizer's
 * report or no end at all, is an answer like any other: then the next program gets a fresh process. Knows no allocator.
 */
#ifndef FUZZ_MINIMIZE_WORKER_H
#define FUZZ_MINIMIZE_WORKER_H

#include "../run/signs.h"

/* What the process does with a program. `extra`: memory that both sides see, for what else is asked and answered. */
struct worker_job {
    enum failure_id (*judge)(const void *context, const struct program *program, FILE *report, void *extra);
    const void *context;
    size_t extra;    /* bytes */
    unsigned millis; /* a program that takes longer hangs */
};

struct worker;

struct worker *worker_open(const struct worker_job *job); /* NULL: no memory */
void worker_close(struct worker *worker);
struct program *worker_program(struct worker *worker); /* to be filled in before each run */
void *worker_extra(struct worker *worker);
struct named_failure worker_run(struct worker *worker);

#endif
