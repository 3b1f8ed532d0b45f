/*
 * Litmus tests of weak memory: what C11 allows must be reachable, what it forbids must never happen, over thousands
 * of schedules. Names are the field's: MP message passing, SB store buffering, LB load buffering, IRIW independent
 * reads of independent writes, WRC write-to-read causality, ISA2, CoRR and the like coherence.
 */
#include "test_toys.h"
#include "../../ci/tests/test.h"

enum { SEEDS = 6000, X = 0, Y = 1, Z = 2 };

static struct toy toy;
static uint64_t seen[SIM_CPUS][4]; /* what each CPU read, in order */

/* ---- what the litmus tests are made of ---- */

#define READ(cpu, n, word, order)  seen[cpu][n] = sim_load(&toy.words[word].value, order, SIM_SITE)
#define WRITE(word, new, order)    sim_store(&toy.words[word].value, new, order, SIM_SITE)
#define FENCE(order)               sim_fence(order, SIM_SITE)
#define EXCHANGE(word, new, order) sim_fetch(&toy.words[word].value, new, SIM_EXCHANGE, order, SIM_SITE)

static enum sim_order w_order, r_order; /* of the test's writes and reads */
static enum sim_order fence_order;      /* SIM_RELAXED: no fence */

static void fence(void)
{
    if (fence_order != SIM_RELAXED)
        FENCE(fence_order);
}

static unsigned modes = SCHEDULE_WEAK;

/* How often the outcome came, of SEEDS runs of all strategies; stays 0 for what is forbidden. */
static unsigned count(unsigned cpus, void (*run)(struct toy *toy, unsigned cpu, size_t operation),
                      bool (*outcome)(void))
{
    unsigned outcomes = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct schedule schedule = {
            .strategy = STRATEGY_RANDOM + (enum strategy)(seed % 3), .modes = modes, .seed = seed};

        memset(seen, 0xff, sizeof seen);
        toy_make(&toy, cpus, 1, run);
        sim_run(&toy.work, &schedule);
        outcomes += outcome();
    }
    return outcomes;
}

static void orders(enum sim_order write, enum sim_order read, enum sim_order fences)
{
    w_order = write;
    r_order = read;
    fence_order = fences;
}

/* ---- message passing ---- */

static void mp(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        fence();
        WRITE(Y, 1, w_order);
    } else {
        READ(1, 0, Y, r_order);
        fence();
        READ(1, 1, X, SIM_RELAXED);
    }
}

static bool mp_lost(void)
{
    return seen[1][0] == 1 && seen[1][1] == 0;
}

static void message_passing(void)
{
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, mp, mp_lost) > SEEDS / 50);
    orders(SIM_RELEASE, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, mp, mp_lost) > 0);
    orders(SIM_RELAXED, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(2, mp, mp_lost) > 0);
    orders(SIM_RELEASE, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(2, mp, mp_lost) == 0);
    orders(SIM_SEQ_CST, SIM_SEQ_CST, SIM_RELAXED);
    CHECK(count(2, mp, mp_lost) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_ACQ_REL);
    CHECK(count(2, mp, mp_lost) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELEASE); /* the reader's fence does not acquire */
    CHECK(count(2, mp, mp_lost) > 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_ACQUIRE); /* the writer's does not release */
    CHECK(count(2, mp, mp_lost) > 0);
}

/* ---- store buffering, load buffering ---- */

static void sb(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    WRITE(cpu, 1, w_order);
    fence();
    READ(cpu, 0, 1 - cpu, r_order);
}

static bool both_read_old(void)
{
    return seen[0][0] == 0 && seen[1][0] == 0;
}

static void store_buffering(void)
{
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, sb, both_read_old) > SEEDS / 50);
    orders(SIM_RELEASE, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(2, sb, both_read_old) > 0);
    orders(SIM_RELEASE, SIM_SEQ_CST, SIM_RELAXED); /* as pmm_store and pmm_load: x86 does that too */
    CHECK(count(2, sb, both_read_old) > 0);
    orders(SIM_SEQ_CST, SIM_SEQ_CST, SIM_RELAXED);
    CHECK(count(2, sb, both_read_old) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_SEQ_CST);
    CHECK(count(2, sb, both_read_old) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_ACQ_REL);
    CHECK(count(2, sb, both_read_old) > 0);
}

