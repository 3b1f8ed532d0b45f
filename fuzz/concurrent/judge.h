/*
 * The judge: is this history one that the contract allows? Exact for what succeeded and for refused frees, lenient
 * where the contract is (refused allocations, counts). Knows no allocator.
 *
 * Locality makes it cheap: calls on different blocks do not touch each other's state, so that a history is
 * linearizable exactly if the calls on each block are. And one order nearly always explains them: that of responses.
 */
#ifndef FUZZ_JUDGE_H
#define FUZZ_JUDGE_H

#include "../run/run.h"
#include "history.h"

struct rules {
    bool codes; /* one code per cause; otherwise any refusal will do */
    /* Loads may be stale: then steps in time are no order of what is seen, and what loads alone decided (refusals,
     * queries, counts) is not judged. */
    bool weak;
};

struct finding {
    enum failure_id failure; /* FAIL_NONE: allowed */
    size_t call;             /* HISTORY_CALLS: no single one */
    char what[160];          /* both sides, in words */
};

/* What the judge worked out on the way, for the audit. */
struct judgement {
    struct block_state after[GROUND_BLOCKS]; /* one state in which the calls may have left the blocks */
    uint8_t freed[HISTORY_CALLS];            /* order that a free or release freed, or NOTHING_FREED */
};
enum { NOTHING_FREED = 255 };

/* Of a history in which every call is done. */
bool judge(const struct ground *ground, const struct history *history, struct rules rules,
           struct judgement *judgement, struct finding *finding);

/* Whether some legal order leaves `block` as `goal` says: for when `after` does not match. */
bool judge_may_end(const struct ground *ground, const struct history *history, struct rules rules, size_t block,
                   const struct block_state *goal);

/* ---- between the files of the judge ---- */

/* judge_step.c */

/* The calls that linearizability is about; everything else is judged by intervals or by the map alone. */
bool step_matters(const struct call *call, struct rules rules);
/* The answer that the map alone gives; ANSWER_OK when it depends on the state. */
enum answer step_obstacle(const struct ground *ground, const struct call *call);
/* Whether `call` may have answered so in `state`; if so, does it, and says what order was freed. */
bool step_apply(struct block_state *state, const struct call *call, struct rules rules, uint8_t *freed);

/* judge_order.c */

/* Searches for an order of the calls on `block`; `goal` may be NULL. Fills in *after and freed[] of these calls. */
bool order_exists(const struct ground *ground, const struct history *history, struct rules rules, size_t block,
                  const struct block_state *goal, struct block_state *after, uint8_t freed[HISTORY_CALLS]);

/* judge_intervals.c: what is judged by who was in flight when. */
bool judge_refusal(const struct ground *ground, const struct history *history, const uint8_t freed[HISTORY_CALLS],
                   size_t call, struct finding *finding);
bool judge_stats(const struct ground *ground, const struct history *history, const uint8_t freed[HISTORY_CALLS],
                 struct rules rules, size_t call, struct finding *finding);

/* judge_owners.c */

/* What at `time` is free in `block`, whatever else may be going on. */
struct block_state surely_free(const struct ground *ground, const struct history *history,
                               const uint8_t freed[HISTORY_CALLS], size_t block, uint64_t time);
/* The call that got a frame more often than it was free or had begun to be freed; HISTORY_CALLS: none. */
size_t handed_out_twice(const struct ground *ground, const struct history *history, size_t block);

#endif
