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
static const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ}};

/* Four CPUs that do more than it takes, under decisions that were taken at random. */
static bool find(enum toy_fault fault, enum failure_id failure)
{
    static const char text[] = "ops 1\ncpus 4\nmap 0x200000 0x4000 usable\nschedule random 0x0\nalloc s0\nalloc s1\n"
                               "cpu 0\nfree s1\nalloc s2\nfree s0\nstats\ncpu 1\nalloc s3\nfree s0\nfree s3\n"
                               "cpu 2\nalloc s4\nfree s1\nalloc s5\ncpu 3\nstats\nalloc s6\nfree s6\nfree s1\n";
    char error[256];

    toy_fault = fault;
    CHECK(program_parse(&program, text, sizeof(text) - 1, error, sizeof(error)));
    for (program.schedule.seed = 0; program.schedule.seed < 20000; program.schedule.seed++) {
        run_concurrent(&program, &toy_allocator, &options, &result);
        if (result.failure != failure || !result.sim.complete || result.sim.taken.override_count < 10)
            continue;
        program.schedule = result.sim.taken;
        return true;
    }
    return false;
}

static void small_whatever_was_decided(void)
{
    static const struct {
        enum toy_fault fault;
        enum failure_id failure;
    } faults[] = {{TOY_LOAD_STORE, FAIL_L03}, {TOY_DOUBLE_FREE, FAIL_L01}};

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct concurrent_size size;
        struct minimized minimized;

        CHECK(find(faults[i].fault, faults[i].failure));
        CHECK(minimize_concurrent(&program, &toy_allocator, FAIL_NONE, HANG_MILLIS, &minimized));
        run_concurrent(&program, &toy_allocator, &options, &result);
        CHECK(result.failure == minimized.failure.id && result.failure == faults[i].failure);
        size = concurrent_size(&program);
        CHECK(size.cpus <= 2 && size.operations <= 4 && size.preemptions <= 2);
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"minimize: findings become small whatever was decided when they were found", small_whatever_was_decided},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
