/*
 * Concurrent programs: run on simulated CPUs, judged, traced, minimised. The outside view that targets, tools and
 * tests use. The one folder that knows both programs and the simulator.
 */
#ifndef FUZZ_CONCURRENT_H
#define FUZZ_CONCURRENT_H

#include "../minimize/minimize.h"
#include "../run/run.h"
#include "../schedule/sim.h"
#include "history.h"

/*
 * How far the audit at rest goes (audit_depths.c). Each depth asks the allocator other things, in another order, and so
 * sees what another hides. A run is audited at every depth up to the deepest, the cheapest first; the first that objects
 * names the failure. So whoever looks further says the same, or objects where the other did not look.
 */
enum audit_depth {
    AUDIT_BY_TURNS, /* engines: the cheap one, and by the run's hash the full one as well */
    AUDIT_BY_STATE, /* all schedules: the full one once for each state that they end in */
    AUDIT_CHEAP,
    AUDIT_FULL,
    AUDIT_IN_STEPS,                /* and calls that never end are found */
    AUDIT_REPLAY = AUDIT_IN_STEPS, /* whoever runs one program: replays, an engine told of a file */
};

struct concurrent_options {
    struct run_options run; /* a trace: one line a step */
    enum audit_depth audit; /* the deepest */
};

struct concurrent_result {
    enum run_verdict verdict;
    enum failure_id failure;
    const char *skipped; /* why */
    const char *refused; /* the code with which the start was refused, rightly; NULL: it was not */
    uint64_t hash;       /* of every call, its times and its answer */
    size_t calls;
    struct sim_result sim;
    size_t ended_count; /* of a run that failed: whose calls ended, in this order */
    struct {
        uint8_t cpu, list, position;
    } ended[HISTORY_CALLS];
};

/* Deterministic. Keeps the states after recent set-ups, so that one allocator at a time can be under test. */
void run_concurrent(const struct program *program, const struct allocator *allocator,
                    const struct concurrent_options *options, struct concurrent_result *result);

/* exhaust.c: runs every schedule with so many preemptions and interrupts at most, up to the first that is not allowed. */
struct exhausted {
    uint64_t runs;
    bool complete; /* there is no other schedule */
    struct concurrent_result result;
};
void exhaust_concurrent(struct program *program, const struct allocator *allocator, unsigned preemptions,
                        unsigned interrupts, struct exhausted *exhausted);

/* minimize.c: the smallest program that fails in the same way, as far as single changes lead; see fuzz/minimize. */
bool minimize_concurrent(struct program *program, const struct allocator *allocator, enum failure_id wanted,
                         unsigned millis, struct minimized *result);

/*
 * sequential.c: whether it fails without its schedule. Then it becomes the sequential program that fails, and *failure
 * says how; else it is not to be used any more.
 */
bool sequential_failure(struct program *program, const struct allocator *allocator, unsigned millis,
                        struct named_failure *failure);

/* What the size of a finding is told by. */
struct concurrent_size {
    size_t cpus, operations, preemptions, stale, interrupts;
};
struct concurrent_size concurrent_size(const struct program *program);

#endif
