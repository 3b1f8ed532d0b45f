/* From the end of a process to a failure id: what its log says, and how it ended. Runs nothing. */
#ifndef FUZZ_SIGNS_H
#define FUZZ_SIGNS_H

#include "run.h"

enum { KIND_SIZE = 40 };

/* A failure as tries of a minimiser are compared by: the id and, where one id has several, the kind. */
struct named_failure {
    enum failure_id id;
    char kind[KIND_SIZE]; /* "heap-buffer-overflow", "signal-11"; empty: the id says it all */
};

/*
 * The harness's own FAIL line first, then signs.def, then the status that waitpid() gave. FAIL_NONE when none of the
 * three objects.
 */
struct named_failure failure_of_log(const char *log, int status);
bool same_failure(const struct named_failure *a, const struct named_failure *b);

#endif