static void lb(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    READ(cpu, 0, cpu, SIM_RELAXED);
    WRITE(1 - cpu, 1, SIM_RELAXED);
}

static bool both_read_new(void)
{
    return seen[0][0] == 1 && seen[1][0] == 1;
}

/* C11 allows it; values from the future are what this simulation leaves out. */
static void load_buffering(void)
{
    CHECK(count(2, lb, both_read_new) == 0);
}

/* ---- coherence ---- */

static void corr(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        WRITE(X, 2, SIM_RELAXED);
    } else {
        READ(1, 0, X, SIM_RELAXED);
        READ(1, 1, X, SIM_RELAXED);
    }
}

static bool went_back(void)
{
    return seen[1][1] < seen[1][0];
}

static bool read_first_then_second(void)
{
    return seen[1][0] == 1 && seen[1][1] == 2;
}

/* A CPU's own store, a store it knows of, and a value it has read hide what is older. */
static void cowr(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    WRITE(X, cpu + 1, SIM_RELAXED);
    READ(cpu, 0, X, SIM_RELAXED);
}

static bool forgot_own_store(void)
{
    return seen[0][0] == 0 || seen[1][0] == 0;
}

/* As CoRR, but the first read is another CPU's, and synchronised with the second. */
static void corr_across(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
    } else if (cpu == 1) {
        READ(1, 0, X, SIM_RELAXED);
        WRITE(Y, 1, SIM_RELEASE);
    } else {
        READ(2, 0, Y, SIM_ACQUIRE);
        READ(2, 1, X, SIM_RELAXED);
    }
}

static bool read_undone(void)
{
    return seen[1][0] == 1 && seen[2][0] == 1 && seen[2][1] == 0;
}

static void coherence(void)
{
    CHECK(count(2, corr, went_back) == 0);
    CHECK(count(2, corr, read_first_then_second) > 0);
    CHECK(count(2, cowr, forgot_own_store) == 0);
    CHECK(count(3, corr_across, read_undone) == 0);
}

/* ---- three and four CPUs ---- */

static void iriw(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu < 2) {
        WRITE(cpu, 1, w_order);
        return;
    }
    READ(cpu, 0, cpu - 2, r_order);
    fence();
    READ(cpu, 1, 3 - cpu, r_order);
}

static bool readers_disagree(void)
{
    return seen[2][0] == 1 && seen[2][1] == 0 && seen[3][0] == 1 && seen[3][1] == 0;
}

static void independent_reads(void)
{
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(4, iriw, readers_disagree) > 0);
    orders(SIM_RELEASE, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(4, iriw, readers_disagree) > 0);
    orders(SIM_SEQ_CST, SIM_SEQ_CST, SIM_RELAXED);
    CHECK(count(4, iriw, readers_disagree) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_SEQ_CST);
    CHECK(count(4, iriw, readers_disagree) == 0);
}

static void wrc(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, w_order);
    } else if (cpu == 1) {
        READ(1, 0, X, r_order);
        WRITE(Y, 1, w_order);
    } else {
        READ(2, 0, Y, r_order);
        READ(2, 1, X, SIM_RELAXED);
    }
}

static bool cause_missing(void)
{
    return seen[1][0] == 1 && seen[2][0] == 1 && seen[2][1] == 0;
}

static void isa2(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        WRITE(Y, 1, w_order);
    } else if (cpu == 1) {
        READ(1, 0, Y, r_order);
        WRITE(Z, 1, w_order);
    } else {
        READ(2, 0, Z, r_order);
        READ(2, 1, X, SIM_RELAXED);
    }
}

static void causality(void)
{
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(3, wrc, cause_missing) > 0);
    CHECK(count(3, isa2, cause_missing) > 0);
    orders(SIM_RELEASE, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(3, wrc, cause_missing) == 0);
    CHECK(count(3, isa2, cause_missing) == 0);
}

/* ---- release sequences ---- */

/* The flag goes through a relaxed read-modify-write of a third CPU, or is overwritten by its relaxed store. */
static bool overwrites;

static void relay(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        WRITE(Y, 1, SIM_RELEASE);
    } else if (cpu == 1) {
        READ(1, 0, Y, SIM_RELAXED);
        if (overwrites)
            WRITE(Y, 2, SIM_RELAXED);
        else
            seen[1][0] = EXCHANGE(Y, 2, SIM_RELAXED);
    } else {
        READ(2, 0, Y, SIM_ACQUIRE);
        READ(2, 1, X, SIM_RELAXED);
    }
}

