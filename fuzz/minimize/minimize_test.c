/*
 * The minimiser: long programs become as short as can be, with the failure they had; nothing single can go from what is
 * left; crashes, reports and hangs are failures like any other.
 */
#include "../../ci/tests/test.h"
#include "../mutator/mutator.h"
#include "../run/faulty_allocator.h"
#include "explain.h"
#include "minimize.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* 12 to 13.5 MiB, a reserved quarter, a hole up to 14 MiB, memory to 20 MiB: all that the faulty allocator knows. */
#define MAP "map 0xc00000 0x180000 usable\nmap 0xd80000 0x40000 reserved\nmap 0xe00000 0x600000 usable\n"

enum { MILLIS = 1000, NOISE = 500 };

static struct program program;
static struct minimized minimized;

static bool parse(struct program *into, const char *text)
{
    char error[128];

    return program_parse(into, text, strlen(text), error, sizeof(error));
}

/* The map above with a long row of generated operations. */
static void make_noise(uint64_t seed, unsigned count)
{
    static struct program noise;

    generate_program(&noise, seed, count);
    CHECK(parse(&program, "ops 1\n" MAP));
    program.operation_count = noise.operation_count;
    memcpy(program.operations, noise.operations, sizeof(noise.operations));
}

static bool fails(const struct program *tried, enum failure_id id)
{
    const struct run_options options = {.frame_limit = RUN_FRAMES_FUZZ, .thorough = true};

    return run_program(tried, &faulty, &options).failure == id;
}

/* Some of the ways to be wrong, and the fewest operations that show them; each shows in 500 operations of some seed. */
static const struct {
    enum failure_id id;
    size_t fewest;
} planted[] = {{FAIL_A04, 1}, {FAIL_F01, 1}, {FAIL_F02, 1}, {FAIL_F07, 2}, {FAIL_C01, 1}, {FAIL_N02, 1}};

static void long_programs_become_short(void)
{
    for (size_t i = 0; i < sizeof(planted) / sizeof(planted[0]); i++) {
        bool found = false;

        fault = planted[i].id;
        for (uint64_t seed = 0; seed < 50 && !found; seed++) {
            make_noise(seed, NOISE);
            found = fails(&program, planted[i].id);
        }
        CHECK(found && minimize_sequential(&program, &faulty, FAIL_NONE, MILLIS, &minimized));
        CHECK(minimized.failure.id == planted[i].id && fails(&program, planted[i].id));
        if (program.operation_count > planted[i].fewest)
            printf("# %s: %zu operations\n", failure_infos[planted[i].id].id, program.operation_count);
        CHECK(program.operation_count <= planted[i].fewest);
    }
}

static void nothing_single_can_go(void)
{
    static struct program less;

    for (size_t i = 0; i < sizeof(planted) / sizeof(planted[0]); i++) {
        fault = planted[i].id;
        for (uint64_t seed = 100; seed < 110; seed++) {
            make_noise(seed, 60);
            if (!minimize_sequential(&program, &faulty, FAIL_NONE, MILLIS, &minimized))
                continue;
            for (size_t j = 0; j < program.operation_count && program.operation_count > 1; j++) {
                less = program;
                drop_operations_at(&less, j, 1);
                CHECK(!fails(&less, minimized.failure.id));
            }
            for (size_t j = 0; j < program.region_count; j++) {
                less = program;
                less.regions[j].length = 0;
                CHECK(program.regions[j].length == 0 || !fails(&less, minimized.failure.id));
            }
        }
    }
}

static void what_does_not_fail_is_left_alone(void)
{
    static struct program before;

    fault = FAIL_NONE;
    make_noise(1, 60);
    before = program;
    CHECK(!minimize_sequential(&program, &faulty, FAIL_NONE, MILLIS, &minimized));
    fault = FAIL_F02;
    CHECK(!minimize_sequential(&program, &faulty, FAIL_A02, MILLIS, &minimized));
    CHECK(program_equal(&program, &before));
}

