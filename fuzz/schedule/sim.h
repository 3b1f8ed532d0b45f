/*
 * Simulated CPUs: one OS thread, one fiber a CPU, and every atomic operation of the code under test a scheduling
 * point. Deterministic: the schedule decides everything. Knows schedules and code to run, no allocator and no model.
 * Leaves out endless loops without an atomic operation: there it never gets a turn.
 */
#ifndef FUZZ_SIM_H
#define FUZZ_SIM_H

#include "schedule.h"

enum {
    SIM_CPUS = 4,
    SIM_STEPS = 1 << 20, /* the limit of a run that names none */
};

/* Where in the source an atomic operation stands; `id` is the same in every build of the same source. */
struct sim_site {
    const char *file;
    const char *function;
    uint32_t line;
    uint32_t id;
};

enum sim_kind {
    SIM_LOAD,
    SIM_STORE,
    SIM_AND,
    SIM_OR,
    SIM_ADD,
    SIM_SWAP, /* compare-and-swap */
    SIM_FENCE,
    SIM_XOR,
    SIM_EXCHANGE
};
enum sim_order { SIM_RELAXED, SIM_ACQUIRE, SIM_RELEASE, SIM_ACQ_REL, SIM_SEQ_CST };

/* One executed atomic operation, for the trace. */
struct sim_event {
    const struct sim_site *site;
    const void *address;
    uint64_t before, after; /* of the location; a load: both what it returned */
    uint8_t cpu, depth;     /* depth: 0, or of the interrupt it ran in */
    uint8_t operation;
    uint16_t step;
    enum sim_kind kind;
    enum sim_order order;
    bool failed; /* a compare-and-swap that did not swap */
    bool stale;  /* a load that did not return the newest value */
    bool waits;  /* a store that is not visible to other CPUs yet; a load of one */
    bool aba;    /* a compare-and-swap that succeeded although the location had changed since this CPU read it */
};

/* What a simulation runs. `run` is called on the fiber of `cpu`, and makes operation `operation` of its list. */
struct sim_work {
    unsigned cpus;
    void *context;
    size_t operations[SIM_CPUS]; /* how many each CPU has */
    void (*run)(void *context, unsigned cpu, size_t operation);
    void (*interrupt)(void *context, unsigned cpu, unsigned handler); /* a handler's list, nested in `run` */
    void (*event)(void *context, const struct sim_event *event);      /* NULL: no trace */
    const void *region; /* where plain accesses are checked for races (the metadata) */
    size_t region_bytes;
    unsigned idle_handlers; /* bit h: handler h would do nothing, do not bother to run it */
    uint64_t step_limit;    /* steps in all; beyond half of it the schedule turns fair (round robin) */
    uint64_t solo_limit;    /* steps of its own that a call may take while all others are frozen */
};

enum sim_end { SIM_DONE, SIM_LIVELOCK /* step_limit */, SIM_STUCK /* solo_limit */ };

struct sim_result {
    enum sim_end end;
    unsigned cpu; /* LIVELOCK, STUCK: where */
    uint64_t steps;
    uint64_t switches;              /* to another CPU, and back; not those forced by the end of a list */
    uint64_t longest_call;          /* own steps of the longest call, without those of interrupts in it */
    const struct sim_site *race[2]; /* plain accesses without order between them, or NULL; needs SCHEDULE_WEAK */
    /* What was decided, as an explicit schedule that repeats this run exactly; override_count may be cut at the
     * limit, then `complete` is false. */
    struct schedule taken;
    bool complete;
};

struct sim_result sim_run(const struct sim_work *work, const struct schedule *schedule);

/* Outside a run: false when `work` looked at memory more often than so, and was abandoned. One at a time. */
bool sim_bounded(uint64_t accesses, void (*work)(void *context), void *context);

/* The time: number of atomic operations executed so far in this run. Constant while no simulation runs. */
uint64_t sim_now(void);
/* The executing CPU; PMM_THIS_CPU of the code under test. Outside a simulation: what sim_set_cpu() said, or 0. */
unsigned sim_cpu(void);
void sim_set_cpu(unsigned cpu);
/* 0, or how deep in interrupts the executing code is. */
unsigned sim_depth(void);
/*
 * Calls: each operation and each handler begins one by itself; a handler that makes several says so before each.
 * Began: the time just before the first step of the call in progress (the time now, if it has made none): what came
 * before touched nothing shared.
 */
void sim_call_begins(void);
uint64_t sim_call_began(void);

/*
 * All schedules: calls `once` (which makes one sim_run with STRATEGY_EXPLICIT and SIM's chooser armed) until every
 * schedule with at most `preemptions` switches and at most `interrupts` interrupts has been run, or it returns false.
 * Returns how many were run; *complete tells whether it was all.
 */
uint64_t sim_explore(unsigned preemptions, unsigned interrupts, bool (*once)(void *context), void *context,
                     bool *complete);

/* Feedback that guides both engines, 1 where the last run hit: reads-from pairs, failed swaps, ABA, switch pairs,
 * interrupted sites, stale loads. See feedback.h. */
enum { SIM_FEEDBACK = 4096 };
extern volatile uint8_t sim_feedback[SIM_FEEDBACK];

/* The operations that the seams (seam.h: the atomics header; tsan_seam.c: compiler instrumentation) end in. */
uint64_t sim_load(const void *at, enum sim_order order, const struct sim_site *site);
void sim_store(void *at, uint64_t value, enum sim_order order, const struct sim_site *site);
uint64_t sim_fetch(void *at, uint64_t operand, enum sim_kind kind, enum sim_order order, const struct sim_site *site);
bool sim_compare_swap(void *at, uint64_t *expected, uint64_t desired, bool weak, enum sim_order success,
                      enum sim_order failure, const struct sim_site *site);
void sim_fence(enum sim_order order, const struct sim_site *site);
/* An addition by one instruction without a lock: interrupts of this CPU cannot split it, other CPUs can. */
void sim_local_add(void *at, uint64_t addend, const struct sim_site *site);
/* The same for locations of 1, 2, 4 or 8 bytes, at any alignment; do not mix sizes on one location. */
uint64_t sim_load_sized(const void *at, unsigned bytes, enum sim_order order, const struct sim_site *site);
void sim_store_sized(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site);
uint64_t sim_fetch_sized(void *at, unsigned bytes, uint64_t operand, enum sim_kind kind, enum sim_order order,
                         const struct sim_site *site);
bool sim_compare_swap_sized(void *at, unsigned bytes, uint64_t *expected, uint64_t desired, bool weak,
                            enum sim_order success, enum sim_order failure, const struct sim_site *site);
/* A plain access to shared memory: no step; checked for races within work->region where SCHEDULE_WEAK is on. */
void sim_plain(const void *at, bool write, const struct sim_site *site);
bool sim_plain_matters(const void *at); /* whether sim_plain would look at it */

/* Happens-before: the owner's plain writes to a frame. Give: remembers this CPU's clock for `key`; take: false when
 * what the last give of `key` wrote is not yet visible to this CPU (a missing release or acquire). */
void sim_frame_give(uint64_t key);
bool sim_frame_take(uint64_t key);

#endif
