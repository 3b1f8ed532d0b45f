/* Reach marks of concurrent runs: calls that met, about one block, are marked; all others are not. */
#include "../../ci/tests/test.h"

#include <string.h>

#include "state.h"

static struct history history;

static void call(enum call_kind kind, unsigned order, unsigned cpu, unsigned depth, uint64_t address,
                 uint64_t invoked, uint64_t responded)
{
    history.order[history.responded++] = (uint8_t)history.count;
    history.calls[history.count++] = (struct call){.kind = kind,
                                                   .order = order,
                                                   .cpu = (uint8_t)cpu,
                                                   .depth = (uint8_t)depth,
                                                   .address = address,
                                                   .invoked = invoked,
                                                   .responded = responded};
}

static unsigned marks(void)
{
    unsigned count = 0;

    meetings_reach(&history);
    for (size_t i = REACH_CONCURRENT; i < REACH_COUNT; i++)
        count += reach_counters[i];
    return count;
}

static bool is_hit(const char *mark)
{
    char name[64];

    for (size_t i = REACH_CONCURRENT; i < REACH_COUNT; i++)
        if (reach_name(i, name, sizeof(name)) && strcmp(name, mark) == 0)
            return reach_counters[i];
    printf("# there is no mark %s\n", mark);
    return false;
}

static void begin(void)
{
    memset(&history, 0, sizeof(history));
    reach_reset();
}

static void meet_on_two_cpus(void)
{
    begin();
    call(CALL_FREE, BLOCK_ORDER, 1, 0, BLOCK_BYTES, 3, 9);
    call(CALL_ALLOC, 0, 0, 0, BLOCK_BYTES + FRAME_BYTES, 5, 11);
    CHECK(marks() == 3 && is_hit("alloc+free-large") && is_hit("contended-alloc:ok"));
    CHECK(is_hit("contended-free-large:ok"));
}

static void interrupt(void)
{
    begin();
    call(CALL_QUERY, 0, 2, 1, 0, 5, 7);
    call(CALL_ALLOC, BLOCK_ORDER, 2, 0, 0, 1, 9);
    CHECK(marks() == 3 && is_hit("query-inside-alloc-large") && !is_hit("alloc-large-inside-query"));
}

static void look_everywhere(void)
{
    begin();
    call(CALL_STATS, 0, 0, 0, UINT64_MAX, 1, 5);
    call(CALL_RELEASE, 0, 1, 0, 7 * BLOCK_BYTES, 3, 7);
    CHECK(marks() == 3 && is_hit("release+stats"));
}

static void do_not_meet(void)
{
    begin();
    call(CALL_FREE, 0, 0, 0, 0, 1, 3); /* ended before the others begin */
    call(CALL_FREE, 0, 1, 0, BLOCK_BYTES, 5, 9);
    call(CALL_ALLOC, 0, 2, 0, 2 * BLOCK_BYTES, 7, 11); /* at once, about another block */
    call(CALL_FREE, 0, 1, 0, 0, 13, 15);
    CHECK(marks() == 0);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"meetings: calls in flight on two CPUs about one block are marked, with their answers", meet_on_two_cpus},
        {"meetings: a call inside another is marked as an interrupt of it", interrupt},
        {"meetings: a count and a refusal meet whatever is in flight", look_everywhere},
        {"meetings: calls one after the other, or about two blocks, are not marked", do_not_meet},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