/* Without operations everything is taken and given back: where that fails, an operation says so. */
static void a_map_that_fails_is_spelled_out(void)
{
    fault = FAIL_E02;
    CHECK(parse(&program, "ops 1\n" MAP));
    CHECK(minimize_sequential(&program, &faulty, FAIL_NONE, MILLIS, &minimized));
    CHECK(minimized.failure.id == FAIL_E02 && program.operation_count == 1);
    fault = FAIL_S04;
    CHECK(parse(&program, "ops 1\n" MAP));
    CHECK(minimize_sequential(&program, &faulty, FAIL_NONE, MILLIS, &minimized));
    CHECK(minimized.failure.id == FAIL_S04 && program.operation_count == 0);
}

/* ---- what the process does not survive ---- */

static struct allocator deadly;
static enum { ABORTS, HANGS } death;

static enum answer deadly_alloc(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    if (order == BLOCK_ORDER && death == ABORTS) {
        signal(SIGSEGV, SIG_DFL); /* whatever a sanitizer does with it */
        raise(SIGSEGV);
    }
    while (order == BLOCK_ORDER)
        pause();
    return tiny_alloc(self, cpu, order, limit, address);
}

static void deaths_are_minimised(void)
{
    fault = FAIL_NONE;
    deadly = faulty;
    deadly.alloc = deadly_alloc;
    for (int i = 0; i < 2; i++) {
        death = i == 0 ? ABORTS : HANGS;
        CHECK(parse(&program, "ops 1\n" MAP "alloc s0\nfree s0\nalloc s3\nalloc-large s1\nfree s3\nalloc s4\n"));
        CHECK(minimize_sequential(&program, &deadly, FAIL_NONE, i == 0 ? 5 * MILLIS : 300, &minimized));
        CHECK(minimized.failure.id == (i == 0 ? FAIL_X10 : FAIL_X11));
        CHECK(program.operation_count == 1 && program.operations[0].kind != OPERATION_ALLOC);
    }
}

static void logs_say_what_they_mean(void)
{
    static const struct {
        const char *log;
        int status;
        enum failure_id id;
        const char *kind;
    } rows[] = {
        {"", 0, FAIL_NONE, ""},
        {"FAIL A02 alloc-taken op=1\nERROR: AddressSanitizer: SEGV", 1 << 8, FAIL_A02, ""},
        {"==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60\n", 1 << 8, FAIL_X01,
         "heap-buffer-overflow"},
        {"a.c:1:2: runtime error: shift exponent 64 is too large\n", 1 << 8, FAIL_X02, "shift-exponent"},
        {"==1==WARNING: MemorySanitizer: use-of-uninitialized-value\n", 77 << 8, FAIL_X03,
         "use-of-uninitialized-value"},
        {"", SIGSEGV, FAIL_X10, "signal-11"},
        {"", (128 + SIGABRT) << 8, FAIL_X10, "signal-6"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct named_failure failure = failure_of_log(rows[i].log, rows[i].status);

        CHECK(failure.id == rows[i].id && strcmp(failure.kind, rows[i].kind) == 0);
    }
}

/* ---- the explanation ---- */

static bool file_has(const char *folder, const char *name, const char *text)
{
    static char content[1 << 16];
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "r");
    if (!file)
        return false;
    content[fread(content, 1, sizeof(content) - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    return strstr(content, text) != NULL;
}

static void a_failure_is_explained(void)
{
    char folder[] = "/tmp/pmm-explain-XXXXXX";

    fault = FAIL_F02;
    CHECK(mkdtemp(folder) != NULL);
    CHECK(parse(&program, "ops 1\n" MAP "alloc s0\nfree s0\nfree s0\n"));
    CHECK(explain(&program, &faulty, FAIL_F02, folder));
    CHECK(file_has(folder, "test.c", "CHECK(pmm_free(pmm, s0, 0) == PMM_ERR_DOUBLE_FREE);"));
    CHECK(file_has(folder, "moment.json", "\"position\": \"op=2 free s0\""));
    CHECK(!explain(&program, &faulty, FAIL_A02, folder));
    CHECK(rmdir(folder) == 0);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"long programs become as short as can be", long_programs_become_short},
        {"nothing single can go from a minimised program", nothing_single_can_go},
        {"what does not fail so is left alone", what_does_not_fail_is_left_alone},
        {"a map that fails is spelled out", a_map_that_fails_is_spelled_out},
        {"crashes and hangs are minimised", deaths_are_minimised},
        {"logs and exits have failure ids", logs_say_what_they_mean},
        {"a failure is explained by a unit test and both states", a_failure_is_explained},
    };
    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
