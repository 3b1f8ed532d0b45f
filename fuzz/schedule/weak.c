/* Weak memory, see weak.h. */
#include "weak_clocks.h"

#include <string.h>

static struct weak_cpu cpus[SIM_CPUS];
static struct clock fences; /* what sequentially consistent fences know */
static struct weak_history histories[LOCATIONS + 1];
static uint32_t run;

void weak_begin(void)
{
    memset(cpus, 0, sizeof cpus);
    memset(&fences, 0, sizeof fences);
    run++;
    weak_begin_plain(run);
}

uint32_t weak_known(unsigned cpu)
{
    return cpus[sim.running->number].known.of[cpu];
}

static struct weak_cpu *self(void)
{
    return &cpus[sim.running->number];
}

static uint32_t *own_step(void)
{
    return &self()->known.of[sim.running->number];
}

static struct store *newest_of(struct weak_history *history)
{
    return &history->stores[(history->count - 1) % STORES];
}

/* A value that was there before the run, or came from a plain store: everybody has seen it. */
static void store_from_outside(struct weak_history *history, uint64_t value)
{
    struct store *store = &history->stores[history->count++ % STORES];

    memset(store, 0, sizeof *store);
    store->value = value;
}

struct weak_history *weak_step(const struct location *location, uint64_t newest)
{
    struct weak_history *history = &histories[location->number];

    ++*own_step();
    if (history->run != run || location->number == LOCATIONS) {
        history->run = run;
        history->count = 0;
    }
    if (history->count == 0 || newest_of(history)->value != newest)
        store_from_outside(history, newest);
    return history;
}

/* Whether a load must not go back beyond this store. */
static bool hides_older(const struct store *store, enum sim_order order)
{
    const struct weak_cpu *cpu = self();
    const bool consistent = order == SIM_SEQ_CST;

    for (unsigned i = 0; i < SIM_CPUS; i++)
        if (store->seen.of[i] <= cpu->known.of[i] || (consistent && store->seen.of[i] <= fences.of[i]))
            return true;
    return store->consistent && (consistent || store->consistent < cpu->fenced);
}

unsigned weak_reach(const struct weak_history *history, enum sim_order order)
{
    const uint64_t kept = history->count < STORES ? history->count : STORES;
    unsigned back = 0;

    while (back + 1 < kept && !hides_older(&history->stores[(history->count - 1 - back) % STORES], order))
        back++;
    return back;
}

uint64_t weak_load(struct weak_history *history, enum sim_order order, unsigned back)
{
    struct weak_cpu *cpu = self();
    struct store *store = &history->stores[(history->count - 1 - back) % STORES];

    if (store->seen.of[sim.running->number] == UNSEEN)
        store->seen.of[sim.running->number] = *own_step();
    join(&cpu->acquirable, &store->release);
    if (acquires(order)) {
        join(&cpu->known, &store->release);
        if (store->release_fenced > cpu->fenced)
            cpu->fenced = store->release_fenced;
    }
    return store->value;
}

uint64_t weak_peek(const struct weak_history *history, unsigned back)
{
    return history->stores[(history->count - 1 - back) % STORES].value;
}

/* ---- stores ---- */

void weak_stamp(struct weak_stamp *stamp, enum sim_order order)
{
    const struct weak_cpu *cpu = self();

    memcpy(stamp->release, releases(order) ? cpu->known.of : cpu->released.of, sizeof stamp->release);
    stamp->step = *own_step();
    stamp->fenced = cpu->fenced;
}

void weak_store_stamped(struct weak_history *history, const struct weak_stamp *stamp, uint64_t value)
{
    struct store *store = &history->stores[history->count++ % STORES];

    store->value = value;
    memcpy(store->release.of, stamp->release, sizeof stamp->release);
    store->release_fenced = stamp->fenced;
    for (unsigned i = 0; i < SIM_CPUS; i++)
        store->seen.of[i] = UNSEEN;
    store->seen.of[sim.running->number] = stamp->step;
    store->consistent = 0;
}

/* `before`: the release clock of the store that a read-modify-write replaced, whose release sequence it goes on. */
static void append(struct weak_history *history, enum sim_order order, uint64_t value, const struct clock *before)
{
    const uint64_t fenced = history->count ? newest_of(history)->release_fenced : 0;
    struct weak_stamp stamp;
    struct store *store;

    weak_stamp(&stamp, order);
    weak_store_stamped(history, &stamp, value);
    store = newest_of(history);
    store->consistent = order == SIM_SEQ_CST ? sim.now + 1 : 0;
    if (!before)
        return;
    join(&store->release, before);
    if (fenced > store->release_fenced)
        store->release_fenced = fenced;
}

void weak_store(struct weak_history *history, enum sim_order order, uint64_t value)
{
    append(history, order, value, NULL);
}

void weak_modify(struct weak_history *history, enum sim_order order, uint64_t value)
{
    struct clock before;

    weak_load(history, order, 0);
    before = newest_of(history)->release; /* copied: the store may overwrite it */
    append(history, order, value, &before);
}

void weak_fence(enum sim_order order)
{
    struct weak_cpu *cpu = self();

    ++*own_step();
    if (acquires(order))
        join(&cpu->known, &cpu->acquirable);
    if (order == SIM_SEQ_CST) {
        join(&cpu->known, &fences);
        fences = cpu->known;
        cpu->fenced = sim.now + 1;
    }
    if (releases(order))
        cpu->released = cpu->known;
}
