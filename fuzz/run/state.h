/*
 * A run under way: what the files of fuzz/run share, and nobody else looks at. Functions that check return
 * false when the run has failed; the first failure is noted (and told) by run_fail().
 */
#ifndef FUZZ_RUN_STATE_H
#define FUZZ_RUN_STATE_H

#include "reach.h"
#include "run.h"
#include "steps.h"

enum { RUN_ENTRIES = PROGRAM_TABLE / 20 }; /* an entry of a table takes 20 bytes at least */

/* Where in the program a run is, when it is at no operation. */
#define AT_START SIZE_MAX
#define AT_END   (SIZE_MAX - 1) /* after the last operation */
#define AT_WHOLE (SIZE_MAX - 2) /* filling and emptying a whole map */

/* What a slot was last given. Its frame may have been freed and be another slot's by now: the model knows. */
struct slot {
    uint64_t address;
    unsigned order;
    unsigned cpu; /* that took it */
};

/* Addresses without a name, as they were taken: the address, plus the order in its low bits. */
struct pool {
    uint64_t *frames;
    size_t count;
    size_t capacity;
};

/* What an operation did, for the trace. */
struct outcome {
    bool acted; /* false: there was nothing to do */
    enum answer answer;
    uint64_t address; /* UINT64_MAX: none */
    uint64_t count;   /* frames of a bulk operation */
    const char *word; /* a state, or what was counted; NULL: none */
};

struct run {
    const struct allocator *allocator;
    const struct run_options *options;
    const struct program *program; /* NULL: a whole map */
    struct start start;
    struct memory_map map;              /* with the metadata, when it lies in memory of the map */
    struct region entries[RUN_ENTRIES]; /* read off the raw table */
    struct map_totals totals;
    struct model *model; /* NULL while there is none: before the start, or for a map too large for one */
    void *self;          /* the allocator's instance */
    unsigned cpu;
    bool several_cpus; /* since the start; each may keep a block of its own */
    bool damaged;      /* the metadata is, and was taken for sound: whatever differs is I01 */
    size_t position;   /* of the operation, or AT_START, AT_END */
    struct slot slots[PROGRAM_SLOTS];
    uint64_t slots_known; /* bit i: slot i has been given an address */
    uint64_t slots_held;  /* and has not freed it since */
    struct pool pool;
    uint64_t touched;  /* the last address taken or freed */
    uint8_t *snapshot; /* metadata before a free that must be refused */
    size_t snapshot_size;
    size_t snapshot_capacity;
    struct outcome outcome;
    uint64_t hash;
    enum failure_id failure;
    const char *skipped, *refused;
};

/* ---- run.c ---- */
void run_begin(struct run *run, const struct allocator *allocator, const struct run_options *options);
struct run_result run_end(struct run *run); /* stops the allocator, and says how it was */

/* ---- start.c: false when there is nothing to go on with: failed, skipped, or a broken map rightly refused
 * ---- */
bool run_open(struct run *run);
bool start_read_map(struct run *run);  /* false: the map is structurally broken */
bool start_allocator(struct run *run); /* compared with the totals of the map alone */
bool start_again(struct run *run);
/* The program's start over again, where what it points to lies now: the map is as it was read. */
void start_lend(struct run *run, const struct program *program);
bool start_deep_check(struct run *run); /* for programs that have no operations to find it out */
/*
 * With nothing allocated: all whole blocks, then every frame that is left, can be had and given back. An allocator that
 * lost sight of a block fails here. Does nothing when it takes more than `most` calls.
 */
bool take_and_give_all(struct run *run, uint64_t most);

uint64_t start_metadata_budget(const struct run *run); /* bytes at most */

/* ---- place.c: where the allocator put its metadata, or that it found no place; then that is part of the map ---- */
bool start_check_place(struct run *run);

/* ---- run_later.c ---- */
/* What is later still is given back, in one block or frame by frame, unless it takes more than `most` calls. */
bool give_later(struct run *run, uint64_t most);

/* ---- run_allocs.c ---- */
bool serves(const struct run *run, unsigned order); /* false: the allocator never promised this order */
enum answer ask_alloc(struct run *run, unsigned order, enum zone *limit, uint64_t *address);
/* Judges the answer, and takes the frames in the model. */
bool judge_alloc(struct run *run, unsigned order, enum zone limit, enum answer answer, uint64_t address);
bool compare_refused(struct run *run); /* after a refusal */

/* ---- run_frees.c ---- */
bool slot_is_live(const struct run *run, size_t index); /* it holds an allocated frame, as it was taken */
struct giving {
    uint64_t address;
    unsigned order; /* for a release: as the model found it out */
    bool release;
};
/* One free, judged by the answer the model gives, and done in the model; a legal refusal is no failure. */
bool give_expecting(struct run *run, struct giving giving, enum answer expected, enum answer *answer);

/* ---- run_bulk.c ---- */
bool take_all(struct run *run, unsigned order, uint64_t *count); /* into the pool, until refused */
bool give_back(struct run *run, size_t first);                   /* the pool from `first` on */
bool free_everything(struct run *run, uint64_t *count);

/* ---- compare.c: `as` names the failure, FAIL_NONE leaves that to what differs ---- */
bool compare_counts(struct run *run, enum failure_id as);
bool compare_frame(struct run *run, uint64_t address, enum failure_id as);
bool compare_block(struct run *run, uint64_t address, enum failure_id as);
bool compare_touched(struct run *run, enum failure_id as); /* counts, and the frame and block last touched */
bool compare_edges(struct run *run, enum failure_id as);   /* the frames on both sides of where the map changes */
bool compare_everything(struct run *run, enum failure_id as);
bool states_agree(const struct run *run, enum frame_state allocator, enum frame_state model);
bool settle(struct run *run, uint64_t address, unsigned order, bool taken); /* compares, and tells what was reached */

/* ---- sample_map.c: for maps that are too large for a model ---- */
void sample_whole_map(struct run *run);

/* ---- fail.c ---- */
struct said { /* what one side said: a word, an address or a number */
    const char *word;
    uint64_t number;
    enum { SAID_WORD, SAID_ADDRESS, SAID_COUNT } form;
};
static inline struct said said_word(const char *word)
{
    return (struct said){word, 0, SAID_WORD};
}
static inline struct said said_address(uint64_t address)
{
    return (struct said){NULL, address, SAID_ADDRESS};
}
static inline struct said said_count(uint64_t count)
{
    return (struct said){NULL, count, SAID_COUNT};
}
bool run_fail(struct run *run, enum failure_id id, struct said allocator, struct said model); /* always false */
void run_enter(struct run *run);         /* names the run for crash handlers; NULL: none */
void call_begins(const struct run *run); /* before every call of the allocator: its steps are bounded */

/* ---- trace.c ---- */
void hash_mix(struct run *run, uint64_t value);
void trace_operation(struct run *run, const struct operation *operation);

/* ---- the operations: run_allocs.c, run_frees.c, run_bulk.c, run_asks.c ---- */
typedef bool (*operation_function)(struct run *run, const struct operation *operation);
#define OPERATION(name, text, a, b, c, doc) bool operation_##name(struct run *run, const struct operation *operation);
#include "../program/operations.def"
#undef OPERATION

#endif
