/*
 * States after set-ups, kept and gone back to: a program runs the same whether its set-up was run from the start, goes
 * on from the beginning of another one, or was kept whole, in whatever order they come.
 */
#include "../../ci/tests/test.h"
#include "../mutator/mutator.h"
#include "concurrent.h"

static const struct concurrent_options options = {.run = {.frame_limit = RUN_FRAMES_FUZZ}, .audit = AUDIT_IN_STEPS};

/* Set-ups that share beginnings, with misuse in them; then what CPUs may do to all that it left. */
static const char *const setups[] = {
    "",
    "alloc s0\n",
    "alloc s0\nfill 0 normal 509\n",
    "alloc s0\nfill 0 normal 509\nalloc s1\n",
    "alloc s0\nfill 0 normal 509\nfree-every 3 1\n",
    "alloc s0\nfill 0 normal 509\nfree-every 3 1\nalloc s2\nfill 0 normal 3\n",
    "alloc s0\nfill 0 normal 509\nfree s0\nalloc s1\n",
    "alloc s0\nfill 0 normal 509\nfree s0\nalloc s1\nfree s0\n",
    "alloc s0\nfill 0 normal 509\nfree s0\nfill 0 normal 1\nfree s0\n",
    "alloc s0\nfill 9 normal 1\n",
    "alloc-large s0\nfill 0 normal 4\n",
    "fill 0 normal 0\n",
    "fill 0 normal 0\nfree-every 1 0\n",
};

enum { SETUPS = sizeof setups / sizeof setups[0], ORDERS = 40 };

static struct program programs[SETUPS];

static void parse_all(void)
{
    for (size_t i = 0; i < SETUPS; i++) {
        char text[1024], error[256];

        snprintf(text, sizeof text,
                 "ops 1\ncpus 2\nmap 0x200000 0x200000 usable\nmap 0x400000 0x5000 usable\nschedule random 0x7\n"
                 "%scpu 0\nfree s0\nalloc s3\nfree-every 2 0\ncpu 1\nfree s1\nalloc s4\nfill 0 normal 4\n",
                 setups[i]);
        CHECK(program_parse(&programs[i], text, strlen(text), error, sizeof error));
    }
}

static uint64_t hash_of(size_t i, const struct allocator *allocator)
{
    static struct concurrent_result result;

    run_concurrent(&programs[i], allocator, &options, &result);
    CHECK(result.verdict == RUN_OK);
    return result.hash;
}

static void where_a_setup_begins_does_not_matter(void)
{
    const struct allocator another = allocator_under_test; /* what is kept is of one allocator only */
    uint64_t alone[SETUPS], order = 1;

    parse_all();
    for (size_t i = 0; i < SETUPS; i++) {
        alone[i] = hash_of(i, &allocator_under_test);
        hash_of(i, &another);
    }
    for (unsigned i = 0; i < ORDERS * SETUPS; i++) {
        const size_t next = (size_t)(order >> 33) % SETUPS;

        order = order * UINT64_C(6364136223846793005) + 1442695040888963407;
        CHECK(hash_of(next, i % ORDERS ? &allocator_under_test : &another) == alone[next]);
    }
}

/* More maps and more set-ups than there are places for. */
static void what_is_forgotten_is_run_again(void)
{
    enum { MANY = 6000 };
    static struct program program;
    static uint64_t hashes[MANY];
    const struct concurrent_options as_fuzzed = {.run = {.frame_limit = RUN_FRAMES_FUZZ}};

    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < MANY; i++) {
            static struct concurrent_result result;

            generate_concurrent_program(&program, i);
            run_concurrent(&program, &allocator_under_test, &as_fuzzed, &result);
            CHECK(round == 0 || result.hash == hashes[i]);
            hashes[i] = result.hash;
        }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"concurrent: where a set-up begins to be new does not matter", where_a_setup_begins_does_not_matter},
        {"concurrent: a state that had to make room is reached again", what_is_forgotten_is_run_again},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
