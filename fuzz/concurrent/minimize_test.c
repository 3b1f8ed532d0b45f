/*
 * The minimiser on findings whose decisions are fixed, as the minimised programs of other engines are: what was
 * dropped may need another schedule altogether.
 */
#include "../../ci/tests/test.h"
#include "../minimize/minimize.h"
#include "concurrent.h"
#include "toy_allocator.h"

static struct program program;
static struct concurrent_result result;
static const struct allocator *allocator; /* another one for each fault: what is kept of set-ups is of one */
static const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ}};

/* Four CPUs that do more than it takes, under the decisions of a seed. */
static bool fails(uint64_t seed)
{
    static const char text[] = "ops 1\ncpus 4\nmap 0x200000 0x4000 usable\nschedule random 0x0\nalloc s0\nalloc s1\n"
                               "cpu 0\nfree s1\nalloc s2\nfree s0\nstats\ncpu 1\nalloc s3\nfree s0\nfree s3\n"
                               "cpu 2\nalloc s4\nfree s1\nalloc s5\ncpu 3\nstats\nalloc s6\nfree s6\nfree s1\n";
    char error[256];

    CHECK(program_parse(&program, text, sizeof(text) - 1, error, sizeof(error)));
    program.schedule.seed = seed;
    program.schedule.strategy = STRATEGY_RANDOM + seed % 3;
    run_concurrent(&program, allocator, &options, &result);
    program.schedule = result.sim.taken;
    return result.verdict == RUN_FAILED && result.sim.complete;
}

static void becomes_small(void)
{
    const enum failure_id failure = result.failure;
    struct concurrent_size size;
    struct minimized minimized;

    CHECK(minimize_concurrent(&program, allocator, FAIL_NONE, HANG_MILLIS, &minimized));
    run_concurrent(&program, allocator, &options, &result);
    CHECK(minimized.failure.id == failure && result.failure == failure);
    size = concurrent_size(&program);
    CHECK(size.cpus <= 3 && size.operations <= 7 && size.preemptions <= 3);
}

/* With changes of one thing at a time, some of these stay at four CPUs and eleven operations. */
static void small_whatever_was_decided(void)
{
    static const enum toy_fault faults[] = {TOY_LOAD_STORE, TOY_DOUBLE_FREE, TOY_LOSES, TOY_COUNTS};
    static struct allocator allocators[sizeof(faults) / sizeof(faults[0])];

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        unsigned found = 0;

        toy_fault = faults[i];
        allocators[i] = toy_allocator;
        allocator = &allocators[i];
        for (uint64_t seed = 0; seed < 2000 && found < 6; seed++) {
            if (!fails(seed))
                continue;
            becomes_small();
            found++;
        }
        CHECK(found >= 2);
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"minimize: findings become small whatever was decided when they were found", small_whatever_was_decided},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
