/*
 * The state a concurrent program starts from: its set-up run once, compared with the model after every operation as
 * any program is, and kept. Going back to it costs one copy of the metadata; a set-up that begins like another one
 * costs what comes after.
 */
#include "stage_key.h"
#include "stage_snapshot.h"

#include <stdlib.h>
#include <string.h>

enum { STAGES = 1024, WAYS = 4 /* places for one key */ };

static struct stage stages[STAGES];
static const struct allocator *under_test; /* what the stages hold */
static uint64_t births;

/* ---- building and dropping ---- */

static void stage_drop(struct stage *stage)
{
    if (stage->run.allocator)
        run_end(&stage->run);
    free(stage->key);
    memset(stage, 0, sizeof(*stage)); /* a birth of 0 voids its snapshots */
}

static bool survey(struct stage *stage)
{
    if (!ground_survey(&stage->ground, stage->run.model) || stage->run.totals.managed > STAGE_FRAMES)
        stage->run.skipped = "a concurrent program's map has at most 4 blocks";
    else if (stage->run.totals.managed == 0)
        stage->run.skipped = "no memory to contend for";
    return !stage->run.skipped;
}

static void keep_key(struct stage *stage, const struct key *key, uint64_t hash)
{
    stage->image = stage->run.allocator->image(stage->run.self, &stage->bytes);
    stage->key = malloc(key->size);
    if (!stage->key) {
        fprintf(stderr, "out of memory for a memory map: close other programs\n");
        exit(2);
    }
    memcpy(stage->key, key->bytes, key->size);
    stage->key_size = key->size;
    stage->hash = hash;
    stage->birth = ++births;
}

/* The allocator started on the map. */
static bool stage_build(struct stage *stage, const struct program *program, const struct allocator *allocator,
                        const struct concurrent_options *options)
{
    struct run *run = &stage->run;

    stage->options = options->run;
    stage->options.frame_limit = STAGE_FRAMES;
    run_begin(run, allocator, &stage->options);
    run->program = program;
    run->start = run_start_of(program);
    return run_open(run) && survey(stage);
}

/* ---- entering ---- */

/* This program is run, on a map that another one may have brought. */
static void lend(struct run *run, const struct program *program)
{
    start_lend(run, program);
    run_enter(run);
}

/* The whole set-up, kept nowhere. */
static bool enter_anew(struct stage *stage, const struct plan *plan)
{
    struct run *run = &stage->run;

    if (!stage_run_setup(stage, plan, 0, NULL))
        return false;
    ground_update(&stage->ground);
    stage->held = owned_slots(run);
    run->pool.count = owned_frames(run, stage->held, run->pool.frames);
    stage->pool = run->pool;
    return true;
}

/* What `snapshot`, of the first `count` operations, leaves to do. */
static bool enter_from(const struct snapshot *snapshot, size_t count, struct stage *stage, const struct plan *plan,
                       const uint64_t *hashes)
{
    if (count < plan->setup) {
        snapshot_go_on(snapshot, stage);
        if (!stage_run_setup(stage, plan, count, hashes))
            return false;
        snapshot = snapshot_find(stage, plan, plan->setup, hashes[plan->setup]); /* its last one may be costly */
        if (!snapshot)
            snapshot = snapshot_keep(stage, plan, plan->setup, hashes[plan->setup]);
    }
    snapshot_enter(snapshot, stage);
    return true;
}

/* The longest beginning of the set-up that is kept; NULL: not even the start is any more. */
static const struct snapshot *find_longest(const struct stage *stage, const struct plan *plan, const uint64_t *hashes,
                                           size_t *count)
{
    const struct snapshot *snapshot = snapshot_find(stage, plan, plan->setup, hashes[plan->setup]);

    for (*count = plan->setup; !snapshot && *count > 0; *count -= 1)
        snapshot = snapshot_find(stage, plan, *count - 1, hashes[*count - 1]);
    return snapshot;
}

/* ---- from outside ---- */

static bool is_kept(const struct stage *stage, const struct key *key, uint64_t hash)
{
    return stage->key && stage->hash == hash && stage->key_size == key->size &&
           memcmp(stage->key, key->bytes, key->size) == 0;
}

/* Where it is kept, or else shall be: an empty place before one that is taken. */
static struct stage *find_place(const struct key *key, uint64_t hash)
{
    struct stage *place = &stages[hash % STAGES];

    for (unsigned way = 0; way < WAYS; way++) {
        struct stage *stage = &stages[(hash + way) % STAGES];

        if (is_kept(stage, key, hash))
            return stage;
        if (!stage->key && place->key)
            place = stage;
    }
    return place;
}

/* A trace tells the set-up, too: then it is run from its start. */
static bool enter(struct stage *stage, const struct key *key, const struct program *program, const struct plan *plan,
                  const struct allocator *allocator, const struct concurrent_options *options)
{
    const uint64_t hash = key_hash(key);
    const struct snapshot *snapshot = NULL;
    uint64_t hashes[LIST_OPERATIONS + 1];
    size_t count;

    snapshot_hashes(hashes, hash, plan);
    if (is_kept(stage, key, hash) && !options->run.trace)
        snapshot = find_longest(stage, plan, hashes, &count);
    if (snapshot) {
        lend(&stage->run, program);
        return enter_from(snapshot, count, stage, plan, hashes);
    }
    stage_drop(stage);
    if (!stage_build(stage, program, allocator, options))
        return false;
    if (!allocator->image)
        return enter_anew(stage, plan);
    keep_key(stage, key, hash);
    return enter_from(snapshot_keep(stage, plan, 0, hash), 0, stage, plan, hashes);
}

struct stage *stage_enter(const struct program *program, const struct plan *plan, const struct allocator *allocator,
                          const struct concurrent_options *options, struct concurrent_result *result)
{
    static struct key key;
    struct stage *stage;
    bool entered;

    if (allocator != under_test) {
        for (size_t i = 0; i < STAGES; i++)
            stage_drop(&stages[i]);
        snapshots_drop();
    }
    under_test = allocator;
    key_make(&key, program);
    stage = find_place(&key, key_hash(&key));
    entered = enter(stage, &key, program, plan, allocator, options);
    run_enter(NULL);
    stage->options.trace = NULL;
    if (entered)
        return stage;
    result->failure = stage->run.failure;
    result->skipped = stage->run.skipped ? stage->run.skipped : "the map is broken, and rightly refused";
    result->verdict = result->failure != FAIL_NONE ? RUN_FAILED : RUN_SKIPPED;
    stage_drop(stage);
    return NULL;
}

void stage_leave(struct stage *stage)
{
    if (!stage->image)
        stage_drop(stage);
}
