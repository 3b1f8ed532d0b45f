/*
 * The operations of a list on a simulated CPU. Slots and pool are shared by all: what one CPU took another may free.
 * A slot is claimed when a call begins, with no step between; a free of what is claimed already is misuse, and races
 * with the right one.
 */
#include "calls.h"

enum { BULK_CALLS = 4 }; /* most calls of one bulk operation */

/* ---- by way of slots ---- */

static void take_into(const struct doing *doing, unsigned order)
{
    struct execution *execution = doing->execution;
    const uint64_t bit = UINT64_C(1) << doing->operation->operands[0];
    struct slot *slot = &execution->slots[doing->operation->operands[0]];
    uint64_t address;

    if ((execution->held | execution->pending) & bit || !serves(&execution->stage->run, order))
        return;
    execution->pending |= bit;
    if (call_take(doing, order, (enum zone)doing->operation->operands[1], &address)) {
        *slot = (struct slot){address, order, doing->cpu};
        execution->known |= bit;
        execution->held |= bit;
    }
    execution->pending &= ~bit;
}

/* What the slot last held, `frames` frames further on, freed as `order`. */
static void give_from(const struct doing *doing, enum call_kind kind, uint64_t frames, const unsigned *order)
{
    struct execution *execution = doing->execution;
    const uint64_t bit = UINT64_C(1) << doing->operation->operands[0];
    struct slot what = execution->slots[doing->operation->operands[0]];
    const bool right = execution->held & bit && frames == 0 && (!order || *order == what.order);

    if (!(execution->known & bit) || (kind == CALL_RELEASE && !execution->allocator->release) ||
        !serves(&execution->stage->run, order ? *order : what.order))
        return;
    if (order)
        what.order = *order;
    what.address += frames << FRAME_SHIFT;
    if (right)
        execution->held &= ~bit;
    call_give(doing, kind, what, !right);
}

/* ---- the operations ---- */

static void do_alloc(const struct doing *doing)
{
    take_into(doing, 0);
}

static void do_alloc_large(const struct doing *doing)
{
    take_into(doing, BLOCK_ORDER);
}

static void do_free(const struct doing *doing)
{
    give_from(doing, CALL_FREE, 0, NULL);
}

static void do_release(const struct doing *doing)
{
    give_from(doing, CALL_RELEASE, 0, NULL);
}

static void do_free_as(const struct doing *doing)
{
    give_from(doing, CALL_FREE, 0, &(unsigned){(unsigned)doing->operation->operands[1]});
}

static void do_free_inside(const struct doing *doing)
{
    give_from(doing, CALL_FREE, doing->operation->operands[1], &(unsigned){0});
}

static void do_query(const struct doing *doing)
{
    struct execution *execution = doing->execution;
    struct call *call = execution->allocator->frame ? call_start(doing, CALL_QUERY) : NULL;

    if (!call)
        return;
    call->address = doing->operation->operands[0];
    execution->allocator->frame(execution->stage->run.self, call->address, &call->state);
    call_finish(doing, call);
}

static void do_stats(const struct doing *doing)
{
    struct execution *execution = doing->execution;
    struct call *call = execution->allocator->counts ? call_start(doing, CALL_STATS) : NULL;

    if (!call)
        return;
    call->address = UINT64_MAX;
    execution->allocator->counts(execution->stage->run.self, call->zones);
    call_finish(doing, call);
}

static void do_fill(const struct doing *doing)
{
    struct execution *execution = doing->execution;
    const unsigned order = (unsigned)doing->operation->operands[0];
    const uint64_t wanted = doing->operation->operands[2];
    uint64_t address;

    if ((order != 0 && order != BLOCK_ORDER) || !serves(&execution->stage->run, order))
        return;
    for (uint64_t i = 0; i < BULK_CALLS && (wanted == 0 || i < wanted); i++) {
        if (!call_take(doing, order, (enum zone)doing->operation->operands[1], &address))
            return;
        execution->extra[execution->extra_count++] = address | order; /* as many at most as calls */
    }
}

/* The pool's frame number `index`, unless it is claimed; then it is. */
static bool claim(struct execution *execution, uint64_t index, uint64_t *frame)
{
    const struct pool *pool = &execution->stage->pool;
    uint64_t *claimed = index < pool->count ? &execution->claimed[index / 64] : &execution->extra_claimed;
    const uint64_t bit = UINT64_C(1) << (index < pool->count ? index % 64 : index - pool->count);

    if (*claimed & bit)
        return false;
    *claimed |= bit;
    *frame = index < pool->count ? pool->frames[index] : execution->extra[index - pool->count];
    return true;
}

static void do_free_every(const struct doing *doing)
{
    struct execution *execution = doing->execution;
    const uint64_t step = doing->operation->operands[0] ? doing->operation->operands[0] : 1;
    unsigned calls = 0;

    for (uint64_t i = doing->operation->operands[1]; calls < BULK_CALLS; i += step) {
        uint64_t frame;

        if (i >= execution->stage->pool.count + execution->extra_count || i >= POOL_FRAMES)
            return;
        if (!claim(execution, i, &frame))
            continue;
        calls++;
        call_give(doing, CALL_FREE, (struct slot){frame & ~(FRAME_BYTES - 1), frame % FRAME_BYTES, 0}, false);
    }
}

static void (*const functions[OPERATION_COUNT])(const struct doing *doing) = {
    [OPERATION_ALLOC] = do_alloc,     [OPERATION_ALLOC_LARGE] = do_alloc_large,
    [OPERATION_FREE] = do_free,       [OPERATION_RELEASE] = do_release,
    [OPERATION_FREE_AS] = do_free_as, [OPERATION_FREE_INSIDE] = do_free_inside,
    [OPERATION_QUERY] = do_query,     [OPERATION_STATS] = do_stats,
    [OPERATION_FILL] = do_fill,       [OPERATION_FREE_EVERY] = do_free_every,
};

static void run_one(struct execution *execution, unsigned cpu, unsigned list, unsigned position)
{
    const struct doing doing = {execution, cpu, list, position, execution->plan->lists[list][position]};

    if (execution->trace)
        trace_operation_begins(execution->trace, cpu, list, doing.operation);
    if (functions[doing.operation->kind])
        functions[doing.operation->kind](&doing);
}

void execution_operation(void *context, unsigned cpu, size_t operation)
{
    run_one(context, cpu, LIST_CPU + cpu, (unsigned)operation);
}

void execution_interrupt(void *context, unsigned cpu, unsigned handler)
{
    struct execution *execution = context;

    for (unsigned i = 0; i < execution->plan->count[LIST_HANDLER + handler]; i++)
        run_one(execution, cpu, LIST_HANDLER + handler, i);
}
