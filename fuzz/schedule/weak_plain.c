/*
 * Plain memory in weak mode: whether what was written without atomics is visible to who reads it. Frames, whose
 * contents their owner wrote, by key; and plain words of the metadata that compiler instrumentation reports, in the
 * manner of FastTrack: the last write, and each CPU's last read.
 */
#include "weak.h"

enum { FRAMES = 1024, WORDS = 1024 };

/* Who gave a frame up last, and before which of its steps. */
static struct {
    uint64_t key;
    uint32_t run, cpu, step;
} frames[FRAMES];

/* Eight bytes. Accesses by the step that comes after them: that is the first one that can release them. */
static struct word {
    uintptr_t number;
    uint32_t run;
    uint32_t writer;
    uint32_t written; /* 0: not in this run */
    uint32_t read[SIM_CPUS];
    const struct sim_site *write_site, *read_site[SIM_CPUS];
} words[WORDS];

static uint32_t run;

void weak_begin_plain(uint32_t new_run)
{
    run = new_run;
}

static bool is_visible(unsigned cpu, uint32_t step)
{
    return cpu == sim.running->number || weak_known(cpu) >= step;
}

static uint32_t next_step(void)
{
    return weak_known(sim.running->number) + 1;
}

/* ---- frames ---- */

/* Its entry, or FRAMES when there is no room: then nothing is checked. */
static size_t find_frame(uint64_t key)
{
    size_t slot = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40) % FRAMES;

    for (size_t i = 0; i < FRAMES; i++, slot = (slot + 1) % FRAMES)
        if (frames[slot].run != run || frames[slot].key == key)
            return slot;
    return FRAMES;
}

void sim_frame_give(uint64_t key)
{
    size_t slot;

    if (!sim.active || !sim.weak)
        return;
    slot = find_frame(key);
    if (slot == FRAMES)
        return;
    frames[slot].key = key;
    frames[slot].run = run;
    frames[slot].cpu = sim.running->number;
    frames[slot].step = next_step();
}

bool sim_frame_take(uint64_t key)
{
    size_t slot;

    if (!sim.active || !sim.weak)
        return true;
    slot = find_frame(key);
    return slot == FRAMES || frames[slot].run != run || is_visible(frames[slot].cpu, frames[slot].step);
}

/* ---- plain words ---- */

static struct word *find_word(uintptr_t number)
{
    size_t slot = (size_t)((uint64_t)number * UINT64_C(0x9e3779b97f4a7c15) >> 40) % WORDS;

    for (size_t i = 0; i < WORDS; i++, slot = (slot + 1) % WORDS) {
        if (words[slot].run != run) {
            words[slot] = (struct word){.number = number, .run = run};
            return &words[slot];
        }
        if (words[slot].number == number)
            return &words[slot];
    }
    return NULL;
}

static void report(const struct sim_site *before, const struct sim_site *now)
{
    if (sim.result.race[0])
        return; /* the first is the one to look at */
    sim.result.race[0] = before;
    sim.result.race[1] = now;
}

bool sim_plain_matters(const void *at)
{
    return sim.active && sim.weak && (uintptr_t)at - (uintptr_t)sim.work->region < sim.work->region_bytes;
}

void sim_plain(const void *at, bool write, const struct sim_site *site)
{
    struct word *word;
    unsigned self;

    if (!sim_plain_matters(at))
        return;
    self = sim.running->number;
    word = find_word((uintptr_t)at / 8);
    if (!word)
        return;
    if (word->written && !is_visible(word->writer, word->written))
        report(word->write_site, site);
    for (unsigned cpu = 0; write && cpu < sim.cpus; cpu++)
        if (word->read[cpu] && !is_visible(cpu, word->read[cpu]))
            report(word->read_site[cpu], site);
    if (write) {
        word->writer = self;
        word->written = next_step();
        word->write_site = site;
    } else {
        word->read[self] = next_step();
        word->read_site[self] = site;
    }
}
