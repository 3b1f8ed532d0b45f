/* States after set-ups, kept beside the stage that they are states of. */
#ifndef FUZZ_CONCURRENT_STAGE_SNAPSHOT_H
#define FUZZ_CONCURRENT_STAGE_SNAPSHOT_H

#include "state.h"

struct snapshot;

/* One number for each beginning of a set-up: hashes[n] is that of its first n operations on a map. */
void snapshot_hashes(uint64_t hashes[LIST_OPERATIONS + 1], uint64_t map, const struct plan *plan);

/* The state after the first `count` operations of the set-up; NULL when it is not kept. */
const struct snapshot *snapshot_find(const struct stage *stage, const struct plan *plan, size_t count, uint64_t hash);
/* Keeps the state that the stage is in, in the place of another if need be. */
const struct snapshot *snapshot_keep(struct stage *stage, const struct plan *plan, size_t count, uint64_t hash);

/* The CPUs begin here. */
void snapshot_enter(const struct snapshot *snapshot, struct stage *stage);
/* The set-up goes on from here. */
void snapshot_go_on(const struct snapshot *snapshot, struct stage *stage);

void snapshots_drop(void); /* all of them */

/* stage_setup.c: its operations from number `next` on. The state after a costly one is kept, where states can be, for
 * set-ups that go on otherwise. False when the run has failed. */
bool stage_run_setup(struct stage *stage, const struct plan *plan, size_t next, const uint64_t *hashes);

/* stage_owners.c: what the program owns after its set-up. Slots; and entries of the pool, into `frames`, counted. */
uint64_t owned_slots(const struct run *run);
size_t owned_frames(const struct run *run, uint64_t slots, uint64_t *frames);
/* Whether the first `count` operations can leave anything that they do not own. */
bool owns_all(const struct plan *plan, size_t count);

#endif
