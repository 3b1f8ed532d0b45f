/* The simulated CPUs: the same run every time, and every word of the contract in sim.h that a toy can show. */
#include "test_toys.h"
#include "../../ci/tests/test.h"

enum { SEEDS = 200 };

#define GOLDEN_STEPS 141
#define GOLDEN_HASH  UINT64_C(0xfa9a822f53c634b2)

static struct toy toy, again;

static const unsigned all_modes[] = {
    0,
    SCHEDULE_WEAK,
    SCHEDULE_INTERRUPTS,
    SCHEDULE_SOLO,
    SCHEDULE_WEAK | SCHEDULE_BUFFERS,
    SCHEDULE_WEAK | SCHEDULE_INTERRUPTS | SCHEDULE_SOLO,
    SCHEDULE_WEAK | SCHEDULE_BUFFERS | SCHEDULE_INTERRUPTS | SCHEDULE_SOLO,
};
enum { MODES = sizeof all_modes / sizeof all_modes[0] };

static struct schedule schedule_of(enum strategy strategy, unsigned modes, uint64_t seed)
{
    struct schedule schedule;

    memset(&schedule, 0, sizeof schedule);
    schedule.strategy = strategy;
    schedule.modes = modes;
    schedule.seed = seed;
    return schedule;
}

/* An explicit schedule of these overrides. */
static struct schedule schedule_with(const struct override *overrides, size_t count)
{
    struct schedule schedule = schedule_of(STRATEGY_EXPLICIT, 0, 0);

    schedule.override_count = count;
    memcpy(schedule.overrides, overrides, count * sizeof *overrides);
    return schedule;
}

static struct sim_result run_mix(struct toy *into, size_t operations, const struct schedule *schedule)
{
    toy_make(into, 3, operations, toy_mix);
    toy_handle(into, toy_mix_handler);
    return sim_run(&into->work, schedule);
}

/* The CPUs of the first steps, as digits; blanks do not count. */
static bool ran(const char *cpus)
{
    size_t event = 0;

    for (; *cpus; cpus++)
        if (*cpus != ' ' && (event >= toy.event_count || toy.events[event++].cpu != *cpus - '0'))
            return false;
    return true;
}

/* ---- determinism and replay ---- */

static void same_run_twice(void)
{
    for (unsigned strategy = 0; strategy < STRATEGY_COUNT; strategy++)
        for (unsigned mode = 0; mode < MODES; mode++)
            for (uint64_t seed = 0; seed < SEEDS; seed++) {
                const struct schedule schedule = schedule_of(strategy, all_modes[mode], seed);
                const struct sim_result a = run_mix(&toy, 5, &schedule), b = run_mix(&again, 5, &schedule);

                CHECK(a.end == SIM_DONE && toy.hash == again.hash && a.switches == b.switches);
            }
}

static void seeds_differ(void)
{
    for (unsigned strategy = STRATEGY_RANDOM; strategy < STRATEGY_COUNT; strategy++) {
        unsigned different = 0;

        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            const struct schedule one = schedule_of(strategy, 0, seed), other = schedule_of(strategy, 0, seed + 1);

            run_mix(&toy, 5, &one);
            run_mix(&again, 5, &other);
            different += toy.hash != again.hash;
        }
        CHECK(different > SEEDS / 2);
    }
}

static bool same_schedule(const struct schedule *a, const struct schedule *b)
{
    if (a->override_count != b->override_count)
        return false;
    for (size_t i = 0; i < a->override_count; i++) {
        const struct override *x = &a->overrides[i], *y = &b->overrides[i];

        if (x->cpu != y->cpu || x->operation != y->operation || x->step != y->step || x->action != y->action ||
            x->argument != y->argument || x->hold != y->hold)
            return false;
    }
    return true;
}

static void random_override(struct override *override, uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
    override->cpu = (uint8_t)(*random >> 60 & 3);
    override->operation = (uint8_t)(*random >> 40 & 1);
    override->step = (uint16_t)(*random >> 44 & 15);
    override->action = (enum override_action)((*random >> 50) % OVERRIDE_ACTIONS);
    override->argument = (uint8_t)(*random >> 56 & 3);
    override->hold = (uint16_t)(*random >> 33 & 7);
}

