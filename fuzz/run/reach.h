/*
 * Reach marks: named states that the engines feel as coverage and that reports list. The names come from
 * marks.def and from the operations, calls and answers that can meet. What counts as reached is decided where it is
 * seen.
 */
#ifndef FUZZ_REACH_H
#define FUZZ_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../reference/model.h"
#include "../program/program.h"

enum mark {
#define MARK(name, meaning) MARK_##name,
#include "marks.def"
    MARK_COUNT
};

enum reach_call {
#define CALL(name, text, answers) REACH_CALL_##name,
#include "marks.def"
    REACH_CALLS
};

enum {
    REACH_OUTCOMES = MARK_COUNT,                                             /* an operation met an answer */
    REACH_FREES = REACH_OUTCOMES + (int)OPERATION_COUNT * (int)ANSWER_COUNT, /* a free of either size did */
    REACH_CONCURRENT = REACH_FREES + 2 * (int)ANSWER_COUNT,                  /* from here on: concurrent runs */
    REACH_CONTENDED = REACH_CONCURRENT, /* a call met an answer, and another call */
    REACH_TOGETHER = REACH_CONTENDED + (int)REACH_CALLS * (int)ANSWER_COUNT, /* two calls met on two CPUs */
    REACH_INSIDE = REACH_TOGETHER + (int)REACH_CALLS * (int)REACH_CALLS,     /* one interrupted the other */
    REACH_COUNT = REACH_INSIDE + (int)REACH_CALLS * (int)REACH_CALLS,
};

/* 1 when reached in the run under way. */
extern volatile uint8_t reach_counters[REACH_COUNT];

void reach_reset(void);
void reach_first(size_t index);
void reach_outcome(enum operation_kind kind, enum answer answer);
void reach_free(const struct model *model, uint64_t address, unsigned order, enum answer answer);
/* Of memory that is or was later, before it is freed. */
void reach_later(const struct model *model, const struct memory_map *map, uint64_t address, unsigned order,
                 enum answer answer);
void reach_map(const struct memory_map *map, const struct map_totals *totals); /* the marks of a memory map */
void reach_table(const struct table *table);                                   /* the marks of a raw one */

void reach_request(const struct model *model, unsigned order, enum zone limit, enum answer answer, uint64_t address);

struct change {
    uint64_t address;
    unsigned order;
    bool taken;            /* or given */
    const uint64_t *words; /* of its block, afterwards: a set bit is a free frame */
};
void reach_change(const struct model *model, const struct memory_map *map, struct change change);

/* Whether all of the `count` frames from `first` on are managed. */
bool map_all_managed(const struct memory_map *map, uint64_t first, uint64_t count);

/* Two calls were in flight at once, about one block, on two CPUs. */
void reach_together(enum reach_call one, enum reach_call other);
/* The same on one CPU: `inner` was made by a handler that interrupted `outer`. */
void reach_inside(enum reach_call outer, enum reach_call inner);
void reach_contended(enum reach_call call, enum answer answer);

/* False when no right allocator can reach it (many crosses of operation and answer). Otherwise its name. */
bool reach_name(size_t index, char *name, size_t size);

/* ---- reached.c: what several runs reach between them ---- */

struct reached {
    bool marks[REACH_COUNT];
};
void reached_add(struct reached *reached);                          /* the run that has just ended */
void reached_print(const struct reached *reached, bool concurrent); /* hit and miss, a line each */

static inline void reach(enum mark mark)
{
    if (!reach_counters[mark])
        reach_first(mark);
}

#endif
