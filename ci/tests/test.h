/*
 * The C tests' common part: a table of named tests, one line of output each ("ok - name" or "not ok - name:
 * ..."), exit status 1 when one failed. `test_name substring` on the command line runs only the matching
 * ones.
 */
#ifndef CI_TESTS_TEST_H
#define CI_TESTS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct test {
    const char *name; /* the property it holds, in words */
    void (*run)(void);
};

static const char *test_failure; /* first failed expression of the running test */
static int test_failure_line;

static inline void test_fail(const char *expression, int line)
{
    if (!test_failure) {
        test_failure = expression;
        test_failure_line = line;
    }
}

/* A macro because it has to name the expression and the line. Goes on after a failure. */
#define CHECK(expression)                                                                                            \
    do {                                                                                                             \
        if (!(expression))                                                                                           \
            test_fail(#expression, __LINE__);                                                                        \
    } while (0)

static inline int test_main(const struct test *tests, size_t count, int argc, char **argv)
{
    int failed = 0;

    for (size_t i = 0; i < count; i++) {
        if (argc > 1 && !strstr(tests[i].name, argv[1]))
            continue;
        test_failure = NULL;
        tests[i].run();
        if (test_failure) {
            printf("not ok - %s: line %d: %s\n", tests[i].name, test_failure_line, test_failure);
            failed = 1;
        } else {
            printf("ok - %s\n", tests[i].name);
        }
        fflush(stdout);
    }
    return failed;
}

#endif
