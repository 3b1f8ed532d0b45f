/* The audit at work: what its files share. */
#ifndef FUZZ_CONCURRENT_AUDIT_H
#define FUZZ_CONCURRENT_AUDIT_H

#include "state.h"

/* The state that the audit goes on from: known to be the allocator's, and legal. */
struct books {
    const struct execution *execution;
    struct block_state blocks[GROUND_BLOCKS];
    struct finding *finding;
};

/* Notes a finding; always false. */
bool books_wrong(struct books *books, enum failure_id failure, const char *what, uint64_t address, uint64_t allocator,
                 uint64_t model);
uint64_t books_whole_blocks(const struct books *books);
bool books_compare_blocks(struct books *books, enum failure_id failure);
bool books_compare_numbers(struct books *books, enum failure_id failure);

/* audit.c: one depth. False: it objects. The books then say what there is; the allocator is left as it is. */
bool audit_once(struct books *books, struct rules rules, enum audit_depth depth);
/* audit_calls.c: `thorough`, or only where it costs little. */
bool drain_all(struct books *books, bool thorough);
bool free_everything_held(struct books *books, bool thorough);

#endif
