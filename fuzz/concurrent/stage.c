/*
 * The state a concurrent program starts from: its set-up run once, compared with the model after every operation as
 * any program is, and kept. Going back to it costs one copy of the metadata.
 */
#include "stage_key.h"

#include <stdlib.h>
#include <string.h>

enum { STAGES = 1024, WAYS = 4 /* places for one key */ };

static struct stage stages[STAGES];
static const struct allocator *under_test; /* what the stages hold */

/* The operations that make sense before the CPUs part. */
static const operation_function setup_functions[OPERATION_COUNT] = {
    [OPERATION_ALLOC] = operation_ALLOC,     [OPERATION_ALLOC_LARGE] = operation_ALLOC_LARGE,
    [OPERATION_FREE] = operation_FREE,       [OPERATION_RELEASE] = operation_RELEASE,
    [OPERATION_FREE_AS] = operation_FREE_AS, [OPERATION_FREE_INSIDE] = operation_FREE_INSIDE,
    [OPERATION_QUERY] = operation_QUERY,     [OPERATION_STATS] = operation_STATS,
    [OPERATION_FILL] = operation_FILL,       [OPERATION_FREE_EVERY] = operation_FREE_EVERY,
};

/* ---- building and dropping ---- */

static void stage_drop(struct stage *stage)
{
    if (stage->run.allocator)
        run_end(&stage->run);
    free(stage->copy);
    free(stage->key);
    memset(stage, 0, sizeof(*stage));
}

static bool run_setup(struct stage *stage, const struct plan *plan)
{
    struct run *run = &stage->run;

    for (size_t i = 0; i < plan->setup; i++) {
        const struct operation *operation = plan->lists[LIST_SETUP][i];
        const operation_function function = setup_functions[operation->kind];

        run->position = i;
        run->outcome = (struct outcome){.acted = false, .address = UINT64_MAX};
        if (function && !function(run, operation))
            return false;
        trace_operation(run, operation);
    }
    return true;
}

static bool survey(struct stage *stage)
{
    if (!ground_survey(&stage->ground, stage->run.model) || stage->run.totals.managed > STAGE_FRAMES)
        stage->run.skipped = "a concurrent program's map has at most 4 blocks";
    else if (stage->run.totals.managed == 0)
        stage->run.skipped = "no memory to contend for";
    return !stage->run.skipped;
}

/* Whether one of `slots` names this frame. */
static bool is_named(const struct run *run, uint64_t slots, uint64_t address, unsigned order)
{
    for (; slots; slots &= slots - 1) {
        const struct slot *slot = &run->slots[__builtin_ctzll(slots)];

        if (slot->address == address && slot->order == order)
            return true;
    }
    return false;
}

/*
 * After misuse in the set-up a slot may name a frame that is free again, or another slot's. Who frees by way of it
 * later misuses it too, and must not pass for its owner: such slots hold nothing, such entries of the pool go.
 */
static void disown_strangers(struct run *run)
{
    uint64_t owners = 0;
    size_t kept = 0;

    for (size_t i = 0; i < PROGRAM_SLOTS; i++)
        if (slot_is_live(run, i) && !is_named(run, owners, run->slots[i].address, run->slots[i].order))
            owners |= UINT64_C(1) << i;
    run->slots_held = owners;
    for (size_t i = 0; i < run->pool.count; i++) {
        const uint64_t address = run->pool.frames[i] & ~(FRAME_BYTES - 1);
        const unsigned order = run->pool.frames[i] & (FRAME_BYTES - 1);

        if (model_free_answer(run->model, address, order) == ANSWER_OK && !is_named(run, owners, address, order))
            run->pool.frames[kept++] = run->pool.frames[i];
    }
    run->pool.count = kept;
}

static void keep_image(struct stage *stage, const struct key *key)
{
    const struct allocator *allocator = stage->run.allocator;

    if (!allocator->image)
        return;
    stage->image = allocator->image(stage->run.self, &stage->bytes);
    stage->copy = malloc(stage->bytes);
    stage->key = malloc(key->size);
    if (!stage->copy || !stage->key) {
        fprintf(stderr, "out of memory for the state after a set-up: close other programs\n");
        exit(2);
    }
    memcpy(stage->copy, stage->image, stage->bytes);
    memcpy(stage->key, key->bytes, key->size);
    stage->key_size = key->size;
}

static bool stage_build(struct stage *stage, const struct program *program, const struct plan *plan,
                        const struct allocator *allocator, const struct concurrent_options *options)
{
    struct run *run = &stage->run;
    bool built;

    stage->options = options->run;
    stage->options.frame_limit = STAGE_FRAMES;
    sim_set_cpu(0);
    run_begin(run, allocator, &stage->options);
    run->program = program;
    run->start = run_start_of(program);
    built = run_open(run) && survey(stage) && run_setup(stage, plan);
    if (built) {
        ground_update(&stage->ground);
        disown_strangers(run);
    }
    run_enter(NULL);
    stage->options.trace = NULL;
    return built;
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

struct stage *stage_enter(const struct program *program, const struct plan *plan, const struct allocator *allocator,
                          const struct concurrent_options *options, struct concurrent_result *result)
{
    static struct key key;
    struct stage *stage;
    uint64_t hash;

    for (size_t i = 0; allocator != under_test && i < STAGES; i++)
        stage_drop(&stages[i]);
    under_test = allocator;
    key_make(&key, program, plan);
    hash = key_hash(&key);
    stage = find_place(&key, hash);
    if (is_kept(stage, &key, hash) && !options->run.trace) {
        memcpy(stage->image, stage->copy, stage->bytes);
        return stage;
    }
    stage_drop(stage);
    if (stage_build(stage, program, plan, allocator, options)) {
        stage->hash = hash;
        keep_image(stage, &key);
        return stage;
    }
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
