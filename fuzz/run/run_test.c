/*
 * What a run promises besides naming failures: the same trace each time, slots and pool as the format says, promises
 * that switch checks off, maps that are skipped, and reach marks. On a small allocator that is right.
 */
#include "../../ci/tests/test.h"
#include "reach.h"
#include "tiny_allocator.h"

#include <stdlib.h>

#define MAP "map 0xc00000 0x180000 usable\nmap 0xd80000 0x40000 reserved\nmap 0xe00000 0x600000 usable\n"

static const struct allocator honest = {
    .name = "tiny",
    .promises = PROMISE_ALL,
    .start = tiny_start,
    .stop = tiny_stop,
    .alloc = tiny_alloc,
    .free = tiny_free,
    .release = tiny_release,
    .frame = tiny_query,
    .block = tiny_block,
    .counts = tiny_counts,
    .whole_blocks = tiny_whole_blocks,
    .metadata = tiny_metadata,
};

static struct run_result run_traced(const struct allocator *allocator, const char *lines, FILE *trace)
{
    static struct program program;
    const struct run_options options = {.frame_limit = RUN_FRAMES_FUZZ, .trace = trace};
    char text[1024], error[128];

    snprintf(text, sizeof(text), "ops 1\n%s", lines);
    if (!program_parse(&program, text, strlen(text), error, sizeof(error))) {
        printf("# %s\n", error);
        return (struct run_result){.verdict = RUN_SKIPPED};
    }
    return run_program(&program, allocator, &options);
}

static struct run_result run_text(const char *lines)
{
    return run_traced(&honest, lines, NULL);
}

static bool reached(const char *mark)
{
    char name[64];

    for (size_t i = 0; i < REACH_COUNT; i++) {
        if (reach_name(i, name, sizeof(name)) && strcmp(name, mark) == 0)
            return reach_counters[i];
    }
    printf("# there is no mark %s\n", mark);
    return false;
}

/* The last line of the trace that has `words` in it; "" when none has. */
static const char *traced(const char *lines, const char *words)
{
    static char line[256], found[256];
    FILE *trace = tmpfile();

    found[0] = '\0';
    if (!trace)
        return found;
    if (run_traced(&honest, lines, trace).verdict != RUN_OK)
        found[0] = '!';
    rewind(trace);
    while (fgets(line, sizeof(line), trace)) {
        if (strstr(line, words))
            memcpy(found, line, sizeof(found));
    }
    fclose(trace);
    return found;
}

static void same_trace_each_time(void)
{
    const char *lines = MAP "cpus 2\nalloc s0\ncpu 1\nfill 0 normal 700\nfree-every 3 1\nfree s0\ndrain 9\n";
    const struct run_result first = run_text(lines);

    CHECK(first.verdict == RUN_OK);
    CHECK(run_text(MAP "alloc s0 dma\n").hash != first.hash);
    CHECK(run_text(lines).hash == first.hash);
    CHECK(first.hash == UINT64_C(0x14bb7be97db1f51d)); /* of any compiler */
}

static void slots_are_as_the_format_says(void)
{
    CHECK(strstr(traced(MAP "free s0\n", "free s0"), "nothing to do"));
    CHECK(strstr(traced(MAP "alloc s0\nalloc s0\n", "1  alloc s0"), "nothing to do"));
    CHECK(strstr(traced(MAP "alloc s0\nfree s0\nfree s0\n", "2  free s0"), "double-free"));
    CHECK(strstr(traced(MAP "alloc s0\nfree s0\nalloc s1\nfree s0\n", "3  free s0"), "ok"));
    CHECK(reached("freed_by_another"));
    CHECK(strstr(traced(MAP "alloc s0\nfree s0\nalloc-large s1\nfree-inside s1 9\n", "free-inside"), "size"));
    CHECK(strstr(traced(MAP "alloc s0\nrestart\nfree s0\n", "free s0"), "double-free"));
    CHECK(strstr(traced(MAP "alloc s0\nfree-at 0x1000000 0\nfree s0\nalloc s0\n", "3  alloc s0"), "0x1000000"));
}

static void bulk_steps_count(void)
{
    CHECK(strstr(traced(MAP "fill 0 dma 10\n", "fill"), "10 taken"));
    CHECK(strstr(traced(MAP "fill 9 normal 0\n", "fill"), "no-memory    3 taken"));
    CHECK(strstr(traced(MAP "fill 0 normal 10\nfree-every 3 1\n", "free-every"), "3 freed"));
    CHECK(strstr(traced(MAP "fill 0 normal 10\nfree-every 0 4\n", "free-every"), "6 freed"));
    CHECK(strstr(traced(MAP "alloc s3\nfill 0 normal 10\nfree-all\n", "free-all"), "11 freed"));
    CHECK(strstr(traced(MAP "alloc s3\ndrain 0\n", "drain 0"), "1919 drained"));
    CHECK(strstr(traced(MAP "alloc s3\ndrain 9\n", "drain 9"), "2 drained"));
}

static void broken_promises_are_not_judged(void)
{
    struct allocator modest = honest;

    modest.promises = 0;
    modest.release = NULL;
    modest.block = NULL;
    modest.counts = NULL;
    modest.frame = NULL;
    modest.metadata = NULL;
    modest.whole_blocks = NULL;
    CHECK(run_traced(&modest, MAP "alloc-large s0\nalloc s1 dma\nfree s1\nfree s1\nrelease s1\ncheck\n", NULL)
              .verdict == RUN_OK);
    CHECK(!reached("alloc-large:ok") && reached("alloc:ok") && reached("free:double-free"));
    CHECK(!reached("release:double-free") && !reached("limit_dma_served"));
}

