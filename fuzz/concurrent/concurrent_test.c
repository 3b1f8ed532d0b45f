/*
 * Concurrent programs from end to end on a toy allocator: every failure of concurrent calls can fire and keeps its
 * name while it is minimised; a right allocator fires none; a run is the same each time.
 */
#include "../../ci/tests/test.h"
#include "../mutator/mutator.h"
#include "concurrent.h"
#include "toy_allocator.h"

static struct program program;
static struct concurrent_result result;
static const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ}, .audit = AUDIT_IN_STEPS};

static void run(void)
{
    run_concurrent(&program, &toy_allocator, &options, &result);
}

static void parse(const char *text)
{
    char error[256];

    CHECK(program_parse(&program, text, strlen(text), error, sizeof(error)));
}

/* Which fault is found where, and the name that it must be given. */
static const struct planted {
    enum toy_fault fault;
    enum failure_id failure;
    const char *lists;
    unsigned modes;
} planted[] = {
    {TOY_LOAD_STORE, FAIL_L03, "cpu 0\nalloc s0\nalloc s2\ncpu 1\nalloc s1\nquery 0x200000\nstats\n", 0},
    {TOY_DOUBLE_FREE, FAIL_L01, "alloc s0\nalloc s1\ncpu 0\nfree s1\nfree s0\ncpu 1\nfree s0\ncpu 2\nfree s1\n", 0},
    {TOY_GIVES_UP, FAIL_L02, "cpu 0\nalloc s0\nfree s0\ncpu 1\nalloc s1\nstats\ncpu 2\nstats\n", 0},
    {TOY_POPS, FAIL_L02, "cpu 0\nalloc s0\nfree s0\ncpu 1\nalloc s1\nstats\n", 0},
    {TOY_LOSES, FAIL_L04, "alloc s0\ncpu 0\nfree s0\nstats\ncpu 1\nalloc s1\n", 0},
    {TOY_COUNTS, FAIL_L05, "fill 0 4\ncpu 0\nalloc s0\nfree s0\ncpu 1\nfree-every 1 0\nalloc s1\ncpu 2\nstats\n", 0},
    {TOY_LOCKS, FAIL_L06, "cpu 0\nalloc s0\nhandler 0\nalloc s1\ncpu 1\nalloc s2\n", SCHEDULE_INTERRUPTS},
    {TOY_LOCKS, FAIL_L07, "cpu 0\nalloc s0\nalloc s3\ncpu 1\nalloc s2\nstats\n", SCHEDULE_SOLO},
    {TOY_RELAXED, FAIL_L08, "alloc s0\ncpu 0\nfree s0\ncpu 1\nalloc s1\nalloc s2\nalloc s3\nalloc s4\n",
     SCHEDULE_WEAK},
    {TOY_RACES, FAIL_L10, "cpu 0\nalloc s0\nalloc s2\ncpu 1\nalloc s1\n", SCHEDULE_WEAK},
};

enum { PLANTED = sizeof(planted) / sizeof(planted[0]), SEEDS = 20000, MILLIS = 5000 };

static void plant(const struct planted *plant)
{
    char text[512];

    snprintf(text, sizeof(text), "ops 1\ncpus 3\nmap 0x200000 0x4000 usable\nschedule random 0x0\n%s", plant->lists);
    parse(text);
    program.schedule.modes = plant->modes;
}

/* Under some seed of some strategy; the seed stays in the program. */
static bool find(enum failure_id failure)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        program.schedule.seed = seed;
        program.schedule.strategy = STRATEGY_RANDOM + seed % 3;
        run();
        if (result.failure == failure)
            return true;
    }
    return false;
}

static void every_failure_fires(void)
{
    for (size_t i = 0; i < PLANTED; i++) {
        toy_fault = planted[i].fault;
        plant(&planted[i]);
        CHECK(find(planted[i].failure));
        toy_fault = TOY_RIGHT;
        run();
        CHECK(result.verdict == RUN_OK);
    }
}

static void a_question_without_an_answer_is_left(void)
{
    toy_fault = TOY_MUTE;
    parse("ops 1\ncpus 2\nmap 0x200000 0x4000 usable\nschedule random 0x0\ncpu 0\nalloc s0\ncpu 1\nstats\n");
    run();
    CHECK(result.failure == FAIL_L07);
}