/* Overrides over every base strategy: what was taken repeats the run, and is what the replay itself takes. */
static void taken_replays(void)
{
    const struct schedule wild = schedule_of(STRATEGY_RANDOM, 0, 1);
    unsigned complete = 0;
    uint64_t random = 1;

    for (unsigned i = 0; i < 40 * SEEDS; i++) {
        struct schedule schedule = schedule_of(i % STRATEGY_COUNT, all_modes[i / STRATEGY_COUNT % MODES], i);
        struct sim_result first, replay;

        schedule.override_count = i % 12;
        for (size_t o = 0; o < schedule.override_count; o++)
            random_override(&schedule.overrides[o], &random);
        first = run_mix(&toy, 2, &schedule);
        if (!first.complete)
            continue;
        complete++;
        replay = run_mix(&again, 2, &first.taken);
        CHECK(first.taken.strategy == STRATEGY_EXPLICIT);
        CHECK(toy.hash == again.hash && toy.event_count == again.event_count);
        CHECK(first.end == replay.end && first.steps == replay.steps && first.switches == replay.switches &&
              first.longest_call == replay.longest_call);
        CHECK(replay.complete && same_schedule(&first.taken, &replay.taken));
    }
    CHECK(complete > 20 * SEEDS);
    CHECK(!run_mix(&toy, 48, &wild).complete); /* more than an explicit schedule can hold, and says so */
}

/* The trace of one run, as a number: the same with every compiler, sanitizer and kind of fiber. */
static void golden_trace(void)
{
    const struct schedule schedule = schedule_of(STRATEGY_STICKY, SCHEDULE_WEAK | SCHEDULE_INTERRUPTS, 7);
    const struct sim_result result = run_mix(&toy, 5, &schedule);

    CHECK(result.steps == GOLDEN_STEPS);
    CHECK(toy.hash == GOLDEN_HASH);
}

static void feedback_is_the_same(void)
{
    const struct schedule schedule = schedule_of(STRATEGY_RANDOM, SCHEDULE_WEAK | SCHEDULE_INTERRUPTS, 3);
    static uint8_t before[SIM_FEEDBACK];
    unsigned hits = 0;

    run_mix(&toy, 5, &schedule);
    for (size_t i = 0; i < SIM_FEEDBACK; i++)
        before[i] = sim_feedback[i];
    run_mix(&toy, 5, &schedule);
    for (size_t i = 0; i < SIM_FEEDBACK; i++) {
        CHECK(before[i] == sim_feedback[i]);
        hits += before[i];
    }
    CHECK(hits > 20 && hits < 1000);
    toy_make(&toy, 1, 1, toy_count);
    sim_run(&toy.work, &schedule);
    for (size_t i = 0; i < SIM_FEEDBACK; i++)
        CHECK(!sim_feedback[i]); /* nobody to interleave with; and nothing left from before */
}

/* ---- overrides ---- */

static void switches_where_anchored(void)
{
    const struct override overrides[] = {
        {0, 1, 1, OVERRIDE_SWITCH, 1, 3}, /* before the second step of the second operation, for three steps */
    };
    const struct schedule schedule = schedule_with(overrides, 1);

    toy_make(&toy, 3, 2, toy_count);
    CHECK(sim_run(&toy.work, &schedule).switches == 2);
    CHECK(ran("000 111 00 11 2222")); /* both second swaps fail once */
    CHECK(toy.words[0].value == 6);
}

static void holds_nest(void)
{
    const struct override overrides[] = {
        {0, 0, 1, OVERRIDE_SWITCH, 1, 4}, /* of which CPU 1 gives two away after its first */
        {1, 0, 1, OVERRIDE_SWITCH, 2, 2},
        {2, 1, 1, OVERRIDE_SWITCH, 0, 0}, /* until it is done, but it is already */
    };
    const struct schedule schedule = schedule_with(overrides, 3);

    toy_make(&toy, 3, 4, toy_count_badly);
    sim_run(&toy.work, &schedule);
    CHECK(ran("0 1 22 111 0000000 1111 222222"));
}

static void hold_until_done(void)
{
    const struct override overrides[] = {
        {0, 0, 1, OVERRIDE_SWITCH, 2, 0},
        {0, 0, 1, OVERRIDE_SWITCH, 1, 1},
    };
    const struct schedule schedule = schedule_with(overrides, 2);

    toy_make(&toy, 3, 2, toy_count_badly);
    sim_run(&toy.work, &schedule);
    CHECK(ran("0 2222 1 000 111")); /* the second one of that step when CPU 0 goes on */
}

