/* What replay-smp makes of a failing program: a smaller one, and one without a schedule. */
#include "replay_smp.h"

#include <inttypes.h>

#include "../run/planted.h"

int tool_minimize(struct program *program, const char *in, const char *out, const char *wanted)
{
    struct minimized minimized;
    struct concurrent_size size;

    if (!minimize_concurrent(program, allocator_to_run(), failure_by_name(wanted), HANG_MILLIS, &minimized)) {
        printf("%s: does not fail\n", in);
        return FAILED;
    }
    if (!minimize_write(program, out))
        return UNREADABLE;
    size = concurrent_size(program);
    printf("%s %s: cpus %zu, operations %zu, preemptions %zu, stale %zu, interrupts %zu; %" PRIu64 " runs: %s\n",
           failure_infos[minimized.failure.id].id, failure_infos[minimized.failure.id].name, size.cpus,
           size.operations, size.preemptions, size.stale, size.interrupts, minimized.runs, out);
    return RIGHT;
}

int tool_sequential(struct program *program, const char *in, const char *out)
{
    struct named_failure failure;

    if (!sequential_failure(program, allocator_to_run(), HANG_MILLIS, &failure)) {
        printf("%s: does not fail without its schedule\n", in);
        return FAILED;
    }
    if (!minimize_write(program, out))
        return UNREADABLE;
    printf("%s %s: fails without its schedule: %s\n", failure_infos[failure.id].id, failure_infos[failure.id].name,
           out);
    return RIGHT;
}
