/*
 * The operations that take and free nothing: questions, comparisons, starting again, changing the CPU.
 */
#include "state.h"

#include <inttypes.h>

static const enum mark query_marks[FRAME_STATE_COUNT] = {
    [FRAME_HOLE] = MARK_query_hole,   [FRAME_RESERVED] = MARK_query_reserved, [FRAME_FREE] = MARK_query_free,
    [FRAME_SMALL] = MARK_query_small, [FRAME_LARGE] = MARK_query_large,
};

bool operation_QUERY(struct run *run, const struct operation *operation)
{
    const uint64_t address = operation->operands[0];
    const enum frame_state state = model_frame(run->model, address);

    if (!run->allocator->frame)
        return true;
    run->outcome = (struct outcome){true, ANSWER_OK, address, 0, frame_state_name(state)};
    reach(query_marks[state]);
    return compare_frame(run, address, FAIL_NONE) && compare_block(run, address, FAIL_NONE);
}

static struct outcome done(void)
{
    return (struct outcome){true, ANSWER_OK, UINT64_MAX, 0, NULL};
}

bool operation_STATS(struct run *run, const struct operation *operation)
{
    (void)operation;
    run->outcome = done();
    return compare_counts(run, FAIL_NONE);
}

bool operation_CHECK(struct run *run, const struct operation *operation)
{
    (void)operation;
    run->outcome = done();
    return compare_everything(run, FAIL_NONE);
}

bool operation_RESTART(struct run *run, const struct operation *operation)
{
    (void)operation;
    run->outcome = done();
    return start_again(run);
}

/* Interrupts strike in concurrent programs alone (fuzz/concurrent). */
bool operation_HANDLER(struct run *run, const struct operation *operation)
{
    (void)run;
    (void)operation;
    return true;
}

bool operation_CPU(struct run *run, const struct operation *operation)
{
    run->outcome = done();
    run->cpu = (unsigned)(operation->operands[0] % run->start.cpus);
    if (run->cpu > 0) {
        run->several_cpus = true;
        reach(MARK_second_cpu);
    }
    return true;
}
