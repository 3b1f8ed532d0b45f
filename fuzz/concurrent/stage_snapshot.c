/*
 * Snapshots, see stage_snapshot.h: the allocator's bytes, the model's, and who owns what. Each is one piece of memory,
 * so that going back to it walks through few pages. A set-up that only goes on from another's beginning costs what it
 * adds.
 */
#include "stage_snapshot.h"

#include <stdlib.h>
#include <string.h>

enum { SNAPSHOTS = 4096, WAYS = 4 /* places for one key */ };

struct snapshot {
    const struct stage *stage; /* NULL: this place is empty */
    uint64_t birth;            /* of the stage */
    uint64_t hash;
    size_t count; /* operations of the set-up */
    uint64_t known, held, owned, touched;
    size_t pooled, owned_pooled;
    struct block_state blocks[GROUND_BLOCKS];
    /* Parts of `memory`, in this order. */
    uint64_t *pool, *owned_pool; /* the same where the set-up owns all */
    struct slot *slots;          /* those known */
    struct operation *operations;
    uint8_t *image, *model;
    void *memory;
};

static struct snapshot snapshots[SNAPSHOTS];

/* ---- which ---- */

void snapshot_hashes(uint64_t hashes[LIST_OPERATIONS + 1], uint64_t map, const struct plan *plan)
{
    hashes[0] = map;
    for (size_t i = 0; i < plan->setup; i++) {
        const struct operation *operation = plan->lists[LIST_SETUP][i];
        uint64_t hash = hashes[i] + (uint64_t)operation->kind + 1;

        for (unsigned j = 0; j < 3; j++) {
            hash = (hash ^ operation->operands[j]) * UINT64_C(0x9e3779b97f4a7c15);
            hash ^= hash >> 29;
        }
        hashes[i + 1] = hash;
    }
}

static bool same_operation(const struct operation *a, const struct operation *b)
{
    return a->kind == b->kind && memcmp(a->operands, b->operands, sizeof(a->operands)) == 0;
}

static bool is_of(const struct snapshot *snapshot, const struct stage *stage, const struct plan *plan, size_t count)
{
    if (snapshot->stage != stage || snapshot->birth != stage->birth || snapshot->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_operation(&snapshot->operations[i], plan->lists[LIST_SETUP][i]))
            return false;
    return true;
}

const struct snapshot *snapshot_find(const struct stage *stage, const struct plan *plan, size_t count, uint64_t hash)
{
    for (unsigned way = 0; way < WAYS; way++) {
        const struct snapshot *snapshot = &snapshots[(hash + way) % SNAPSHOTS];

        if (snapshot->hash == hash && is_of(snapshot, stage, plan, count))
            return snapshot;
    }
    return NULL;
}

/* A place that is empty or void before one that is taken. */
static struct snapshot *find_place(uint64_t hash)
{
    for (unsigned way = 0; way < WAYS; way++) {
        struct snapshot *snapshot = &snapshots[(hash + way) % SNAPSHOTS];

        if (!snapshot->stage || snapshot->birth != snapshot->stage->birth)
            return snapshot;
    }
    return &snapshots[(hash + hash / SNAPSHOTS % WAYS) % SNAPSHOTS];
}

void snapshots_drop(void)
{
    for (size_t i = 0; i < SNAPSHOTS; i++) {
        free(snapshots[i].memory);
        snapshots[i] = (struct snapshot){.stage = NULL};
    }
}

/* ---- keeping ---- */

static void *resize(void *memory, size_t bytes)
{
    memory = realloc(memory, bytes);
    if (!memory) {
        fprintf(stderr, "out of memory for the state after a set-up: close other programs\n");
        exit(2);
    }
    return memory;
}