static void impossible_overrides_do_nothing(void)
{
    const struct override overrides[] = {
        {0, 0, 2, OVERRIDE_SWITCH, 1, 1},                                      /* the operation has two steps */
        {0, 9, 0, OVERRIDE_SWITCH, 1, 1},                                      /* no such operation */
        {0, 1, 0, OVERRIDE_SWITCH, 3, 1},                                      /* no such CPU */
        {3, 0, 0, OVERRIDE_SWITCH, 1, 1},    {1, 0, 1, OVERRIDE_SWITCH, 0, 1}, /* done by then */
        {1, 1, 1, OVERRIDE_INTERRUPT, 0, 0},                                   /* no handlers here */
        {2, 0, 0, OVERRIDE_SWITCH, 2, 1},                                      /* there already */
    };
    const struct schedule schedule = schedule_with(overrides, 7);

    toy_make(&toy, 3, 2, toy_count_badly);
    CHECK(sim_run(&toy.work, &schedule).taken.override_count == 0);
    CHECK(ran("0000 1111 2222"));
}

/* CPU 2 is done when CPU 0's hold ends, and below is CPU 0 itself. */
static void hold_ends_where_it_is(void)
{
    const struct override overrides[] = {
        {0, 0, 1, OVERRIDE_SWITCH, 2, 0},
        {2, 0, 1, OVERRIDE_SWITCH, 0, 2},
        {0, 1, 0, OVERRIDE_SWITCH, 2, 0},
    };
    const struct schedule schedule = schedule_with(overrides, 3);

    toy_make(&toy, 3, 2, toy_count_badly);
    CHECK(sim_run(&toy.work, &schedule).end == SIM_DONE);
    CHECK(ran("0 2 0 222 00 1111"));
}

/* Four steps of CPU 1 right before that step, whatever the base strategy would like. */
static void base_keeps_still_during_a_hold(void)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct schedule schedule = schedule_of(STRATEGY_RANDOM, 0, seed);
        unsigned later = 0;

        schedule.override_count = 1;
        schedule.overrides[0] = (struct override){0, 1, 0, OVERRIDE_SWITCH, 1, 4};
        toy_make(&toy, 3, 8, toy_count_badly);
        sim_run(&toy.work, &schedule);
        for (size_t i = toy.event_count; i-- > 4;) {
            const struct sim_event *event = &toy.events[i];

            if (event->cpu == 0 && event->operation == 1 && event->step == 0 && later > 0)
                CHECK(event[-1].cpu == 1 && event[-2].cpu == 1 && event[-3].cpu == 1 && event[-4].cpu == 1);
            later += event->cpu == 1;
        }
    }
}

static void fails_where_told(void)
{
    const struct override overrides[] = {
        {0, 0, 1, OVERRIDE_FAIL, 0, 0}, /* its swap */
        {0, 1, 0, OVERRIDE_FAIL, 0, 0}, /* a load: nothing to fail */
    };
    const struct schedule schedule = schedule_with(overrides, 2);

    toy_make(&toy, 1, 2, toy_count);
    CHECK(sim_run(&toy.work, &schedule).taken.override_count == 1);
    CHECK(toy.failed == 1 && toy.events[1].failed && toy.words[0].value == 2 && toy.event_count == 5);
}

static void stale_where_allowed(void)
{
    const struct override overrides[] = {
        {0, 0, 1, OVERRIDE_SWITCH, 1, 0},
        {0, 0, 1, OVERRIDE_STALE, 1, 0},
        {0, 1, 0, OVERRIDE_STALE, 1, 0},
    };
    const struct schedule schedule = schedule_with(overrides, 3);

    toy_make(&toy, 2, 2, toy_mix);
    sim_run(&toy.work, &schedule);
    CHECK(toy.stale == 0); /* its own word: newer than anything else that it may see */
}

/* ---- interrupts ---- */

