/* A concurrent run under way: what the files of fuzz/concurrent share, and nobody else looks at. */
#ifndef FUZZ_CONCURRENT_STATE_H
#define FUZZ_CONCURRENT_STATE_H

#include "../run/state.h"
#include "concurrent.h"
#include "judge.h"

/* ---- plan.c: a program, list by list ---- */

struct plan {
    unsigned cpus;
    size_t setup; /* operations of the set-up: the first of the program */
    unsigned count[LIST_COUNT];
    const struct operation *lists[LIST_COUNT][LIST_OPERATIONS];
    bool weak;
};
void plan_make(struct plan *plan, const struct program *program);

/* ---- stage.c: the allocator as the set-up left it; kept, because most of a fuzzer's programs share one ---- */

enum { STAGE_FRAMES = GROUND_BLOCKS * BLOCK_FRAMES };

/* An allocator started on a map, and the state after one of the set-ups on it. */
struct stage {
    struct run run; /* the sequential run that the set-up is: allocator, model, slots */
    struct run_options options;
    struct ground ground;
    uint64_t held;    /* slots whose frame the program still owns */
    struct pool pool; /* and what else it owns; lies elsewhere */
    void *image;      /* where the allocator's state lies; NULL: it cannot be restored */
    size_t bytes;
    uint8_t *key; /* the map */
    size_t key_size;
    uint64_t hash;
    uint64_t birth; /* no two have one: what is kept of an earlier stage in this place is void */
};

/* NULL, and *result says why, when the set-up failed or the map does not suit. */
struct stage *stage_enter(const struct program *program, const struct plan *plan, const struct allocator *allocator,
                          const struct concurrent_options *options, struct concurrent_result *result);
void stage_leave(struct stage *stage); /* after the run; its state may be anything */

/* ---- interpret.c: operations on simulated CPUs ---- */

enum { EXTRA_FRAMES = HISTORY_CALLS, POOL_FRAMES = 2 * STAGE_FRAMES };

struct execution {
    const struct allocator *allocator;
    struct stage *stage;
    const struct plan *plan;
    struct history history;
    struct slot slots[PROGRAM_SLOTS];
    uint64_t known, held, pending;               /* pending: an allocation into the slot is in flight */
    uint64_t claimed[POOL_FRAMES / 64];          /* of the set-up's pool */
    uint64_t extra[EXTRA_FRAMES], extra_claimed; /* taken into the pool since */
    size_t extra_count;
    uint64_t given[HISTORY_CALLS]; /* 4 KiB frames freed in this run */
    size_t given_count;
    struct trace *trace; /* NULL: none */
};

void execution_begin(struct execution *execution, struct stage *stage, const struct plan *plan, struct trace *trace);
void execution_operation(void *execution, unsigned cpu, size_t operation);
void execution_interrupt(void *execution, unsigned cpu, unsigned handler);

/* ---- meetings.c: reach marks of a run that has ended ---- */
void meetings_reach(const struct history *history);

/* ---- audit_depths.c: at rest, is everything as the calls left it? ---- */
bool audit(const struct execution *execution, struct rules rules, const struct judgement *judgement,
           enum audit_depth asked, uint64_t hash, struct finding *finding);

/* ---- trace.c ---- */
struct trace *trace_begin(const struct execution *execution);
void trace_event(void *execution, const struct sim_event *event);
/* Before an operation of a list, and after one of its calls. */
void trace_operation_begins(struct trace *trace, unsigned cpu, unsigned list, const struct operation *operation);
void trace_call_ends(struct trace *trace, const struct call *call);
void trace_print(const struct trace *trace, const struct execution *execution, FILE *out);

/* ---- report.c: both states, and the FAIL line ---- */
void report_finding(const struct execution *execution, const struct finding *finding, FILE *out, const char *input);

#endif