static bool relay_broken(void)
{
    return seen[1][0] == 1 && seen[2][0] == 2 && seen[2][1] == 0;
}

static void release_sequences(void)
{
    overwrites = false;
    CHECK(count(3, relay, relay_broken) == 0);
    overwrites = true;
    CHECK(count(3, relay, relay_broken) > 0);
}

/* A store before a sequentially consistent fence, a fence of another CPU, a load after it. */
static void fenced(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        FENCE(SIM_SEQ_CST);
        READ(0, 0, Y, SIM_RELAXED);
    } else {
        EXCHANGE(Y, 1, SIM_SEQ_CST);
        READ(1, 0, X, r_order);
    }
}

static void fences_and_consistent_accesses(void)
{
    orders(SIM_RELAXED, SIM_SEQ_CST, SIM_RELAXED);
    CHECK(count(2, fenced, both_read_old) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, fenced, both_read_old) > 0); /* a relaxed load after a consistent operation is not ordered */
}

/* The fence is on another CPU, whose message (perhaps relayed by a read-modify-write) arrives. */
static void fenced_elsewhere(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    switch (cpu) {
    case 0:
        WRITE(Z, 1, SIM_SEQ_CST);
        READ(0, 0, X, SIM_SEQ_CST);
        break;
    case 1:
        WRITE(X, 1, SIM_RELAXED);
        FENCE(SIM_SEQ_CST);
        WRITE(Y, 1, SIM_RELEASE);
        break;
    case 2:
        READ(2, 0, Y, SIM_ACQUIRE);
        READ(2, 1, Z, SIM_RELAXED);
        break;
    default:
        seen[3][0] = EXCHANGE(Y, 2, SIM_RELAXED);
    }
}

static bool fence_forgotten(void)
{
    return seen[0][0] == 0 && seen[2][0] == 1 && seen[2][1] == 0;
}

static bool relayed_fence_forgotten(void)
{
    return seen[0][0] == 0 && seen[3][0] == 1 && seen[2][0] == 2 && seen[2][1] == 0;
}

static void fences_are_passed_on(void)
{
    CHECK(count(3, fenced_elsewhere, fence_forgotten) == 0);
    CHECK(count(4, fenced_elsewhere, relayed_fence_forgotten) == 0);
}

/* A plain store in between: from then on what everybody reads. */
static void overwrite_plainly(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        self->words[X].value = 5;
    }
    READ(cpu, 0, Y, SIM_RELAXED);
    if (self->words[X].value == 5)
        READ(cpu, 1, X, SIM_RELAXED);
    else
        seen[cpu][1] = 5; /* too early to tell */
}

static bool plain_store_missed(void)
{
    return seen[0][1] != 5 || seen[1][1] != 5;
}

static void plain_stores_are_seen(void)
{
    if (!(modes & SCHEDULE_BUFFERS)) /* there it must not be done */
        CHECK(count(2, overwrite_plainly, plain_store_missed) == 0);
}

/* ---- read-modify-write, compare-and-swap ---- */

static unsigned lost;

static void swaps(struct toy *self, unsigned cpu, size_t operation)
{
    uint64_t expected = 0;

    (void)operation;
    if (cpu == 0) {
        WRITE(X, 7, SIM_RELAXED);
        return;
    }
    sim_fetch(&self->words[Z].value, 1, SIM_ADD, SIM_RELAXED, SIM_SITE);
    seen[cpu][0] =
        sim_compare_swap(&self->words[X].value, &expected, 9, cpu == 1, SIM_RELAXED, SIM_RELAXED, SIM_SITE);
    seen[cpu][1] = expected;
}

static bool weak_swap_failed_for_nothing(void)
{
    return seen[1][0] == 0 && seen[1][1] == 0;
}

static bool strong_swap_failed_for_nothing(void)
{
    return seen[2][0] == 0 && seen[2][1] == 0;
}

static bool lost_an_addition(void)
{
    lost += toy.words[Z].value != 2;
    return toy.words[Z].value != 2;
}

static void read_modify_write(void)
{
    CHECK(count(3, swaps, weak_swap_failed_for_nothing) > SEEDS / 50);
    CHECK(count(3, swaps, strong_swap_failed_for_nothing) == 0);
    CHECK(count(3, swaps, lost_an_addition) == 0);
}