/* Finds room for all its parts in one piece; what was there goes. */
static void take_memory(struct snapshot *snapshot, const struct stage *stage, bool owns_everything)
{
    const size_t pool = snapshot->pooled * sizeof(uint64_t);
    const size_t slots = (size_t)__builtin_popcountll(snapshot->known) * sizeof(struct slot);
    const size_t operations = snapshot->count * sizeof(struct operation);
    const size_t pools = owns_everything ? pool : 2 * pool;
    uint8_t *memory =
        resize(snapshot->memory, pools + slots + operations + stage->bytes + model_state_bytes(stage->run.model));

    snapshot->memory = memory;
    snapshot->pool = (uint64_t *)snapshot->memory;
    snapshot->owned_pool = owns_everything ? snapshot->pool : snapshot->pool + snapshot->pooled;
    snapshot->slots = (struct slot *)(void *)(memory + pools);
    snapshot->operations = (struct operation *)(void *)(memory + pools + slots);
    snapshot->image = memory + pools + slots + operations;
    snapshot->model = snapshot->image + stage->bytes;
}

static void keep_owners(struct snapshot *snapshot, const struct run *run, bool owns_everything)
{
    struct slot *slot = snapshot->slots;

    for (uint64_t known = snapshot->known; known; known &= known - 1)
        *slot++ = run->slots[__builtin_ctzll(known)];
    if (run->pool.count)
        memcpy(snapshot->pool, run->pool.frames, run->pool.count * sizeof(uint64_t));
    snapshot->owned = owns_everything ? run->slots_held : owned_slots(run);
    snapshot->owned_pooled =
        owns_everything ? run->pool.count : owned_frames(run, snapshot->owned, snapshot->owned_pool);
}

const struct snapshot *snapshot_keep(struct stage *stage, const struct plan *plan, size_t count, uint64_t hash)
{
    const struct run *run = &stage->run;
    const bool owns_everything = owns_all(plan, count);
    struct snapshot *snapshot = find_place(hash);

    snapshot->stage = stage;
    snapshot->birth = stage->birth;
    snapshot->hash = hash;
    snapshot->count = count;
    snapshot->known = run->slots_known;
    snapshot->held = run->slots_held;
    snapshot->touched = run->touched;
    snapshot->pooled = run->pool.count;
    take_memory(snapshot, stage, owns_everything);
    keep_owners(snapshot, run, owns_everything);
    for (size_t i = 0; i < count; i++)
        snapshot->operations[i] = *plan->lists[LIST_SETUP][i];
    ground_update(&stage->ground);
    for (size_t i = 0; i < stage->ground.block_count; i++)
        snapshot->blocks[i] = stage->ground.blocks[i].state;
    memcpy(snapshot->image, stage->image, stage->bytes);
    model_state_save(run->model, snapshot->model);
    return snapshot;
}

/* ---- going back ---- */

static void restore(const struct snapshot *snapshot, struct stage *stage)
{
    const struct slot *slot = snapshot->slots;

    memcpy(stage->image, snapshot->image, stage->bytes);
    stage->run.slots_known = snapshot->known;
    for (uint64_t known = snapshot->known; known; known &= known - 1)
        stage->run.slots[__builtin_ctzll(known)] = *slot++;
}

void snapshot_enter(const struct snapshot *snapshot, struct stage *stage)
{
    restore(snapshot, stage);
    stage->held = snapshot->owned;
    stage->pool = (struct pool){snapshot->owned_pool, snapshot->owned_pooled, 0};
    for (size_t i = 0; i < stage->ground.block_count; i++)
        stage->ground.blocks[i].state = snapshot->blocks[i];
}

void snapshot_go_on(const struct snapshot *snapshot, struct stage *stage)
{
    struct run *run = &stage->run;

    restore(snapshot, stage);
    run->slots_held = snapshot->held;
    run->touched = snapshot->touched;
    run->pool.count = snapshot->pooled;
    if (snapshot->pooled > run->pool.capacity) {
        run->pool.capacity = snapshot->pooled;
        run->pool.frames = resize(run->pool.frames, snapshot->pooled * sizeof(uint64_t));
    }
    if (snapshot->pooled)
        memcpy(run->pool.frames, snapshot->pool, snapshot->pooled * sizeof(uint64_t));
    model_state_restore(run->model, snapshot->model);
}
