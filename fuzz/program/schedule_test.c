/* Concurrent programs in both forms: nothing is lost on any way round, mistakes are named, overrides do not shift. */
#include "../../ci/tests/test.h"
#include "bytes.h"
#include "test_programs.h"

static struct program program, again;
static uint8_t bytes[PROGRAM_BYTES], twin[PROGRAM_BYTES];
static char text[TEXT_MOST], text_again[TEXT_MOST], error[ERROR_MOST];

static bool parse(const char *source)
{
    return program_parse(&program, source, strlen(source), error, sizeof error);
}

static bool survives(void)
{
    size_t size = program_encode(&program, twin, sizeof twin), length;

    program_decode(&again, twin, size);
    if (!size || !program_equal(&program, &again) || decode_counted(&again, twin, size) != size)
        return false;
    length = print_program(&program, text);
    if (!length || !program_parse(&again, text, length, error, sizeof error) || !program_equal(&program, &again))
        return false;
    print_program(&again, text_again);
    return strcmp(text, text_again) == 0;
}

static void generated_programs_survive(void)
{
    for (unsigned i = 0; i < 2000; i++) {
        generate_concurrent_program(&program, i);
        CHECK(program.concurrent && survives());
    }
}

static void random_bytes_survive(void)
{
    struct random random = {5};

    for (unsigned i = 0; i < 20000; i++) {
        size_t size = random_bytes(&random, bytes, 300);

        bytes[0] |= HEADER_CONCURRENT;
        program_decode(&program, bytes, size);
        CHECK(program.concurrent == (size > 0));
        CHECK(i % 10 || survives());
    }
}

static void mutated_programs_survive(void)
{
    size_t size;

    generate_concurrent_program(&program, 1);
    size = program_encode(&program, bytes, sizeof bytes);
    for (uint64_t seed = 0; seed < 20000; seed++) {
        size = mutate_program_bytes(bytes, size, 1024, seed);
        program_decode(&program, bytes, size);
        CHECK(program.concurrent && size <= 1024);
        CHECK(seed % 20 || survives());
    }
}

/* Every action with its numbers at their ends. */
static void every_override_survives(void)
{
    static const uint8_t most[OVERRIDE_ACTIONS] = {
        [OVERRIDE_SWITCH] = PROGRAM_CPUS - 1,
        [OVERRIDE_INTERRUPT] = SCHEDULE_HANDLERS - 1,
        [OVERRIDE_STALE] = OVERRIDE_STALE_MOST,
    };

    CHECK(parse("ops 1\ncpus 4\nschedule pct 0xffffffffffffffff weak interrupts solo\n"));
    for (unsigned action = 0; action < OVERRIDE_ACTIONS; action++) {
        for (unsigned ends = 0; ends < 8; ends++) {
            struct override *override = &program.schedule.overrides[program.schedule.override_count++];

            *override = (struct override){
                .cpu = ends & 1 ? PROGRAM_CPUS - 1 : 0,
                .operation = ends & 1 ? LIST_OPERATIONS - 1 : 0,
                .step = ends & 2 ? OVERRIDE_STEPS - 1 : 0,
                .action = (enum override_action)action,
                .argument = ends & 4 ? most[action] : action == OVERRIDE_STALE,
                .hold = (action == OVERRIDE_SWITCH || action == OVERRIDE_BUFFER) && ends & 2 ? OVERRIDE_STEPS - 1 : 0,
            };
        }
    }
    CHECK(survives());
}

/* A change to the overrides leaves the operations alone, and the other way round. */
static void overrides_do_not_shift(void)
{
    size_t size;

    CHECK(parse("ops 1\ncpus 2\nmap 0x200000 0x1000 usable\nschedule random 0x7\nalloc s0\ncpu 0\nfree s0\n"
                "at 0.0.3 switch 1 hold 2\nat 0.0.9 switch 1\n"));
    again = program;
    size = program_encode(&program, bytes, sizeof bytes);
    bytes[size - 4] ^= 1;
    program_decode(&program, bytes, size);
    CHECK(program.operation_count == again.operation_count);
    CHECK(memcmp(&program.schedule.overrides[0], &again.schedule.overrides[0], sizeof(struct override)) == 0);
    CHECK(program.schedule.overrides[1].step != again.schedule.overrides[1].step);
}

struct mistake {
    const char *source, *said;
};

static void mistakes_are_named(void)
{
    static const struct mistake mistakes[] = {
        {"ops 1\nschedule", "line 2: `schedule` wants explicit, random, sticky or pct, found ``"},
        {"ops 1\nschedule random 7", "the seed wants 64-bit hexadecimal, such as 0x1, found `7`"},
        {"ops 1\nschedule random 0x1 fast",
         "after its seed a schedule has weak, interrupts, solo, buffers; found `fast`"},
        {"ops 1\nschedule pct 0x1\nschedule pct 0x1", "line 3: a second `schedule`; keep one"},
        {"ops 1\nstats\nschedule pct 0x1", "`schedule` after an operation; move it above the first one"},
        {"ops 1\nat 0.0.0 fail", "line 2: `at` belongs to a concurrent program; write `schedule explicit 0x0` above"},
        {"ops 1\nschedule pct 0x0\nat 0.0 fail",
         "line 3: `at` wants CPU.OPERATION.STEP (up to 3.7.4095), found `0.0`"},
        {"ops 1\nschedule pct 0x0\nat 4.0.0 fail", "found `4.0.0`"},
        {"ops 1\nschedule pct 0x0\nat 0.8.0 fail", "found `0.8.0`"},
        {"ops 1\nschedule pct 0x0\nat 0.0.4096 fail", "found `0.0.4096`"},
        {"ops 1\nschedule pct 0x0\nat 0.0.0 jump",
         "an action is switch, interrupt, stale, fail, solo or buffer, found `jump`"},
        {"ops 1\nschedule pct 0x0\nat 0.0.0 switch", "`switch` wants a number from 0 to 3"},
        {"ops 1\nschedule pct 0x0\nat 0.0.0 stale 0", "`stale` wants a number from 1 to 7"},
        {"ops 1\nschedule pct 0x0\nat 0.0.0 switch 1 hold", "`hold` wants a number of steps (0 to 4095)"},
        {"ops 1\nschedule pct 0x0\nat 0.0.0 fail now", "`at` is complete before `now`"},
        {"ops 1\nscedule pct 0x0", "did you mean `schedule`?"},
        {"ops 1\nschedule pct 0x0\ncpu 0\nstats\nstats\nstats\nstats\nstats\nstats\nstats\nstats\nstats",
         "line 12: a list has at most 8 operations; drop some"},
    };

    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        CHECK(!parse(mistakes[i].source));
        CHECK(strstr(error, mistakes[i].said));
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"schedule: generated programs survive encode, decode, print and parse", generated_programs_survive},
        {"schedule: random bytes survive", random_bytes_survive},
        {"schedule: mutated programs stay concurrent and survive", mutated_programs_survive},
        {"schedule: every override survives", every_override_survives},
        {"schedule: overrides and operations do not shift each other", overrides_do_not_shift},
        {"schedule: every mistake is named, with its line", mistakes_are_named},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
