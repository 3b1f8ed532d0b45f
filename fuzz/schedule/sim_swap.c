/* Compare and swap as a step, see sim_access.c. */
#include "weak_buffer.h"

struct swap {
    uint64_t *expected;
    uint64_t desired;
    bool weak;
    enum sim_order success, failure;
};

/* One that swaps has the newest value; a failing one is only a load, and may be stale. False: it must fail. */
static bool look(const struct swap *swap, struct weak_history *history, const struct sim_site *site, uint64_t newest,
                 unsigned *back)
{
    *back = history ? sim_choose_stale(history, swap->failure, site) : 0;
    if (*back && weak_peek(history, *back) != *swap->expected)
        return false;
    *back = 0;
    return newest == *swap->expected && !(swap->weak && sim_choose_failure());
}

static void note_swap(struct location *location, struct weak_history *history, const struct swap *swap,
                      const struct sim_site *site, struct step *step)
{
    const uint64_t read = location->read[sim_context()];

    step->order = swap->success;
    step->aba = read > sim_call_began() && location->changed > read;
    if (step->aba)
        feedback_hit(FEEDBACK_ABA, location->writer_site, site->id);
    if (history)
        weak_modify(history, swap->success, step->after);
    note_read(location, site);
    note_write(location, site, step->before != step->after);
}

static void note_failed_swap(struct location *location, struct weak_history *history, const struct swap *swap,
                             const struct sim_site *site, struct step *step, unsigned back)
{
    if (history)
        step->before = weak_load(history, swap->failure, back);
    step->after = step->before;
    step->stale = back > 0;
    step->failed = true;
    feedback_hit(FEEDBACK_FAILED_SWAP, location->writer_site, site->id);
    note_read(location, site);
    *swap->expected = step->before;
}

ALWAYS_INLINE bool swap_in_step(void *at, unsigned bytes, const struct swap *swap, const struct sim_site *site)
{
    struct step step = {.site = site, .at = at, .kind = SIM_SWAP, .order = swap->failure};
    struct weak_history *history = NULL;
    struct location *location;
    unsigned back;

    sim_point(site);
    if (sim.weak) {
        buffer_release_due();
        buffer_release_before(at, swap->success);
    }
    location = location_find(at);
    step.before = read_memory(at, bytes);
    if (sim.weak)
        history = weak_step(location, step.before);
    if (look(swap, history, site, step.before, &back)) {
        write_memory(at, bytes, swap->desired);
        step.after = read_memory(at, bytes);
        note_swap(location, history, swap, site, &step);
    } else {
        note_failed_swap(location, history, swap, site, &step, back);
    }
    finish(step);
    return !step.failed;
}

ALWAYS_INLINE bool swap_alone(void *at, unsigned bytes, uint64_t *expected, uint64_t desired)
{
    const uint64_t found = read_memory(at, bytes);

    sim_alone();
    if (found != *expected) {
        *expected = found;
        return false;
    }
    write_memory(at, bytes, desired);
    return true;
}

APART bool compare_swap(void *at, uint64_t *expected, uint64_t desired, bool weak, enum sim_order success,
                        enum sim_order failure, const struct sim_site *site)
{
    return swap_in_step(at, 8, &(struct swap){expected, desired, weak, success, failure}, site);
}

bool sim_compare_swap(void *at, uint64_t *expected, uint64_t desired, bool weak, enum sim_order success,
                      enum sim_order failure, const struct sim_site *site)
{
    return sim.active ? compare_swap(at, expected, desired, weak, success, failure, site)
                      : swap_alone(at, 8, expected, desired);
}

bool sim_compare_swap_sized(void *at, unsigned bytes, uint64_t *expected, uint64_t desired, bool weak,
                            enum sim_order success, enum sim_order failure, const struct sim_site *site)
{
    return sim.active ? swap_in_step(at, bytes, &(struct swap){expected, desired, weak, success, failure}, site)
                      : swap_alone(at, bytes, expected, desired);
}
