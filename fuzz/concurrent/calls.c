/*
 * The calls of a concurrent run: each with its interval, its answer, and whether the contents of a frame travel from
 * one owner to the next.
 */
#include "calls.h"

struct call *call_start(const struct doing *doing, enum call_kind kind)
{
    struct history *history = &doing->execution->history;
    struct call *call = &history->calls[history->count];

    if (history->count == HISTORY_CALLS)
        return NULL;
    history->count++;
    call->kind = kind;
    call->cpu = (uint8_t)doing->cpu;
    call->depth = (uint8_t)sim_depth();
    call->list = (uint8_t)doing->list;
    call->position = (uint8_t)doing->position;
    call->done = call->misuse = call->met_split = call->invisible = false;
    call->order = 0;
    call->answer = ANSWER_OK;
    call->begun = 2 * sim_now();
    sim_call_begins();
    return call;
}

/* Another call, in flight at some instant of this one, frees a frame alone of the block that this one frees as one. */
static bool meets_split(const struct history *history, const struct call *call)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct call *other = &history->calls[i];
        const bool alone = other->kind == CALL_RELEASE || (other->kind == CALL_FREE && other->order == 0);

        if (alone && other->address / BLOCK_BYTES == call->address / BLOCK_BYTES &&
            (!other->done || other->responded > call->begun))
            return true;
    }
    return false;
}

void call_finish(const struct doing *doing, struct call *call)
{
    struct history *history = &doing->execution->history;
    const uint64_t began = sim_call_began(), now = sim_now();

    call->invoked = began == now ? 2 * began : 2 * began + 1;
    call->responded = began == now ? 2 * now : 2 * now - 1;
    call->done = true;
    history->order[history->responded++] = (uint8_t)(call - history->calls);
    reach_outcome(doing->operation->kind, call->answer);
    if (doing->execution->trace)
        trace_call_ends(doing->execution->trace, call);
}

/* ---- what owners write into their frames, seen by the next owner or not ---- */

enum { WHOLE_BLOCK = 1 }; /* added to a block's address: the key of its contents as a 2 MiB frame */

static void leave_contents(struct execution *execution, uint64_t address, unsigned order)
{
    if (order == BLOCK_ORDER) {
        sim_frame_give(address + WHOLE_BLOCK);
        return;
    }
    sim_frame_give(address);
    if (execution->given_count < HISTORY_CALLS)
        execution->given[execution->given_count++] = address;
}

static bool contents_visible(const struct execution *execution, uint64_t address, unsigned order)
{
    const uint64_t base = address & ~(BLOCK_BYTES - 1);
    bool visible = sim_frame_take(base + WHOLE_BLOCK);

    if (order == 0)
        return sim_frame_take(address) && visible;
    for (size_t i = 0; i < execution->given_count; i++)
        if ((execution->given[i] & ~(BLOCK_BYTES - 1)) == base)
            visible &= sim_frame_take(execution->given[i]);
    return visible;
}

/* ---- taking and giving ---- */

bool call_take(const struct doing *doing, unsigned order, enum zone limit, uint64_t *address)
{
    struct execution *execution = doing->execution;
    const struct allocator *allocator = execution->allocator;
    struct call *call = call_start(doing, CALL_ALLOC);

    if (!call)
        return false;
    call->order = order;
    call->limit = allocator->promises & PROMISE_ZONES ? limit : ZONE_NORMAL;
    *address = UINT64_MAX;
    call->address = UINT64_MAX;
    call->answer = allocator->alloc(execution->stage->run.self, doing->cpu, order, call->limit, address);
    call->address = call->answer == ANSWER_OK ? *address : UINT64_MAX;
    if (call->answer == ANSWER_OK && execution->plan->weak)
        call->invisible = !contents_visible(execution, *address, order);
    call_finish(doing, call);
    return call->answer == ANSWER_OK;
}

void call_give(const struct doing *doing, enum call_kind kind, struct slot what, bool misuse)
{
    struct execution *execution = doing->execution;
    const struct allocator *allocator = execution->allocator;
    struct call *call = call_start(doing, kind);

    if (!call)
        return;
    call->order = what.order;
    call->address = what.address;
    call->misuse = misuse;
    if (execution->plan->weak && !misuse)
        leave_contents(execution, what.address, what.order);
    call->answer = kind == CALL_RELEASE
                       ? allocator->release(execution->stage->run.self, doing->cpu, what.address)
                       : allocator->free(execution->stage->run.self, doing->cpu, what.address, what.order);
    call->met_split = kind == CALL_FREE && what.order == BLOCK_ORDER && meets_split(&execution->history, call);
    call_finish(doing, call);
}
