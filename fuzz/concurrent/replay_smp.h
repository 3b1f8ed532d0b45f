/* What the files of replay-smp share: its exit statuses, and what makes another program of one. */
#ifndef FUZZ_CONCURRENT_REPLAY_SMP_H
#define FUZZ_CONCURRENT_REPLAY_SMP_H

#include "concurrent.h"

enum { RIGHT, FAILED, UNREADABLE };

/* replay_changes.c: each reads `program`, changes it, writes it as `out` and says so; `in` is its name. */
int tool_minimize(struct program *program, const char *in, const char *out, const char *wanted);
int tool_sequential(struct program *program, const char *in, const char *out);

#endif