/* ---- frames ---- */

static bool visible;

static void hand_over(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        sim_frame_give(0x1000);
        CHECK(sim_frame_take(0x1000)); /* its own writes */
        WRITE(X, 1, w_order);
        return;
    }
    READ(1, 0, X, r_order);
    visible = seen[1][0] != 1 || sim_frame_take(0x1000);
}

static bool frame_not_visible(void)
{
    return !visible;
}

static void frames(void)
{
    orders(SIM_RELEASE, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(2, hand_over, frame_not_visible) == 0);
    orders(SIM_RELAXED, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(2, hand_over, frame_not_visible) > SEEDS / 10);
    orders(SIM_RELEASE, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, hand_over, frame_not_visible) > SEEDS / 10);
    CHECK(sim_frame_take(0x1000)); /* outside a run there is nobody else */
}

/* ---- plain words ---- */

static uint64_t races;

static bool reader_first; /* the other way round: a read, and later a write */

static void plain(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    if (cpu == 0) {
        sim_plain(&self->words[7], !reader_first, SIM_SITE);
        WRITE(X, 1, w_order);
        return;
    }
    READ(1, 0, X, SIM_ACQUIRE);
    if (seen[1][0] == 1)
        sim_plain(&self->words[7], reader_first, SIM_SITE);
}

static void plain_accesses(void)
{
    for (int way = 0; way < 4; way++) {
        const bool ordered = way & 1;

        w_order = ordered ? SIM_RELEASE : SIM_RELAXED;
        reader_first = way & 2;
        races = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            const struct schedule schedule = {.strategy = STRATEGY_RANDOM, .modes = modes, .seed = seed};
            struct sim_result result;

            toy_make(&toy, 2, 1, plain);
            result = sim_run(&toy.work, &schedule);
            races += result.race[0] && result.race[1] && result.race[0] != result.race[1];
        }
        CHECK(ordered ? races == 0 : races > SEEDS / 10);
    }
}

/* ---- stores that wait ---- */

static void two_plus_two_writes(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    WRITE(cpu, 1, w_order);
    fence();
    WRITE(1 - cpu, 2, w_order);
}

static bool first_writes_last(void)
{
    return toy.words[X].value == 1 && toy.words[Y].value == 1;
}

static void write_order(void)
{
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(modes & SCHEDULE_BUFFERS ? count(2, two_plus_two_writes, first_writes_last) > SEEDS / 200
                                   : count(2, two_plus_two_writes, first_writes_last) == 0);
    orders(SIM_RELEASE, SIM_RELAXED, SIM_RELAXED); /* C11 allows it, x86 does not, nor do we */
    CHECK(count(2, two_plus_two_writes, first_writes_last) == 0);
    orders(SIM_SEQ_CST, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, two_plus_two_writes, first_writes_last) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_SEQ_CST);
    CHECK(count(2, two_plus_two_writes, first_writes_last) == 0);
}

/* S: a write that follows from a message comes after what was written before the message. */
static void s_shape(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 2, SIM_RELAXED);
        WRITE(Y, 1, w_order);
        return;
    }
    READ(1, 0, Y, r_order);
    WRITE(X, 1, SIM_RELAXED);
}

static bool written_over(void)
{
    return seen[1][0] == 1 && toy.words[X].value == 2;
}

static void s_test(void)
{
    orders(SIM_RELEASE, SIM_ACQUIRE, SIM_RELAXED);
    CHECK(count(2, s_shape, written_over) == 0);
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(modes & SCHEDULE_BUFFERS ? count(2, s_shape, written_over) > 0 : count(2, s_shape, written_over) == 0);
}

/* A CPU sees its own stores at once, and others see those to one location in its order. */
static void own_stores(struct toy *self, unsigned cpu, size_t operation)
{
    (void)self;
    (void)operation;
    if (cpu == 0) {
        WRITE(X, 1, SIM_RELAXED);
        READ(0, 0, X, SIM_RELAXED);
        WRITE(X, 2, w_order);
        READ(0, 1, X, SIM_RELAXED);
        EXCHANGE(X, 3, SIM_RELAXED);
    } else {
        READ(1, 0, X, SIM_RELAXED);
        READ(1, 1, X, SIM_RELAXED);
    }
}

static bool own_order_lost(void)
{
    return seen[0][0] != 1 || seen[0][1] != 2 || seen[1][0] > seen[1][1] || toy.words[X].value != 3;
}

