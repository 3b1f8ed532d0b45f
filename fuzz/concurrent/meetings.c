/*
 * Reach marks of a concurrent run: which calls were in flight at once about one block, on two CPUs or one inside the
 * other, and what they were told then. From the history alone, so the marks mean the same for every allocator; how the
 * allocator's steps were mixed is the simulator's feedback.
 */
#include "state.h"

static const uint64_t ANYWHERE = UINT64_MAX;

/* A refusal and a count look everywhere. */
static uint64_t block_of(const struct call *call)
{
    return call->address == UINT64_MAX ? ANYWHERE : call->address / BLOCK_BYTES;
}

static enum reach_call what_is(const struct call *call)
{
    switch (call->kind) {
    case CALL_ALLOC:
        return call->order ? REACH_CALL_ALLOC_LARGE : REACH_CALL_ALLOC;
    case CALL_FREE:
        return call->order ? REACH_CALL_FREE_LARGE : REACH_CALL_FREE;
    case CALL_RELEASE:
        return REACH_CALL_RELEASE;
    case CALL_QUERY:
        return REACH_CALL_QUERY;
    case CALL_STATS:
        break;
    }
    return REACH_CALL_STATS;
}

static void meet(const struct call *earlier, const struct call *later)
{
    if (earlier->cpu != later->cpu)
        reach_together(what_is(earlier), what_is(later));
    else if (earlier->depth > later->depth)
        reach_inside(what_is(later), what_is(earlier));
    else
        return;
    reach_contended(what_is(earlier), earlier->answer);
    reach_contended(what_is(later), later->answer);
}

/* In the order of their responses: of those before a call, the ones that it met come last. */
void meetings_reach(const struct history *history)
{
    for (size_t i = 1; i < history->responded; i++) {
        const struct call *later = &history->calls[history->order[i]];
        const uint64_t block = block_of(later);

        for (size_t j = i; j-- > 0;) {
            const struct call *earlier = &history->calls[history->order[j]];
            const uint64_t other = block_of(earlier);

            if (earlier->responded < later->invoked)
                break;
            if (block == other || block == ANYWHERE || other == ANYWHERE)
                meet(earlier, later);
        }
    }
}