static void interrupts_nest(void)
{
    const struct override overrides[] = {
        {0, 0, 2, OVERRIDE_INTERRUPT, 0, 0}, {0, 0, 3, OVERRIDE_INTERRUPT, 0, 0}, /* not in itself */
        {0, 0, 4, OVERRIDE_INTERRUPT, 1, 0}, {0, 0, 6, OVERRIDE_INTERRUPT, 1, 0}, {0, 0, 6, OVERRIDE_INTERRUPT, 0, 0},
    };
    const struct schedule schedule = schedule_with(overrides, 5);
    struct sim_result result;

    result = run_mix(&toy, 2, &schedule);
    CHECK(toy.events[1].depth == 0 && toy.events[2].depth == 1 && toy.events[3].depth == 1);
    CHECK(toy.events[4].depth == 2 && toy.events[6].depth == 2 && toy.deepest == 2);
    CHECK(toy.events[6].operation == 0 && toy.events[6].step == 6);
    CHECK(toy.trouble == 0 && result.taken.override_count == 2);
}

static void interrupted_context_stands_still(void)
{
    unsigned deepest = 0, moved = 0;

    for (unsigned strategy = STRATEGY_RANDOM; strategy < STRATEGY_COUNT; strategy++)
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            const struct schedule schedule = schedule_of(strategy, SCHEDULE_INTERRUPTS, seed);

            run_mix(&toy, 5, &schedule);
            CHECK(toy.trouble == 0);
            moved += toy.moved;
            deepest = toy.deepest > deepest ? toy.deepest : deepest;
        }
    CHECK(deepest == SCHEDULE_DEPTH && moved > SEEDS);
}

static void add_in_handler(struct toy *self, unsigned cpu, unsigned handler)
{
    (void)handler;
    pmm_local_add(&self->words[cpu], 1);
}

static void add_to_own(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    pmm_local_add(&self->words[cpu], 1);
}

static void add_to_first(struct toy *self, unsigned cpu, size_t operation)
{
    (void)cpu;
    (void)operation;
    pmm_local_add(&self->words[0], 1);
}

/* One instruction, but without a lock. */
static void interrupts_do_not_split_local_adds(void)
{
    bool split = false;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct schedule schedule = schedule_of(STRATEGY_RANDOM, SCHEDULE_INTERRUPTS, seed);
        struct sim_result result;
        uint64_t sum = 0;

        toy_make(&toy, 3, 5, add_to_own);
        toy_handle(&toy, add_in_handler);
        result = sim_run(&toy.work, &schedule);
        for (unsigned cpu = 0; cpu < 3; cpu++)
            sum += toy.words[cpu].value;
        CHECK(sum * 2 == result.steps);
        toy_make(&toy, 3, 5, add_to_first);
        sim_run(&toy.work, &schedule);
        split |= toy.words[0].value < 15;
    }
    CHECK(split);
}

/* ---- progress ---- */

static void spin(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    if (cpu == 1)
        while (pmm_load(&self->words[0]) == 0)
            ;
}

static void wait_for_last(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    if (cpu == 2)
        pmm_store(&self->words[0], 1);
    else
        while (pmm_load(&self->words[0]) == 0)
            ;
}

static void endless_loops_are_livelocks(void)
{
    for (unsigned strategy = 0; strategy < STRATEGY_COUNT; strategy++)
        for (unsigned mode = 0; mode < 3; mode++) {
            const struct schedule schedule = schedule_of(strategy, all_modes[mode], strategy);
            struct sim_result result;

            toy_make(&toy, 3, 1, spin);
            result = sim_run(&toy.work, &schedule);
            CHECK(result.end == SIM_LIVELOCK && result.cpu == 1 && result.steps == toy.work.step_limit);
        }
}

/* Unfair schedules would let the waiting CPUs wait for ever; the fair tail lets everybody go on. */
static void waiting_is_no_livelock(void)
{
    for (unsigned strategy = 0; strategy < STRATEGY_COUNT; strategy++) {
        const struct schedule schedule = schedule_of(strategy, SCHEDULE_WEAK, strategy);
        struct sim_result result;

        toy_make(&toy, 3, 1, wait_for_last);
        result = sim_run(&toy.work, &schedule);
        CHECK(result.end == SIM_DONE);
        CHECK(strategy != STRATEGY_EXPLICIT || result.steps > toy.work.step_limit / 2);
    }
}

