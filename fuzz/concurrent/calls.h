/* One call of the allocator from a simulated CPU, noted in the history. */
#ifndef FUZZ_CONCURRENT_CALLS_H
#define FUZZ_CONCURRENT_CALLS_H

#include "state.h"

/* Where in the program an operation stands, and who runs it. */
struct doing {
    struct execution *execution;
    unsigned cpu, list, position;
    const struct operation *operation;
};

/* NULL when the history is full. */
struct call *call_start(const struct doing *doing, enum call_kind kind);
void call_finish(const struct doing *doing, struct call *call);

bool call_take(const struct doing *doing, unsigned order, enum zone limit, uint64_t *address);
void call_give(const struct doing *doing, enum call_kind kind, struct slot what, bool misuse);

#endif
