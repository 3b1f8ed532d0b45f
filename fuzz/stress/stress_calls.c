/*
 * The operations of a list on a real thread. A slot is claimed with acquire and given up with release, as whoever hands
 * a frame to another CPU would; between a free and the next allocation only the allocator makes an order.
 */
#include "stress.h"

enum { BULK_CALLS = 4 };

static uint64_t address_of(uint64_t held)
{
    return held & ~(FRAME_BYTES - 1);
}

static unsigned order_of(uint64_t held)
{
    return held & (FRAME_BYTES - 1);
}

/* ---- taking and giving ---- */

static bool take(struct worker *worker, unsigned order, uint64_t limit, uint64_t *held)
{
    const struct world *world = worker->world;
    const bool zones = world->allocator->promises & PROMISE_ZONES;
    uint64_t address;

    worker->calls++;
    if (world->allocator->alloc(world->self, worker->cpu, order, zones ? (enum zone)limit : ZONE_NORMAL, &address) !=
        ANSWER_OK)
        return false;
    shadow_take(address, order, worker->cpu);
    *held = address | order;
    return true;
}

/* Allocated from the start: the allocator does not know as what, so that a release gives back one frame of it. */
static bool was_later(const struct world *world, uint64_t held)
{
    return world->later_held && map_frame(&world->map, address_of(held) >> FRAME_SHIFT) == FRAME_SMALL;
}

static void give(struct worker *worker, uint64_t held, bool release)
{
    const struct world *world = worker->world;
    const uint64_t address = address_of(held);
    enum answer answer;

    worker->calls++;
    shadow_give(address, order_of(held));
    answer = release && world->allocator->release && !was_later(world, held)
                 ? world->allocator->release(world->self, worker->cpu, address)
                 : world->allocator->free(world->self, worker->cpu, address, order_of(held));
    if (answer != ANSWER_OK)
        stress_fail("its owner may not free it", address);
}

/* ---- slots ---- */

static void put(struct worker *worker, uint64_t slot, uint64_t held)
{
    if (worker->world->disordered)
        atomic_store_explicit(&worker->world->slots[slot], held, memory_order_relaxed);
    else
        atomic_store_explicit(&worker->world->slots[slot], held, memory_order_release);
}

static void take_into(struct worker *worker, uint64_t slot, unsigned order, uint64_t limit)
{
    _Atomic uint64_t *at = &worker->world->slots[slot];
    uint64_t held = SLOT_EMPTY;

    if (!atomic_compare_exchange_strong_explicit(at, &held, SLOT_BUSY, memory_order_acquire, memory_order_relaxed))
        return;
    if (!take(worker, order, limit, &held))
        held = SLOT_EMPTY;
    put(worker, slot, held);
}

/* What the slot holds, which is busy then; SLOT_EMPTY: nothing, or it is busy already. */
static uint64_t claim(struct worker *worker, uint64_t slot)
{
    _Atomic uint64_t *at = &worker->world->slots[slot];
    uint64_t held = atomic_load_explicit(at, memory_order_relaxed);

    if (held <= SLOT_BUSY ||
        !atomic_compare_exchange_strong_explicit(at, &held, SLOT_BUSY, memory_order_acquire, memory_order_relaxed))
        return SLOT_EMPTY;
    return held;
}

/* In the set-up. What is owned already is not taken hold of a second time. */
static void hold_later(struct worker *worker, uint64_t slot, unsigned order, uint64_t number)
{
    struct world *world = worker->world;
    uint64_t address;

    if (!(world->allocator->promises & PROMISE_LATER) || !map_later(&world->map, order, number, &address) ||
        shadow_is_owned(address, order) || atomic_load(&world->slots[slot]) != SLOT_EMPTY)
        return;
    shadow_take(address, order, worker->cpu);
    world->later_held += UINT64_C(1) << order;
    put(worker, slot, address | order);
}