/* The block at 14 MiB, and a frame of the first. */
#define LATER "later 0xe00000 0x200000\nlater 0xc00fff 0x1\n" MAP

static void later_memory_is_held_and_given_back(void)
{
    struct allocator modest = honest;

    CHECK(strstr(traced(LATER "hold-later s0 9 0\nfree s0\nfree s0\n", "1  free s0"), "ok"));
    CHECK(reached("later_block_held") && reached("later_block_given") && reached("later_freed_twice"));
    CHECK(strstr(traced(LATER "hold-later s0 0 1\nfree s0\nfree-as s0 9\n", "2  free-as"), "double-free"));
    CHECK(reached("later_block_split"));
    CHECK(strstr(traced(LATER "hold-later s0 0 2\nfree s0\nhold-later s1 9 0\n", "hold-later s1"), "nothing to do"));
    CHECK(strstr(traced(LATER "hold-later s0 0 513\n", "hold-later"), "nothing to do")); /* there is none */
    CHECK(strstr(traced(LATER "hold-later s0 0 0\nhold-later s0 0 1\n", "1  hold-later"), "nothing to do"));
    CHECK(strstr(traced(LATER "drain 0\n", "drain 0"), "1407 drained"));
    CHECK(strstr(traced(LATER "hold-later s0 9 0\nfree s0\nrestart\nhold-later s0 9 0\n", "3  hold-later"), "held"));
    modest.promises &= ~(unsigned)PROMISE_LATER; /* then it is usable as any other */
    CHECK(run_traced(&modest, LATER "hold-later s0 9 0\ndrain 0\n", NULL).verdict == RUN_OK);
    CHECK(!reached("later_block_held"));
}

static void tables_of_every_form_are_read(void)
{
    CHECK(run_text("table e820 0000c000000000000000200000000000"
                   "01000000\nalloc s0\n")
              .verdict == RUN_OK);
    CHECK(reached("table_e820") && reached("alloc:ok"));
    CHECK(run_text("table e820 0000c000000000000000200000000000"
                   "01010000\nalloc s0\n")
              .verdict == RUN_OK);
    CHECK(reached("alloc:no-memory"));
    CHECK(run_text("table e820/24 0000c000000000000000200000000000"
                   "01000000\n")
              .verdict == RUN_OK);
    CHECK(reached("table_broken") && reached("table_past_end") && !reached("table_e820"));
}

static void *start_without_room(const struct start *start, enum answer *answer)
{
    (void)start;
    *answer = ANSWER_METADATA;
    return NULL;
}

static void maps_too_large_are_skipped(void)
{
    struct allocator small = honest;

    small.start = start_without_room;
    CHECK(run_traced(&small, MAP "alloc s0\n", NULL).failure ==
          FAIL_S04); /* for so little it promised to have room */
    small.promises &= ~(unsigned)PROMISE_BUDGET;
    CHECK(run_traced(&small, MAP "alloc s0\n", NULL).verdict == RUN_SKIPPED);
    CHECK(run_text("map 0x1000 0x8001000 usable\nalloc s0\n").verdict == RUN_SKIPPED);
}

static void marks_are_of_one_run(void)
{
    CHECK(run_text(MAP "alloc s0\nfree s0\n").verdict == RUN_OK);
    CHECK(reached("block_broken_up") && reached("block_whole_again") && reached("free(4k):ok"));
    CHECK(run_text("map 0xc00800 0x1000 usable\nmap 0xc01800 0x1800 usable\n").verdict == RUN_OK);
    CHECK(reached("map_merged_mid_frame") && reached("map_lost_mid_frame") && !reached("block_broken_up"));
    CHECK(run_text("multiboot 13000000\n").verdict == RUN_OK);
    CHECK(reached("table_broken") && reached("table_past_end"));
}

static void whole_map_is_filled_and_emptied(void)
{
    const struct region region = {0xc00000, 0x7ff001, REGION_USABLE};
    const struct memory_map map = {.regions = &region, .count = 1};
    const struct run_options options = {.frame_limit = RUN_FRAMES_REPLAY};
    struct map_totals totals;

    CHECK(run_whole_map(&map, &honest, &options, &totals).verdict == RUN_OK);
    CHECK(totals.managed == 2047 && totals.zone_managed[ZONE_DMA] == 1024 && totals.whole_blocks == 3);
    CHECK(tiny.calls == 2 * 2047 + 1 + 2 * 3 + 1);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"two runs give the same hash, on every compiler", same_trace_each_time},
        {"slots remember, and the model judges by frame", slots_are_as_the_format_says},
        {"bulk steps take, free and count what they say", bulk_steps_count},
        {"what an allocator does not promise is not judged", broken_promises_are_not_judged},
        {"later memory is held by slots and given back", later_memory_is_held_and_given_back},
        {"tables of any form are read, or refused", tables_of_every_form_are_read},
        {"maps too large for the adapter or the model are skipped", maps_too_large_are_skipped},
        {"reach marks tell of one run only", marks_are_of_one_run},
        {"a whole map is filled and emptied frame by frame", whole_map_is_filled_and_emptied},
    };
    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
