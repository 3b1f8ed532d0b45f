/* Fewer and simpler decisions: overrides dropped in runs and one by one, switches joined, holds shortened, modes off. */
#include "minimize.h"

#include <string.h>

static struct schedule *changed(struct minimizer *minimizer)
{
    minimize_again(minimizer);
    return &minimizer->candidate->schedule;
}

static void drop_run(struct schedule *schedule, size_t at, size_t count)
{
    schedule->override_count -= count;
    memmove(&schedule->overrides[at], &schedule->overrides[at + count],
            (schedule->override_count - at) * sizeof(schedule->overrides[0]));
}

/* Halves first, then single ones, from the end: later decisions matter less. */
static void drop_overrides(struct minimizer *minimizer)
{
    for (size_t run = minimizer->best->schedule.override_count; run > 0; run /= 2) {
        size_t at = minimizer->best->schedule.override_count;

        while (at >= run) {
            at -= run;
            drop_run(changed(minimizer), at, run);
            if (!minimize_try(minimizer) && at < run)
                break;
            if (at > minimizer->best->schedule.override_count)
                at = minimizer->best->schedule.override_count;
        }
    }
}

/* Two neighbours at once: of one switch away and one back, neither can go alone. */
static void drop_pairs(struct minimizer *minimizer)
{
    for (size_t first = 0; first < minimizer->best->schedule.override_count; first++) {
        for (size_t second = first + 1; second < minimizer->best->schedule.override_count; second++) {
            struct schedule *schedule = changed(minimizer);

            drop_run(schedule, second, 1);
            drop_run(schedule, first, 1);
            if (minimize_try(minimizer))
                second = first;
        }
    }
}

static bool is_twin(const struct override *one, const struct override *other)
{
    return one->action == OVERRIDE_SWITCH && other->action == OVERRIDE_SWITCH && one->cpu == other->cpu &&
           one->argument == other->argument;
}

/* One switch, where the first or the second is, for as long as both together, or until that CPU is done. */
static bool join_two(struct minimizer *minimizer, size_t first, size_t second)
{
    for (unsigned way = 0; way < 4; way++) {
        struct schedule *schedule = changed(minimizer);
        const size_t kept = way & 1 ? second : first, dropped = way & 1 ? first : second;
        const bool ends = schedule->overrides[first].hold && schedule->overrides[second].hold;

        if (way & 2 && !ends)
            return false; /* it is the same as before */
        schedule->overrides[kept].hold =
            ends && !(way & 2) ? (uint16_t)(schedule->overrides[first].hold + schedule->overrides[second].hold) : 0;
        drop_run(schedule, dropped, 1);
        if (minimize_try(minimizer))
            return true;
    }
    return false;
}

/* An engine switches there and back over and over where once would do. */
static void join_switches(struct minimizer *minimizer)
{
    for (size_t first = 0; first + 1 < minimizer->best->schedule.override_count; first++) {
        for (size_t second = first + 1; second < minimizer->best->schedule.override_count;) {
            const struct override *overrides = minimizer->best->schedule.overrides;

            if (!is_twin(&overrides[first], &overrides[second]) || !join_two(minimizer, first, second))
                second++;
        }
    }
}

/* Before the same step of another one, later or earlier, or to another CPU. */
static void simplify_override(struct minimizer *minimizer, size_t index)
{
    static const uint16_t holds[] = {0, 1, 2, 4, 8, 16, 32};
    const uint16_t hold = minimizer->best->schedule.overrides[index].hold;

    if (minimizer->best->schedule.overrides[index].action != OVERRIDE_SWITCH) {
        while (minimizer->best->schedule.overrides[index].argument > 0) {
            changed(minimizer)->overrides[index].argument--;
            if (minimizer->candidate->schedule.overrides[index].action == OVERRIDE_STALE &&
                minimizer->candidate->schedule.overrides[index].argument == 0)
                break;
            if (!minimize_try(minimizer))
                break;
        }
        return;
    }
    for (size_t i = 0; i < sizeof holds / sizeof holds[0]; i++) {
        if (hold == 0 || (holds[i] >= hold && holds[i]))
            return;
        changed(minimizer)->overrides[index].hold = holds[i];
        if (minimize_try(minimizer))
            return;
    }
}

static void drop_modes(struct minimizer *minimizer)
{
    for (unsigned bit = 1; bit < SCHEDULE_MODES; bit <<= 1) {
        if (!(minimizer->best->schedule.modes & bit))
            continue;
        changed(minimizer)->modes &= ~bit;
        minimize_try(minimizer);
    }
}

void minimize_schedule(struct minimizer *minimizer)
{
    drop_modes(minimizer);
    drop_overrides(minimizer);
    drop_pairs(minimizer);
    join_switches(minimizer);
    for (size_t i = 0; i < minimizer->best->schedule.override_count; i++)
        simplify_override(minimizer, i);
}