static void give_from(struct worker *worker, uint64_t slot, bool release)
{
    const uint64_t held = claim(worker, slot);

    if (!held)
        return;
    give(worker, held, release);
    put(worker, slot, SLOT_EMPTY);
}

/* Freed as what it is not while its owner holds it: refused, whatever others do. */
static void misuse(struct worker *worker, uint64_t slot, uint64_t frames, unsigned order)
{
    const struct world *world = worker->world;
    const uint64_t held = claim(worker, slot);

    if (!held)
        return;
    if (!was_later(world, held) && order_of(held) != order && (frames == 0 || order_of(held) == BLOCK_ORDER)) {
        worker->calls++;
        if (world->allocator->free(world->self, worker->cpu, address_of(held) + frames * FRAME_BYTES, order) ==
            ANSWER_OK)
            stress_fail("freed as another size than it was taken as", address_of(held));
    }
    put(worker, slot, held);
}

/* ---- the pool ---- */

static void fill(struct worker *worker, unsigned order, uint64_t limit, uint64_t wanted)
{
    for (uint64_t i = 0; i < BULK_CALLS && (wanted == 0 || i < wanted) && worker->pooled < STRESS_POOL; i++)
        if ((order != 0 && order != BLOCK_ORDER) || !take(worker, order, limit, &worker->pool[worker->pooled++])) {
            worker->pooled--;
            return;
        }
}

/* From the end: those behind move up. */
static void free_every(struct worker *worker, uint64_t stride, uint64_t first)
{
    for (unsigned i = worker->pooled; i-- > first;) {
        if ((i - first) % (stride ? stride : 1) != 0)
            continue;
        give(worker, worker->pool[i], false);
        worker->pool[i] = worker->pool[--worker->pooled];
    }
}

static void run_one(struct worker *worker, const struct operation *operation)
{
    const uint64_t *operands = operation->operands;

    switch (operation->kind) {
    case OPERATION_ALLOC:
        take_into(worker, operands[0], 0, operands[1]);
        break;
    case OPERATION_ALLOC_LARGE:
        take_into(worker, operands[0], BLOCK_ORDER, operands[1]);
        break;
    case OPERATION_FREE:
    case OPERATION_RELEASE:
        give_from(worker, operands[0], operation->kind == OPERATION_RELEASE);
        break;
    case OPERATION_FREE_AS:
        misuse(worker, operands[0], 0, (unsigned)operands[1]);
        break;
    case OPERATION_FREE_INSIDE:
        misuse(worker, operands[0], operands[1], 0);
        break;
    case OPERATION_QUERY:
        stress_ask_state(worker, operands[0]);
        break;
    case OPERATION_STATS:
        stress_ask_stats(worker);
        break;
    case OPERATION_FILL:
        fill(worker, (unsigned)operands[0], operands[1], operands[2]);
        break;
    case OPERATION_FREE_EVERY:
        free_every(worker, operands[0], operands[1]);
        break;
    default:
        break;
    }
}

void stress_run(struct worker *worker, unsigned list)
{
    for (unsigned i = 0; i < worker->world->counts[list]; i++) {
        const struct operation *operation = worker->world->lists[list][i];

        if (operation->kind == OPERATION_HOLD_LATER && list == LIST_SETUP)
            hold_later(worker, operation->operands[0], (unsigned)operation->operands[1], operation->operands[2]);
        else
            run_one(worker, operation);
    }
}

void stress_give_some(struct worker *worker)
{
    worker->random = worker->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    for (uint64_t slot = 0; slot < PROGRAM_SLOTS; slot++)
        if (worker->random >> slot & 1)
            give_from(worker, slot, false);
    if (worker->random >> 62)
        free_every(worker, 1, 0);
}

void stress_give_all(struct worker *worker)
{
    for (uint64_t slot = 0; slot < PROGRAM_SLOTS; slot++)
        give_from(worker, slot, true);
    free_every(worker, 1, 0);
}
