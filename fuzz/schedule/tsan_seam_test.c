/* The seam behind compiler instrumentation: what compilers call are steps with the right effect, at named sites. */
#include "test_toys.h"
#include "tsan_seam.h"
#include "sim_site.h"
#include "../../ci/tests/test.h"

static struct toy toy;

enum { ACQUIRE = 2, SEQ_CST = 5 }; /* as compilers number them */

static void all_operations(struct toy *self, unsigned cpu, size_t operation)
{
    uint64_t *word = &self->words[0].value;
    uint8_t bytes[4] = {1, 2, 3, 4};
    uint8_t expected = 9;

    (void)cpu;
    (void)operation;
    __tsan_atomic64_store(word, 12, SEQ_CST);
    CHECK(__tsan_atomic64_load(word, ACQUIRE) == 12);
    CHECK(__tsan_atomic64_fetch_add(word, 3, SEQ_CST) == 12 && __tsan_atomic64_fetch_sub(word, 5, SEQ_CST) == 15);
    CHECK(__tsan_atomic64_fetch_or(word, 5, SEQ_CST) == 10 && __tsan_atomic64_fetch_and(word, 6, SEQ_CST) == 15);
    CHECK(__tsan_atomic64_fetch_xor(word, 4, SEQ_CST) == 6 && __tsan_atomic64_exchange(word, 7, SEQ_CST) == 2);
    CHECK(__tsan_atomic64_compare_exchange_val(word, 8, 9, SEQ_CST, SEQ_CST) == 7 && *word == 7);
    CHECK(__tsan_atomic64_compare_exchange_val(word, 7, 9, SEQ_CST, SEQ_CST) == 7 && *word == 9);
    CHECK(__tsan_atomic64_fetch_nand(word, 8, SEQ_CST) == 9 && *word == ~UINT64_C(8));
    CHECK(__tsan_atomic8_fetch_sub(&bytes[1], 3, SEQ_CST) == 2 && bytes[1] == 255 && bytes[2] == 3);
    CHECK(!__tsan_atomic8_compare_exchange_strong(&bytes[3], &expected, 5, SEQ_CST, ACQUIRE) && expected == 4);
    CHECK(__tsan_atomic8_compare_exchange_strong(&bytes[3], &expected, 5, SEQ_CST, ACQUIRE) && bytes[3] == 5);
    __tsan_atomic16_store(&bytes[0], 0x0707, SEQ_CST);
    CHECK(bytes[0] == 7 && bytes[1] == 7 && bytes[2] == 3);
    __tsan_atomic_thread_fence(SEQ_CST);
}

static void operations_are_steps(void)
{
    toy_make(&toy, 1, 1, all_operations);
    CHECK(sim_run(&toy.work, &(struct schedule){.strategy = STRATEGY_EXPLICIT}).steps == 17);
    CHECK(toy.events[1].kind == SIM_LOAD && toy.events[1].order == SIM_ACQUIRE);
    CHECK(toy.events[8].kind == SIM_SWAP && toy.events[8].failed && !toy.events[9].failed);
    CHECK(toy.events[16].kind == SIM_FENCE && toy.events[16].order == SIM_SEQ_CST);
    all_operations(&toy, 0, 0); /* outside a run they just happen */
}

static void sites_have_names(void)
{
    const struct sim_site *site = toy.events[0].site;

    sim_site_name(site);
    CHECK(strcmp(site->file, "tsan_seam_test.c") == 0 && strcmp(site->function, "all_operations") == 0);
    CHECK(site->line > 15 && site->line < 30);
    CHECK(site->id != toy.events[1].site->id);
}

/* A plain word that one CPU writes and another reads, with nothing in between. */
static void share_plainly(struct toy *self, unsigned cpu, size_t operation)
{
    (void)operation;
    __tsan_func_entry(NULL);
    if (cpu == 0)
        __tsan_write8(&self->words[5]);
    else
        __tsan_read8(&self->words[5]);
    __tsan_read4(&cpu); /* not in the region */
    __tsan_func_exit();
}

static void plain_accesses_race(void)
{
    const struct schedule schedule = {.modes = SCHEDULE_WEAK};
    struct sim_result result;

    toy_make(&toy, 2, 1, share_plainly);
    result = sim_run(&toy.work, &schedule);
    CHECK(result.race[0] && result.race[1] && result.steps == 0);
    tsan_seam_plain_steps = true;
    toy_make(&toy, 2, 1, share_plainly);
    CHECK(sim_run(&toy.work, &schedule).steps == 2);
    tsan_seam_plain_steps = false;
}

int main(int argc, char **argv)
{
    const struct test tests[] = {
        {"what compilers call are steps with the right effect", operations_are_steps},
        {"sites are found in the source by their address", sites_have_names},
        {"plain accesses without order are a race", plain_accesses_race},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
