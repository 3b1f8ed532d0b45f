/* All schedules: as many as can be counted by hand, each once, and the one with the fault among them. */
#include "test_toys.h"
#include "../../ci/tests/test.h"

static struct toy toy, again;
static unsigned cpus, operations;
static unsigned handlers; /* 0: no interrupts; 1: handler 0; 2: both */
static void (*program)(struct toy *toy, unsigned cpu, size_t operation);
static const struct schedule plain = {.strategy = STRATEGY_EXPLICIT};
static struct sim_result result;

/* ---- programs ---- */

/* One step. */
static void step(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    pmm_store(&self->words[cpu], 1);
}

static void step_in_handler(struct toy *self, unsigned cpu, unsigned handler)
{
    (void)cpu;
    pmm_store(&self->words[6 + handler], 1);
}

static bool seen[2];

/* Each sees the other's flag only if both are between raising and lowering it: that takes two preemptions. */
static void meet(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    pmm_store(&self->words[cpu], 1);
    seen[cpu] = pmm_load(&self->words[1 - cpu]) == 1;
    pmm_store(&self->words[cpu], 0);
}

static void spin(struct toy *self, unsigned cpu, size_t operation)
{
    (void)cpu;
    (void)operation;
    while (pmm_load(&self->words[0]) == 0)
        ;
}

/* ---- exploring ---- */

enum { HASHES = 4096 };
static uint64_t hashes[HASHES];
static size_t hash_count;
static bool twice;

static bool run_once(void *context)
{
    (void)context;
    toy_make(&toy, cpus, operations, program);
    if (handlers)
        toy_handle(&toy, step_in_handler);
    toy.work.idle_handlers = handlers == 1 ? 2 : 0;
    result = sim_run(&toy.work, &plain);
    for (size_t i = 0; i < hash_count; i++)
        twice |= hashes[i] == toy.hash;
    if (hash_count < HASHES)
        hashes[hash_count++] = toy.hash;
    return true;
}

/* How many; 0 when one came twice or the exploration says that it is not complete. */
static uint64_t count(unsigned how_many, unsigned steps, unsigned preemptions, unsigned interrupts)
{
    bool complete = false;
    uint64_t runs;

    cpus = how_many;
    operations = steps;
    program = step;
    hash_count = 0;
    twice = false;
    runs = sim_explore(preemptions, interrupts, run_once, NULL, &complete);
    return complete && !twice && hash_count == runs ? runs : 0;
}

static void preemptions_by_hand(void)
{
    handlers = 0;
    CHECK(count(1, 5, 9, 9) == 1);
    CHECK(count(2, 3, 0, 0) == 2);
    for (uint64_t steps = 1; steps < 6; steps++) {
        const unsigned n = (unsigned)steps;

        CHECK(count(2, n, 1, 0) == 2 * steps);
        CHECK(count(2, n, 2, 0) == 2 * steps + 2 * (steps - 1) * (steps - 1));
    }
    CHECK(count(3, 4, 0, 0) == 6);
}

/* With as many preemptions as there can be: all interleavings, a multinomial coefficient. */
static void interleavings_by_hand(void)
{
    handlers = 0;
    CHECK(count(2, 3, 99, 0) == 20);
    CHECK(count(2, 5, 99, 0) == 252);
    CHECK(count(3, 2, 99, 0) == 90);
    CHECK(count(3, 3, 99, 0) == 1680);
    CHECK(count(4, 2, 99, 0) == 2520);
}

/* Before each of s steps; two in sequence before step i and step j >= i, or an NMI inside the handler. */
static void interrupts_by_hand(void)
{
    for (unsigned s = 1; s < 6; s++) {
        handlers = 1;
        CHECK(count(1, s, 0, 1) == 1 + s);
        CHECK(count(1, s, 0, 2) == 1 + s + s * (s + 1) / 2);
        handlers = 2;
        CHECK(count(1, s, 0, 1) == 1 + 2 * s);
        CHECK(count(1, s, 0, 2) == 1 + 2 * s + 4 * s * (s + 1) / 2 + s);
    }
}

static bool until_both_saw(void *context)
{
    (void)context;
    toy_make(&toy, 2, 1, meet);
    result = sim_run(&toy.work, &plain);
    return !(seen[0] && seen[1]);
}

static void finds_what_takes_two_preemptions(void)
{
    bool complete;

    sim_explore(1, 0, until_both_saw, NULL, &complete);
    CHECK(complete && !(seen[0] && seen[1]));
    sim_explore(2, 0, until_both_saw, NULL, &complete);
    CHECK(!complete && seen[0] && seen[1]);
    seen[0] = seen[1] = false;
    toy_make(&again, 2, 1, meet);
    CHECK(sim_run(&again.work, &result.taken).complete);
    CHECK(seen[0] && seen[1] && again.hash == toy.hash);
}

/* Every explored run repeats from what was taken. */
static struct schedule kept[HASHES];
static size_t kept_count;

static bool keep(void *context)
{
    bool *all_recorded = context;

    toy_make(&toy, 3, 2, toy_count);
    toy_handle(&toy, step_in_handler);
    result = sim_run(&toy.work, &plain);
    *all_recorded &= result.complete;
    if (kept_count < HASHES) {
        kept[kept_count] = result.taken;
        hashes[kept_count++] = toy.hash;
    }
    return true;
}

static void explored_runs_replay(void)
{
    bool complete, all_recorded = true;

    kept_count = 0;
    sim_explore(2, 1, keep, &all_recorded, &complete);
    CHECK(complete && all_recorded && kept_count > 1000);
    for (size_t i = 0; i < kept_count; i++) {
        toy_make(&again, 3, 2, toy_count);
        toy_handle(&again, step_in_handler);
        sim_run(&again.work, &kept[i]);
        CHECK(again.hash == hashes[i]);
    }
}

static void endless_runs_are_explored_too(void)
{
    bool complete;

    hash_count = 0;
    cpus = 2;
    operations = 1;
    handlers = 0;
    program = spin;
    sim_explore(0, 0, run_once, NULL, &complete);
    CHECK(complete && result.end == SIM_LIVELOCK);
}

int main(int argc, char **argv)
{
    const struct test tests[] = {
        {"as many schedules with few preemptions as counted by hand", preemptions_by_hand},
        {"as many interleavings as combinatorics says, each once", interleavings_by_hand},
        {"as many interrupts as counted by hand", interrupts_by_hand},
        {"a fault that takes two preemptions is found with two, not with one", finds_what_takes_two_preemptions},
        {"every explored run repeats from what was taken", explored_runs_replay},
        {"runs that never end do not stop the exploration", endless_runs_are_explored_too},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