static void own_stores_in_order(void)
{
    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, own_stores, own_order_lost) == 0);
    orders(SIM_RELEASE, SIM_RELAXED, SIM_RELAXED);
    CHECK(count(2, own_stores, own_order_lost) == 0);
}

/* By overrides: the first store waits while the other CPU makes both of its own; replayed from what was taken. */
static void chosen_waiting(void)
{
    const struct schedule schedule = {
        .override_count = 3,
        .overrides = {{0, 0, 0, OVERRIDE_BUFFER, 0, 0},
                      {0, 0, 1, OVERRIDE_SWITCH, 1, 1},
                      {1, 0, 0, OVERRIDE_BUFFER, 0, 0}},
    };
    struct schedule taken, again;

    orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
    toy_make(&toy, 2, 1, two_plus_two_writes);
    taken = sim_run(&toy.work, &schedule).taken;
    CHECK(first_writes_last() == false && toy.words[X].value == 2 && toy.words[Y].value == 1);
    CHECK(taken.override_count == 3);
    toy_make(&toy, 2, 1, two_plus_two_writes);
    again = sim_run(&toy.work, &taken).taken;
    CHECK(memcmp(again.overrides, taken.overrides, 3 * sizeof(struct override)) == 0);
    CHECK(toy.words[X].value == 2 && toy.words[Y].value == 1);
}

/* Without the mode, no load is ever stale. */
static void strong_by_default(void)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct schedule schedule = {.strategy = STRATEGY_RANDOM, .seed = seed};

        orders(SIM_RELAXED, SIM_RELAXED, SIM_RELAXED);
        toy_make(&toy, 2, 1, sb);
        sim_run(&toy.work, &schedule);
        CHECK(!both_read_old() && toy.stale == 0);
    }
}

/* By an override: exactly this load, and as far back as it says. */
static void chosen_stale(void)
{
    const struct schedule schedule = {
        .override_count = 2,
        .overrides = {{1, 0, 1, OVERRIDE_SWITCH, 0, 0}, {1, 0, 1, OVERRIDE_STALE, 1, 0}},
    };

    toy_make(&toy, 2, 1, corr);
    sim_run(&toy.work,
            &(struct schedule){.override_count = 2,
                               .overrides = {{0, 0, 2, OVERRIDE_SWITCH, 1, 0}, {1, 0, 0, OVERRIDE_STALE, 1, 0}}});
    CHECK(seen[1][0] == 1 && seen[1][1] == 2 && toy.stale == 1);
    toy_make(&toy, 2, 1, corr);
    sim_run(&toy.work, &schedule);
    CHECK(seen[1][1] == 2); /* CPU 0 runs first anyway: the load before has read the newest */
}

int main(int argc, char **argv)
{
    const struct test tests[] = {
        {"MP: release and acquire, or fences, pass a message; nothing less does", message_passing},
        {"SB: only sequential consistency forbids that both read old values", store_buffering},
        {"LB does not appear", load_buffering},
        {"CoRR, CoWR, and reads across CPUs: no location goes back", coherence},
        {"IRIW: readers disagree unless sequentially consistent", independent_reads},
        {"WRC and ISA2: causes are visible through release and acquire", causality},
        {"a release sequence goes on through read-modify-write, not through stores", release_sequences},
        {"sequentially consistent fences and accesses share one order", fences_and_consistent_accesses},
        {"sequentially consistent fences count for whom they are passed on to", fences_are_passed_on},
        {"a plain store hides what was stored before", plain_stores_are_seen},
        {"read-modify-write has the newest value; weak swaps may fail for nothing", read_modify_write},
        {"a frame's contents must be handed over", frames},
        {"plain accesses without order are a race", plain_accesses},
        {"2+2W: only stores that wait change places, and only relaxed ones", write_order},
        {"S: what follows from a message comes after it", s_test},
        {"a CPU's own stores keep their order, and it sees them at once", own_stores_in_order},
        {"an override makes one store wait", chosen_waiting},
        {"no load is stale without the mode", strong_by_default},
        {"an override makes one load stale", chosen_stale},
    };

    int failed = test_main(tests, sizeof tests / sizeof tests[0], argc, argv);

    puts("# the same where stores may wait");
    modes |= SCHEDULE_BUFFERS;
    failed |= test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
    return failed;
}