static void findings_become_small(void)
{
    for (size_t i = 0; i < PLANTED; i++) {
        struct concurrent_size size;
        struct minimized minimized;

        toy_fault = planted[i].fault;
        plant(&planted[i]);
        CHECK(find(planted[i].failure));
        CHECK(minimize_concurrent(&program, &toy_allocator, FAIL_NONE, MILLIS, &minimized));
        CHECK(minimized.failure.id == planted[i].failure);
        run();
        CHECK(result.failure == minimized.failure.id);
        size = concurrent_size(&program);
        CHECK(size.cpus <= 3 && size.operations <= 5 && size.preemptions <= 2);
    }
    toy_fault = TOY_RIGHT;
    CHECK(!minimize_concurrent(&program, &toy_allocator, FAIL_NONE, MILLIS, &(struct minimized){0}));
}

static void a_right_allocator_fires_none(void)
{
    toy_fault = TOY_RIGHT;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        generate_concurrent_program(&program, seed);
        program.region_count = 1;
        program.regions[0].length = (1 + seed % 8) * FRAME_BYTES;
        run();
        CHECK(result.verdict != RUN_FAILED);
    }
}

/* Also as the explicit schedule of what was decided. */
static void runs_repeat(void)
{
    unsigned complete = 0;

    toy_fault = TOY_RIGHT;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        static struct concurrent_result first;

        generate_concurrent_program(&program, seed);
        program.region_count = 1;
        program.regions[0].length = 5 * FRAME_BYTES;
        run();
        first = result;
        run();
        CHECK(result.hash == first.hash && result.sim.steps == first.sim.steps);
        if (!first.sim.complete)
            continue;
        complete++;
        program.schedule = first.sim.taken;
        run();
        CHECK(result.hash == first.hash);
    }
    CHECK(complete > 1000);
    toy_fault = TOY_FORGETS_SEED;
    parse("ops 1\ncpus 2\nmap 0x200000 0x4000 usable\nschedule random 0x0\ncpu 0\nalloc s0\ncpu 1\nstats\n");
    run();
    complete = (unsigned)result.hash;
    run();
    CHECK(complete != (unsigned)result.hash);
}

struct exploration {
    enum failure_id failure;
};

static bool explore_once(void *context)
{
    run();
    ((struct exploration *)context)->failure = result.failure;
    return result.verdict == RUN_OK;
}

static void all_schedules_of_small_programs(void)
{
    struct exploration exploration = {FAIL_NONE};
    bool complete = false;
    uint64_t runs;

    toy_fault = TOY_RIGHT;
    parse(
        "ops 1\ncpus 2\nmap 0x200000 0x2000 usable\nschedule explicit 0x0\nalloc s0\ncpu 0\nfree s0\ncpu 1\nfree s0\n"
        "alloc s1\n");
    runs = sim_explore(2, 0, explore_once, &exploration, &complete);
    CHECK(complete && runs == 4 && exploration.failure == FAIL_NONE); /* one step, before or after each of three */
    toy_fault = TOY_DOUBLE_FREE;
    parse("ops 1\ncpus 2\nmap 0x200000 0x2000 usable\nschedule explicit 0x0\nalloc s0\ncpu 0\nfree s0\ncpu 1\nfree "
          "s0\n");
    sim_explore(1, 0, explore_once, &exploration, &complete);
    CHECK(exploration.failure == FAIL_L01);
}

static void what_does_not_suit_is_skipped(void)
{
    toy_fault = TOY_RIGHT;
    parse("ops 1\ncpus 2\nmap 0x200000 0x0 usable\nschedule random 0x0\ncpu 0\nalloc s0\n");
    run();
    CHECK(result.verdict == RUN_SKIPPED && result.skipped);
    parse("ops 1\ncpus 2\nmap 0x200000 0xa00000 usable\nschedule random 0x0\ncpu 0\nalloc s0\n");
    run();
    CHECK(result.verdict == RUN_SKIPPED);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"concurrent: every failure of concurrent calls fires, and only then", every_failure_fires},
        {"concurrent: a question that is never answered is left and named", a_question_without_an_answer_is_left},
        {"concurrent: findings become small and keep their name", findings_become_small},
        {"concurrent: a right allocator fires none", a_right_allocator_fires_none},
        {"concurrent: a run repeats, also from its decisions", runs_repeat},
        {"concurrent: all schedules of small programs are run", all_schedules_of_small_programs},
        {"concurrent: maps that do not suit are skipped", what_does_not_suit_is_skipped},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
