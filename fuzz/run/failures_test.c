/*
 * Every failure id, shown by an allocator that is wrong in just that way: the harness must name it so, and must not
 * object to the same program on the right allocator.
 */
#include "../../ci/tests/test.h"
#include "faulty_allocator.h"

#include <sys/wait.h>
#include <unistd.h>

/* 12 to 13.5 MiB, a reserved quarter, a hole up to 14 MiB, memory to 20 MiB. */
#define MAP "map 0xc00000 0x180000 usable\nmap 0xd80000 0x40000 reserved\nmap 0xe00000 0x600000 usable\n"

static const char *const programs[FAIL_COUNT] = {
    [FAIL_A01] = MAP "alloc s0\n",
    [FAIL_A02] = MAP "alloc s0 dma\nalloc s1 dma\n",
    [FAIL_A03] = MAP "alloc-large s0\n",
    [FAIL_A04] = MAP "alloc s0\n",
    [FAIL_A05] = MAP "alloc s0 dma\n",
    [FAIL_A06] = MAP "alloc s0\n",
    [FAIL_A07] = MAP "alloc s0 dma\n",
    [FAIL_A08] = MAP "alloc-order s0 normal 3\n",
    [FAIL_A09] = MAP "fill 9 normal 0\n",
    [FAIL_F01] = MAP "alloc s0\nfree s0\n",
    [FAIL_F02] = MAP "alloc s0\nfree s0\nfree s0\n",
    [FAIL_F03] = MAP "alloc s0\nfree-skewed s0 1\n",
    [FAIL_F04] = MAP "free-at 0xdf0000 0\n",
    [FAIL_F05] = MAP "free-at 0xd80000 0\n",
    [FAIL_F06] = MAP "free-at 0x1400000 0\n",
    [FAIL_F07] = MAP "alloc-large s0\nfree-as s0 0\n",
    [FAIL_F08] = MAP "alloc-large s0\nfree-inside s0 1\n",
    [FAIL_F09] = MAP "free-at 0xdf0000 0\n",
    [FAIL_F10] = MAP "alloc s0\nfree-as s0 1\n",
    [FAIL_C01] = MAP "alloc s0\n",
    [FAIL_C02] = MAP "alloc s0\n",
    [FAIL_C03] = MAP "alloc s0\n",
    [FAIL_C04] = MAP "alloc s0\ncheck\n",
    [FAIL_B01] = MAP "alloc s0\n",
    [FAIL_B02] = MAP "query 0xc00000\n",
    [FAIL_N01] = MAP "free-at 0xdf0000 0\n",
    [FAIL_N02] = MAP "fill 9 normal 3\nalloc-large s0\n",
    [FAIL_S01] = MAP "alloc s0\n",
    [FAIL_S02] = MAP,
    [FAIL_S03] = "multiboot 13000000\n",
    [FAIL_S04] = MAP "alloc s0\n",
    [FAIL_S05] = MAP "alloc s0\n",
    [FAIL_S06] = "multiboot 13000000\n",
    [FAIL_S07] = MAP "place 0x0 0x1200000\n",
    [FAIL_S08] = MAP "place 0x0 0x1200000\n",
    [FAIL_E01] = MAP "alloc s0\nfree-all\n",
    [FAIL_E02] = MAP "drain 0\n",
    [FAIL_I01] = MAP "damage 0 0\n",
    [FAIL_K01] = MAP "check\n",
    [FAIL_T01] = MAP,
};

static const char *program_text(enum failure_id id, char text[512])
{
    snprintf(text, 512, "ops 1\n%s", programs[id] ? programs[id] : "no program shows this failure");
    return text;
}

static struct run_result run_with(enum failure_id id, enum failure_id how, FILE *report)
{
    static struct program program;
    const struct run_options options = {.frame_limit = RUN_FRAMES_FUZZ, .report = report, .input = "a.ops"};
    char text[512], error[128];

    program_text(id, text);
    if (!program_parse(&program, text, strlen(text), error, sizeof(error)))
        return (struct run_result){.verdict = RUN_SKIPPED, .skipped = "no program"};
    fault = how;
    return run_program(&program, &faulty, &options);
}

/* T01 ends the process and has a test of its own; L ids are of concurrent runs, X ids are not the harness's. */
static bool shown_here(int id)
{
    return id != FAIL_T01 && failure_infos[id].id[0] != 'L' && failure_infos[id].id[0] != 'X';
}

static void each_fault_is_named(void)
{
    for (int id = FAIL_NONE + 1; id < FAIL_COUNT; id++) {
        enum failure_id named;

        if (!shown_here(id))
            continue;
        named = run_with((enum failure_id)id, (enum failure_id)id, NULL).failure;
        if (named != (enum failure_id)id)
            printf("# %s was named %s\n", failure_infos[id].id, failure_infos[named].id);
        CHECK(named == (enum failure_id)id);
    }
}

static void no_fault_no_failure(void)
{
    for (int id = FAIL_NONE + 1; id < FAIL_COUNT; id++)
        CHECK(!shown_here(id) || run_with((enum failure_id)id, FAIL_NONE, NULL).verdict == RUN_OK);
}

static void report_has_one_line_to_act_on(void)
{
    static char text[8192];
    FILE *report = tmpfile();
    const char *line;

    CHECK(report && run_with(FAIL_F02, FAIL_F02, report).failure == FAIL_F02);
    if (!report)
        return;
    rewind(report);
    text[fread(text, 1, sizeof(text) - 1, report)] = '\0';
    fclose(report);
    line = strstr(text, "FAIL ");
    CHECK(line && strcmp(line, "FAIL F02 double-free-accepted op=2 free s0: allocator=ok model=double-free: "
                               "make replay INPUT=a.ops\n") == 0);
    CHECK(strstr(text, "model     4 KiB ffffffffffffffff") && strstr(text, "dma32     model 1024 of 1024"));
}

static void endless_call_is_ended(void)
{
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        run_with(FAIL_T01, FAIL_T01, NULL);
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    CHECK(strcmp(failure_infos[FAIL_T01].name, "step-bound") == 0);
}

static void failure_outlives_its_report(void)
{
    char text[1024];
    FILE *report = tmpfile();
    const pid_t child = report ? fork() : -1;

    if (child == 0) {
        falls_silent = true;
        run_with(FAIL_F02, FAIL_F02, report);
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, NULL, 0) == child);
    if (!report)
        return;
    rewind(report);
    text[fread(text, 1, sizeof(text) - 1, report)] = '\0';
    fclose(report);
    CHECK(strstr(text, "does not answer any more") && strstr(text, "FAIL F02 double-free-accepted op=2 free s0: "));
    CHECK(!strstr(text, "FAIL T01"));
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"each fault is named by its own id", each_fault_is_named},
        {"the right allocator fails none of those programs", no_fault_no_failure},
        {"a report ends in one line that names operation, answers and replay", report_has_one_line_to_act_on},
        {"a call that does not end is ended and named", endless_call_is_ended},
        {"a failure is named although the allocator does not survive the report", failure_outlives_its_report},
    };
    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
