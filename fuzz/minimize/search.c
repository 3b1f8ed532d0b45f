/*
 * From below: all programs of one, two and three everyday operations on the same map, the shortest first. What is found so
 * is the shortest there is in these words; fuzzers find roundabout ways, and dropping operations keeps to the way.
 */
#define _POSIX_C_SOURCE 200809L
#include "minimize.h"

#include <string.h>
#include <time.h>

enum { WORDS_MOST = 40, LENGTH_MOST = 3 };

static const double seconds_most = 4;

static const struct operation everyday[] = {
    {OPERATION_ALLOC, {0, ZONE_NORMAL, 0}},
    {OPERATION_ALLOC_LARGE, {0, ZONE_NORMAL, 0}},
    {OPERATION_ALLOC, {1, ZONE_NORMAL, 0}},
    {OPERATION_ALLOC_LARGE, {1, ZONE_NORMAL, 0}},
    {OPERATION_FREE, {0, 0, 0}},
    {OPERATION_FREE, {1, 0, 0}},
    {OPERATION_RELEASE, {0, 0, 0}},
    {OPERATION_FREE_INSIDE, {0, 1, 0}},
    {OPERATION_RELEASE_INSIDE, {0, 1, 0}},
    {OPERATION_FREE_AS, {0, 0, 0}},
    {OPERATION_FREE_AS, {0, BLOCK_ORDER, 0}},
    {OPERATION_FREE_SKEWED, {0, 1, 0}},
    {OPERATION_FILL, {0, ZONE_NORMAL, 0}},
    {OPERATION_FILL, {BLOCK_ORDER, ZONE_NORMAL, 0}},
    {OPERATION_FREE_ALL, {0, 0, 0}},
    {OPERATION_DRAIN, {0, 0, 0}},
    {OPERATION_DRAIN, {BLOCK_ORDER, 0, 0}},
    {OPERATION_ALLOC, {0, ZONE_DMA32, 0}},
    {OPERATION_ALLOC, {0, ZONE_DMA, 0}},
    {OPERATION_CHECK, {0, 0, 0}},
    {OPERATION_RESTART, {0, 0, 0}},
};

struct vocabulary {
    struct operation words[WORDS_MOST];
    size_t count;
};

static void learn(struct vocabulary *vocabulary, const struct operation *operation)
{
    for (size_t i = 0; i < vocabulary->count; i++)
        if (vocabulary->words[i].kind == operation->kind &&
            memcmp(vocabulary->words[i].operands, operation->operands, sizeof(operation->operands)) == 0)
            return;
    if (vocabulary->count < WORDS_MOST)
        vocabulary->words[vocabulary->count++] = *operation;
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* All programs of `length` words; true when one of them fails in the same way. */
static bool search(struct minimizer *minimizer, const struct vocabulary *vocabulary, size_t length, double until)
{
    size_t digits[LENGTH_MOST] = {0};

    for (;;) {
        struct program *candidate = minimizer->candidate;
        size_t i = length;

        candidate->operation_count = length;
        for (size_t j = 0; j < length; j++)
            candidate->operations[j] = vocabulary->words[digits[j]];
        if (minimize_try(minimizer))
            return true;
        while (i > 0 && ++digits[i - 1] == vocabulary->count)
            digits[--i] = 0;
        if (i == 0 || seconds_now() > until)
            return false;
    }
}

/*
 * A program without operations takes and gives back everything that its map has. Where that is what fails, a program that
 * says so explains more: the one time that something grows.
 */
void minimize_spell_out(struct minimizer *minimizer)
{
    struct vocabulary vocabulary = {.count = 0};

    if (minimizer->best->operation_count > 0 || minimize_may_be_empty(minimizer))
        return;
    for (size_t i = 0; i < sizeof(everyday) / sizeof(everyday[0]); i++)
        learn(&vocabulary, &everyday[i]);
    minimize_again(minimizer);
    if (!search(minimizer, &vocabulary, 1, seconds_now() + seconds_most))
        search(minimizer, &vocabulary, 2, seconds_now() + seconds_most);
}

void minimize_by_search(struct minimizer *minimizer)
{
    const double until = seconds_now() + seconds_most;
    const size_t count = minimizer->best->operation_count;
    struct vocabulary vocabulary = {.count = 0};

    for (size_t i = 0; i < sizeof(everyday) / sizeof(everyday[0]); i++)
        learn(&vocabulary, &everyday[i]);
    for (size_t i = 0; i < count; i++)
        learn(&vocabulary, &minimizer->best->operations[i]);
    minimize_again(minimizer);
    for (size_t length = 1; length <= LENGTH_MOST && length < count; length++)
        if (search(minimizer, &vocabulary, length, until))
            return;
}
