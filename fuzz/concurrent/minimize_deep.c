/*
 * What single changes under the same decisions do not reach: an operation less, a CPU less, the work of two CPUs on one,
 * fewer switches, each with a search for a schedule of its own. Thorough while a finding is larger than one likes to
 * read; then only a look.
 */
#include "minimize.h"

#include <string.h>

enum {
    READABLE_CPUS = 3,
    READABLE_OPERATIONS = 6,
    READABLE_PREEMPTIONS = 5,
    LOOK = 2000, /* runs for each change */
    THOROUGH = 40000,
    RESTARTS = 40, /* schedules made small from their own beginning */
    FAR = 1000003, /* from the seeds of one to those of the next */
};

static bool is_readable(const struct program *program)
{
    const struct concurrent_size size = concurrent_size(program);

    return size.cpus <= READABLE_CPUS && size.operations <= READABLE_OPERATIONS &&
           size.preemptions <= READABLE_PREEMPTIONS;
}

static bool try_other_schedules(struct minimizer *minimizer)
{
    if (!minimize_search(minimizer, 0, is_readable(minimizer->best) ? LOOK : THOROUGH))
        return false;
    minimize_schedule(minimizer);
    return true;
}

/* ---- CPUs ---- */

/* What `from` does, `to` does after its own; then `from` has nothing to do. */
static void join_cpus(struct program *program, unsigned from, unsigned to)
{
    for (size_t i = 0; i < program->operation_count; i++) {
        struct operation *operation = &program->operations[i];

        if (operation->kind == OPERATION_CPU && operation->operands[0] % program->cpus == from)
            operation->operands[0] = to;
    }
    minimize_drop_cpu(program, from);
}

static bool have_fewer_cpus(struct minimizer *minimizer)
{
    const unsigned cpus = minimizer->best->cpus;

    for (unsigned from = 0; from < cpus && cpus > 1; from++) {
        minimize_again(minimizer);
        minimize_drop_cpu(minimizer->candidate, from);
        if (try_other_schedules(minimizer))
            return true;
        for (unsigned to = 0; to < cpus && cpus > READABLE_CPUS; to++) {
            if (to == from)
                continue;
            minimize_again(minimizer);
            join_cpus(minimizer->candidate, from, to);
            if (try_other_schedules(minimizer))
                return true;
        }
    }
    return false;
}

/* ---- operations ---- */

static bool have_fewer_operations(struct minimizer *minimizer)
{
    for (size_t i = minimizer->best->operation_count; i-- > 0;) {
        if (operation_directs(&minimizer->best->operations[i]))
            continue;
        minimize_again(minimizer);
        minimize_drop_operation(minimizer->candidate, i);
        if (try_other_schedules(minimizer))
            return true;
    }
    return false;
}

/* Two at once: to take and to give, neither can go alone. */
static bool have_two_fewer_operations(struct minimizer *minimizer)
{
    for (size_t second = minimizer->best->operation_count; second-- > 1;) {
        for (size_t first = second; first-- > 0;) {
            if (operation_directs(&minimizer->best->operations[first]) ||
                operation_directs(&minimizer->best->operations[second]))
                continue;
            minimize_again(minimizer);
            minimize_drop_operation(minimizer->candidate, second);
            minimize_drop_operation(minimizer->candidate, first);
            if (minimize_search(minimizer, 0, LOOK)) {
                minimize_schedule(minimizer);
                return true;
            }
        }
    }
    return false;
}

/* What runs alone is easier to read, and whoever waited for it need not wait any more. */
static bool have_fewer_at_once(struct minimizer *minimizer)
{
    for (unsigned cpu = 0; cpu < minimizer->best->cpus; cpu++) {
        minimize_again(minimizer);
        if (minimize_begin_alone(minimizer->candidate, cpu) && try_other_schedules(minimizer))
            return true;
    }
    return false;
}

/* ---- decisions ---- */

/* From other seeds, each as small as it becomes; the best of them, if it is better than what there was. */
static bool have_fewer_decisions(struct minimizer *minimizer)
{
    struct program before = *minimizer->best, shortest = before;
    bool better = false;

    for (unsigned i = 0; i < RESTARTS; i++) {
        *minimizer->best = before;
        minimize_again(minimizer);
        if (!minimize_search(minimizer, (uint64_t)i * FAR, THOROUGH))
            break;
        minimize_schedule(minimizer);
        if (minimizer->best->schedule.override_count >= shortest.schedule.override_count)
            continue;
        shortest = *minimizer->best;
        better = true;
    }
    *minimizer->best = shortest;
    return better;
}

void minimize_deep(struct minimizer *minimizer)
{
    if (minimizer->wanted.id >= FAIL_X01) /* the process does not survive it */
        return;
    while (have_fewer_cpus(minimizer) || have_fewer_operations(minimizer) || have_fewer_at_once(minimizer) ||
           have_two_fewer_operations(minimizer) ||
           (!is_readable(minimizer->best) && have_fewer_decisions(minimizer))) {
        minimize_lists(minimizer);
        minimize_schedule(minimizer);
        minimize_operands(minimizer);
        minimize_map(minimizer);
    }
}
