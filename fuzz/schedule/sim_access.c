/*
 * One step: an atomic operation, after everything that the schedule wanted before it. Carried out in memory itself,
 * which always holds the newest value; an older one can only be returned. Outside a run: just the operation.
 */
#include "sim_step.h"

/* ---- loads and stores ---- */

ALWAYS_INLINE uint64_t load(const void *at, unsigned bytes, enum sim_order order, const struct sim_site *site)
{
    struct location *location;
    uint64_t value;
    unsigned back = 0;

    if (!sim.active)
        return read_memory(at, bytes);
    sim_point(site);
    location = location_find(at);
    value = read_memory(at, bytes);
    if (sim.weak) {
        struct weak_history *history = weak_step(location, value);

        back = sim_choose_stale(history, order, site);
        value = weak_load(history, order, back);
    }
    note_read(location, site);
    finish((struct step){site, at, value, value, SIM_LOAD, order, false, back > 0, false});
    return value;
}

ALWAYS_INLINE void store(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    struct location *location;
    uint64_t before, after;

    if (!sim.active) {
        write_memory(at, bytes, value);
        return;
    }
    sim_point(site);
    location = location_find(at);
    before = read_memory(at, bytes);
    write_memory(at, bytes, value);
    after = read_memory(at, bytes); /* cut to size */
    if (sim.weak)
        weak_store(weak_step(location, before), order, after);
    note_write(location, site, before != after);
    finish((struct step){site, at, before, after, SIM_STORE, order, false, false, false});
}

/* ---- read, modify, write ---- */

ALWAYS_INLINE uint64_t fetch(void *at, unsigned bytes, uint64_t operand, enum sim_kind kind, enum sim_order order,
                             const struct sim_site *site)
{
    const bool active = sim.active;
    uint64_t before, after;

    if (active)
        sim_point(site);
    before = read_memory(at, bytes);
    write_memory(at, bytes, combine(before, operand, kind));
    if (active) {
        struct location *location = location_find(at);

        after = read_memory(at, bytes);
        if (sim.weak)
            weak_modify(weak_step(location, before), order, after);
        note_read(location, site);
        note_write(location, site, before != after);
        finish((struct step){site, at, before, after, kind, order, false, false, false});
    }
    return before;
}

/* ---- the entries ---- */

uint64_t sim_load(const void *at, enum sim_order order, const struct sim_site *site)
{
    return load(at, 8, order, site);
}

void sim_store(void *at, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    store(at, 8, value, order, site);
}

uint64_t sim_fetch(void *at, uint64_t operand, enum sim_kind kind, enum sim_order order, const struct sim_site *site)
{
    return fetch(at, 8, operand, kind, order, site);
}

uint64_t sim_load_sized(const void *at, unsigned bytes, enum sim_order order, const struct sim_site *site)
{
    return load(at, bytes, order, site);
}

void sim_store_sized(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    store(at, bytes, value, order, site);
}

uint64_t sim_fetch_sized(void *at, unsigned bytes, uint64_t operand, enum sim_kind kind, enum sim_order order,
                         const struct sim_site *site)
{
    return fetch(at, bytes, operand, kind, order, site);
}

void sim_local_add(void *at, uint64_t addend, const struct sim_site *site)
{
    uint64_t before;

    if (sim.active) {
        before = load(at, 8, SIM_RELAXED, site);
        sim.running->masked = true;
        store(at, 8, before + addend, SIM_RELEASE, site);
        sim.running->masked = false;
    } else {
        write_memory(at, 8, read_memory(at, 8) + addend);
    }
}

void sim_fence(enum sim_order order, const struct sim_site *site)
{
    if (!sim.active)
        return;
    sim_point(site);
    if (sim.weak)
        weak_fence(order);
    finish((struct step){site, NULL, 0, 0, SIM_FENCE, order, false, false, false});
}
