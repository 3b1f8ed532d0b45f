/* A try, the descent of one number, and the order of changes for a sequential program. */
#include "minimize.h"

#include <string.h>

bool minimize_try(struct minimizer *minimizer)
{
    struct named_failure failure;

    minimizer->runs++;
    failure = worker_run(minimizer->worker);
    if (failure.id == FAIL_NONE)
        return false;
    if (minimizer->wanted.id != FAIL_NONE && !same_failure(&failure, &minimizer->wanted))
        return false;
    minimizer->wanted = failure;
    *minimizer->best = *minimizer->candidate;
    if (minimizer->extra)
        memcpy(minimizer->extra, worker_extra(minimizer->worker), minimizer->extra_size);
    minimizer->progress = true;
    return true;
}

struct program *minimize_again(struct minimizer *minimizer)
{
    *minimizer->candidate = *minimizer->best;
    return minimizer->candidate;
}

static bool try_number(struct minimizer *minimizer, const struct number *number, uint64_t value)
{
    number->set(minimize_again(minimizer), number->index, number->part, value);
    return minimize_try(minimizer);
}

void minimize_number(struct minimizer *minimizer, struct number number)
{
    uint64_t value = number.value;

    if (value <= number.least || try_number(minimizer, &number, number.least))
        return;
    for (uint64_t step = (value - number.least) / 2 / number.unit * number.unit; step > 0;) {
        if (step < value - number.least && try_number(minimizer, &number, value - step))
            value -= step;
        else if (step == number.unit)
            break;
        else
            step = step / 2 < number.unit ? number.unit : step / 2 / number.unit * number.unit;
    }
}

/* Both sides see which maps are too large: engines' programs have small ones, and a change must not make them large. */
static enum failure_id judge(const void *context, const struct program *program, FILE *report, void *extra)
{
    const struct run_options options = {.frame_limit = *(uint64_t *)extra, .report = report, .thorough = true};
    const struct run_result result = run_program(program, context, &options);

    return result.verdict == RUN_FAILED ? result.failure : FAIL_NONE;
}

/* As it stands, or its map alone, which is looked at more deeply. */
static bool fails_at_first(struct minimizer *minimizer, enum failure_id wanted)
{
    static const uint64_t limits[] = {RUN_FRAMES_FUZZ, RUN_FRAMES_REPLAY};

    for (size_t i = 0; i < 4; i++) {
        *(uint64_t *)worker_extra(minimizer->worker) = limits[i / 2];
        minimize_again(minimizer);
        if (i % 2)
            minimizer->candidate->operation_count = 0;
        if (minimize_try(minimizer))
            return wanted == FAIL_NONE || wanted == minimizer->wanted.id;
    }
    return false;
}

bool minimize_sequential(struct program *program, const struct allocator *allocator, enum failure_id wanted,
                         unsigned millis, struct minimized *result)
{
    const struct worker_job job = {judge, allocator, sizeof(uint64_t), millis};
    struct minimizer minimizer = {.worker = worker_open(&job), .best = program};
    bool fails;

    if (!minimizer.worker)
        return false;
    minimizer.candidate = worker_program(minimizer.worker);
    fails = fails_at_first(&minimizer, wanted);
    minimizer.progress = fails;
    while (minimizer.progress) {
        minimizer.progress = false;
        minimize_operations(&minimizer);
        minimize_leaps(&minimizer);
        minimize_by_search(&minimizer);
        minimize_map(&minimizer);
        minimize_operands(&minimizer);
    }
    if (fails)
        minimize_spell_out(&minimizer);
    worker_close(minimizer.worker);
    *result = (struct minimized){minimizer.wanted, minimizer.runs};
    return fails;
}
