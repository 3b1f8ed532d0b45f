/*
 * Making a failing program small: a change is kept when the program still fails with the same id (and kind), until no
 * single change is left that does. Sequential programs are minimised here; fuzz/concurrent adds what concurrent ones
 * have besides, CPUs and schedules. A try runs in a process of its own, see worker.h.
 */
#ifndef FUZZ_MINIMIZE_H
#define FUZZ_MINIMIZE_H

#include "worker.h"

struct minimizer {
    struct worker *worker;
    struct program *best;        /* the smallest that fails so far */
    struct program *candidate;   /* the best with a change */
    struct named_failure wanted; /* FAIL_NONE: the first that comes */
    void *extra;                 /* what the best's run told besides, as large as the job's */
    size_t extra_size;
    uint64_t runs;
    bool progress; /* since it was last reset */
};

/* The candidate becomes the best if it fails in the same way. */
bool minimize_try(struct minimizer *minimizer);
/* The candidate is the best again, to be changed. */
struct program *minimize_again(struct minimizer *minimizer);

/* What became of a program. */
struct minimized {
    struct named_failure failure;
    uint64_t runs;
};

/*
 * False when `program` does not fail, or not with `wanted` (FAIL_NONE: any failure). What takes longer than `millis`
 * hangs.
 */
bool minimize_sequential(struct program *program, const struct allocator *allocator, enum failure_id wanted,
                         unsigned millis, struct minimized *result);

enum { HANG_MILLIS = 5000 };

/* For tools: the id in words, FAIL_NONE for none (NULL); the program as a file, false after a complaint. */
enum failure_id failure_by_name(const char *id);
bool minimize_write(const struct program *program, const char *path);

/* ---- shared changes; each goes on until none of its kind is left ---- */

void minimize_operations(struct minimizer *minimizer); /* operations.c: fewer, simpler; sequential programs */
void minimize_leaps(struct minimizer *minimizer);      /* leaps.c: many for one */
void minimize_by_search(struct minimizer *minimizer);  /* search.c: the shortest of all */
void minimize_spell_out(struct minimizer *minimizer);  /* the same, for what has no operations left */
void minimize_operands(struct minimizer *minimizer);   /* operands.c: slots, orders, counts, addresses */
void minimize_map(struct minimizer *minimizer);        /* map.c: entries, lengths, bases, the header */

bool minimize_may_be_empty(const struct minimizer *minimizer);
void drop_operations_at(struct program *program, size_t index, size_t count);

/*
 * The least value, by steps that halve, with which the program fails: `value` is of the best, `set` changes the
 * candidate. Steps are multiples of `unit`.
 */
struct number {
    uint64_t value, least, unit;
    void (*set)(struct program *program, size_t index, size_t part, uint64_t value);
    size_t index, part;
};
void minimize_number(struct minimizer *minimizer, struct number number);

#endif
