/* Fibers: switching keeps registers and stacks apart; what was abandoned can begin anew. */
#include "fiber.h"
#include "../../ci/tests/test.h"

#include <stdint.h>

enum { FIBERS = 4, ROUNDS = 1000 };

static struct fiber *caller, *fibers[FIBERS];
static uint64_t sums[FIBERS];
static int rounds;

static void set_up(void)
{
    if (!caller)
        caller = fiber_of_caller();
    for (int i = 0; i < FIBERS; i++)
        if (!fibers[i])
            fibers[i] = fiber_create();
}

/* Uses the stack, whole registers and floating point across switches; hands on to the next of its kind. */
static struct fiber *add_up(void *argument)
{
    const int self = (int)(intptr_t)argument;
    uint64_t words[64] = {0};
    double half = 0.5 * self;

    for (int round = 0; round < ROUNDS; round++) {
        words[round % 64] += (uint64_t)round + (uint64_t)self;
        fiber_switch(fibers[self], fibers[(self + 1) % FIBERS]);
        half += 0.5;
    }
    for (int i = 0; i < 64; i++)
        sums[self] += words[i];
    CHECK(half == 0.5 * self + 0.5 * (double)ROUNDS);
    return self + 1 < FIBERS ? fibers[self + 1] : caller;
}

static void stacks_are_apart(void)
{
    set_up();
    for (int run = 0; run < 3; run++) {
        for (int i = 0; i < FIBERS; i++) {
            sums[i] = 0;
            fiber_arm(fibers[i], add_up, (void *)(intptr_t)i);
        }
        fiber_switch(caller, fibers[0]);
        for (int i = 0; i < FIBERS; i++)
            CHECK(sums[i] == (uint64_t)ROUNDS * (ROUNDS - 1) / 2 + (uint64_t)(ROUNDS * i));
    }
}

/* Deep in frames that ASan surrounds with red zones, and never to return. */
static void leave_for_ever(struct fiber *self, int depth)
{
    volatile char bytes[200];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)depth;
    if (depth > 0)
        leave_for_ever(self, depth - 1);
    else
        fiber_switch(self, caller);
    rounds += bytes[7]; /* not reached */
}

static struct fiber *vanish(void *argument)
{
    leave_for_ever(argument, 20);
    return caller;
}

static struct fiber *use_the_stack(void *argument)
{
    volatile char bytes[8000];

    (void)argument;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 1;
    rounds += bytes[99];
    return caller;
}

static void abandoned_fibers_begin_anew(void)
{
    set_up();
    rounds = 0;
    for (int i = 0; i < ROUNDS; i++) {
        fiber_arm(fibers[0], vanish, fibers[0]);
        fiber_switch(caller, fibers[0]);
        fiber_arm(fibers[0], use_the_stack, NULL);
        fiber_switch(caller, fibers[0]);
    }
    CHECK(rounds == ROUNDS);
}

static void synchronizing_changes_nothing(void)
{
    set_up();
    rounds = 0;
    fiber_synchronize(caller, fibers[1]);
    fiber_arm(fibers[1], use_the_stack, NULL);
    fiber_switch(caller, fibers[1]);
    fiber_synchronize(caller, fibers[1]);
    CHECK(rounds == 1);
}

int main(int argc, char **argv)
{
    const struct test tests[] = {
        {"fibers keep their stacks and registers", stacks_are_apart},
        {"an abandoned fiber begins anew", abandoned_fibers_begin_anew},
        {"synchronizing with a fiber runs nothing in it", synchronizing_changes_nothing},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