static void solo_calls_end_or_are_stuck(void)
{
    const struct override overrides[] = {
        {0, 0, 1, OVERRIDE_SWITCH, 2, 2}, /* inside its locked part, if it takes a lock */
        {1, 0, 2, OVERRIDE_SOLO, 0, 0},   {1, 0, 3, OVERRIDE_SWITCH, 2, 0}, /* frozen */
        {0, 0, 2, OVERRIDE_SWITCH, 1, 0}, {1, 1, 0, OVERRIDE_SWITCH, 2, 1}, /* thawed */
    };
    const struct schedule schedule = schedule_with(overrides, 5);
    struct sim_result result;
    size_t i = 4;

    toy_make(&toy, 3, 2, toy_mix);
    result = sim_run(&toy.work, &schedule);
    CHECK(result.end == SIM_DONE && ran("0 22 0 11") && result.taken.override_count == 4);
    while (toy.events[i].cpu == 1 && toy.events[i].operation == 0)
        i++;
    CHECK(i >= 4 + 8 && toy.events[i].cpu == 2 && toy.events[i + 1].cpu == 1 && toy.events[i + 1].operation == 1);
    toy_make(&toy, 3, 2, toy_lock);
    result = sim_run(&toy.work, &schedule);
    CHECK(result.end == SIM_STUCK && result.cpu == 1 && toy.events[toy.event_count - 1].cpu == 1);
    CHECK(result.steps > toy.work.solo_limit && result.steps < toy.work.solo_limit + 10);
}

static void lock_in_an_interrupt_is_stuck(void)
{
    unsigned stuck = 0, livelocks = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct schedule schedule = schedule_of(STRATEGY_STICKY, SCHEDULE_INTERRUPTS | SCHEDULE_SOLO, seed);
        struct sim_result result;

        toy_make(&toy, 2, 6, toy_lock);
        toy_handle(&toy, toy_lock_handler);
        toy.work.step_limit = 4000;
        result = sim_run(&toy.work, &schedule);
        stuck += result.end == SIM_STUCK;
        livelocks += result.end == SIM_LIVELOCK;
        toy.work.interrupt = NULL;
        toy.words[3].value = 0;
        result = sim_run(&toy.work, &(struct schedule){.strategy = STRATEGY_STICKY, .seed = seed});
        CHECK(result.end == SIM_DONE);
    }
    CHECK(stuck > SEEDS / 10 && livelocks > 0);
}

/* ---- the toys' own faults ---- */

static void counters_are_right_or_wrong(void)
{
    for (unsigned strategy = STRATEGY_RANDOM; strategy < STRATEGY_COUNT; strategy++) {
        unsigned lost = 0;

        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            const struct schedule schedule = schedule_of(strategy, 0, seed);

            toy_make(&toy, 4, 3, toy_count);
            sim_run(&toy.work, &schedule);
            CHECK(toy.words[0].value == 12);
            toy_make(&toy, 4, 3, toy_count_badly);
            sim_run(&toy.work, &schedule);
            lost += toy.words[0].value < 12;
        }
        CHECK(lost > 0);
    }
}

/* CPU 0 reads 0 and swaps 0 for 5; meanwhile CPU 1 goes to 1 and back. */
static void there_and_back(struct toy *self, unsigned cpu, size_t operation)
{
    uint64_t expected = 0;

    (void)operation;
    if (cpu == 1) {
        pmm_store(&self->words[0], 1);
        pmm_store(&self->words[0], 0);
    } else {
        pmm_load(&self->words[0]);
        pmm_compare_swap(&self->words[0], &expected, 5);
    }
}

/* What this CPU changed itself, or read only in an earlier call, is no ABA. */
static void no_aba(struct toy *self, unsigned cpu, size_t operation)
{
    uint64_t expected = 0;

    if (cpu == 1) {
        pmm_store(&self->words[0], 1);
        pmm_store(&self->words[0], 0);
    } else if (operation == 0) {
        pmm_load(&self->words[0]);
        pmm_store(&self->words[0], 3);
        expected = 3;
        pmm_compare_swap(&self->words[0], &expected, 0);
    } else {
        pmm_load(&self->words[1]);
        pmm_compare_swap(&self->words[0], &expected, 5);
    }
}

static void aba_is_marked(void)
{
    const struct override later[] = {{0, 1, 1, OVERRIDE_SWITCH, 1, 0}};
    const struct schedule between_calls = schedule_with(later, 1);
    const struct override overrides[] = {{0, 0, 1, OVERRIDE_SWITCH, 1, 0}};
    const struct schedule between = schedule_with(overrides, 1), never = schedule_with(overrides, 0);

    toy_make(&toy, 2, 1, there_and_back);
    sim_run(&toy.work, &between);
    CHECK(toy.aba == 1 && toy.words[0].value == 5);
    toy_make(&toy, 2, 1, there_and_back);
    sim_run(&toy.work, &never);
    CHECK(toy.aba == 0);
    toy_make(&toy, 2, 2, no_aba);
    sim_run(&toy.work, &between_calls);
    CHECK(toy.aba == 0 && toy.words[0].value == 5);
}

static uint64_t began[2], ended[2];

static void note_times(struct toy *self, unsigned cpu, size_t operation)
{
    toy_count_badly(self, cpu, operation);
    began[cpu] = sim_call_began();
    ended[cpu] = sim_now();
}

static void calls_begin_at_their_first_step(void)
{
    const struct override overrides[] = {{0, 0, 0, OVERRIDE_SWITCH, 1, 0}};
    const struct schedule schedule = schedule_with(overrides, 1);

    toy_make(&toy, 2, 1, note_times);
    sim_run(&toy.work, &schedule);
    CHECK(began[1] == 0 && ended[1] == 2 && began[0] == 2 && ended[0] == 4);
}

static void outside_a_run_it_just_happens(void)
{
    uint64_t expected = 3;

    toy_make(&toy, 1, 0, toy_mix);
    sim_set_cpu(2);
    pmm_store(&toy.words[0], 3);
    CHECK(PMM_THIS_CPU == 2 && pmm_fetch_add(&toy.words[0], 4) == 3 && sim_now() == 0 && sim_depth() == 0);
    CHECK(!pmm_compare_swap(&toy.words[0], &expected, 9) && expected == 7);
    CHECK(pmm_compare_swap(&toy.words[0], &expected, 9) && pmm_load(&toy.words[0]) == 9);
    sim_set_cpu(0);
    CHECK(sim_run(&toy.work, &(struct schedule){.strategy = STRATEGY_RANDOM}).steps == 0);
}

#line 7 "somewhere/site.c"
static const struct sim_site *known_site(void)
{
    return SIM_SITE;
}
#line 495 "sim_test.c"

static void sites_keep_their_ids(void)
{
    CHECK(known_site()->line == 9 && strcmp(known_site()->function, "known_site") == 0);
    CHECK(known_site()->id == UINT32_C(0x1b44efd4));
}

int main(int argc, char **argv)
{
    const struct test tests[] = {
        {"a schedule gives the same run twice", same_run_twice},
        {"different seeds give different runs", seeds_differ},
        {"what was taken repeats the run exactly", taken_replays},
        {"the trace of one run is what it always was", golden_trace},
        {"a site has the same id in every build", sites_keep_their_ids},
        {"feedback depends on the run alone", feedback_is_the_same},
        {"a switch strikes where it is anchored, and is taken back", switches_where_anchored},
        {"holds nest, and count steps while topmost", holds_nest},
        {"a hold of 0 lasts until the CPU is done", hold_until_done},
        {"an override that cannot be carried out does nothing", impossible_overrides_do_nothing},
        {"a hold that ends where it is just goes on", hold_ends_where_it_is},
        {"the base strategy keeps still during a hold", base_keeps_still_during_a_hold},
        {"a weak swap fails where told", fails_where_told},
        {"a load goes back no further than it may", stale_where_allowed},
        {"interrupts nest, an NMI over an interrupt and nothing else", interrupts_nest},
        {"what is interrupted stands still, other CPUs move", interrupted_context_stands_still},
        {"an interrupt cannot split a local addition, another CPU can", interrupts_do_not_split_local_adds},
        {"an endless loop is a livelock under every strategy", endless_loops_are_livelocks},
        {"waiting for another CPU is no livelock", waiting_is_no_livelock},
        {"alone, a call ends within its bound or is stuck", solo_calls_end_or_are_stuck},
        {"a lock taken in an interrupt is reported", lock_in_an_interrupt_is_stuck},
        {"an atomic counter is right, a load and a store lose updates", counters_are_right_or_wrong},
        {"a swap of a value that went away and came back is marked", aba_is_marked},
        {"a call begins at its first step", calls_begin_at_their_first_step},
        {"outside a run operations just happen", outside_a_run_it_just_happens},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
