/*
 * One step: an atomic operation, after everything that the schedule wanted before it. Carried out in memory itself,
 * which always holds the newest value; an older one can only be returned. Outside a run: just the operation, and its
 * entry is kept apart from the step's, because set-ups and audits make ten times as many.
 */
#include "weak_buffer.h"

/* ---- loads and stores ---- */

ALWAYS_INLINE uint64_t load(const void *at, unsigned bytes, enum sim_order order, const struct sim_site *site)
{
    struct location *location;
    uint64_t value;
    unsigned back = 0;
    bool own = false;

    sim_point(site);
    location = location_find(at);
    value = read_memory(at, bytes);
    if (sim.weak) {
        struct weak_history *history;

        buffer_release_due();
        history = weak_step(location, read_memory(at, bytes));
        own = buffer_find(at, &value);
        if (!own) {
            back = sim_choose_stale(history, order, site);
            value = weak_load(history, order, back);
        }
    }
    note_read(location, site);
    finish((struct step){site, at, value, value, SIM_LOAD, order, false, back > 0, false, own});
    return value;
}

ALWAYS_INLINE void store(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    struct location *location;
    uint64_t before, after;

    sim_point(site);
    if (sim.weak) {
        buffer_release_due();
        if (buffer_keep(at, bytes, value, order, site)) {
            before = read_memory(at, bytes);
            finish((struct step){site, at, before, value, SIM_STORE, order, false, false, false, true});
            return;
        }
        buffer_release_before(at, order);
    }
    location = location_find(at);
    before = read_memory(at, bytes);
    write_memory(at, bytes, value);
    after = read_memory(at, bytes); /* cut to size */
    if (sim.weak)
        weak_store(weak_step(location, before), order, after);
    note_write(location, site, before != after);
    finish((struct step){site, at, before, after, SIM_STORE, order, false, false, false, false});
}

/* ---- read, modify, write ---- */

ALWAYS_INLINE uint64_t fetch(void *at, unsigned bytes, uint64_t operand, enum sim_kind kind, enum sim_order order,
                             const struct sim_site *site)
{
    struct location *location;
    uint64_t before, after;

    sim_point(site);
    if (sim.weak) {
        buffer_release_due();
        buffer_release_before(at, order);
    }
    location = location_find(at);
    before = read_memory(at, bytes);
    write_memory(at, bytes, combine(before, operand, kind));
    after = read_memory(at, bytes);
    if (sim.weak)
        weak_modify(weak_step(location, before), order, after);
    note_read(location, site);
    note_write(location, site, before != after);
    finish((struct step){site, at, before, after, kind, order, false, false, false, false});
    return before;
}

/* ---- the entries ---- */

ALWAYS_INLINE uint64_t load_alone(const void *at, unsigned bytes)
{
    sim_alone();
    return read_memory(at, bytes);
}

APART uint64_t load_in_step(const void *at, enum sim_order order, const struct sim_site *site)
{
    return load(at, 8, order, site);
}

uint64_t sim_load(const void *at, enum sim_order order, const struct sim_site *site)
{
    return sim.active ? load_in_step(at, order, site) : load_alone(at, 8);
}

APART void store_in_step(void *at, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    store(at, 8, value, order, site);
}

void sim_store(void *at, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    if (sim.active)
        store_in_step(at, value, order, site);
    else
        write_memory(at, 8, value);
}

APART uint64_t fetch_in_step(void *at, uint64_t operand, enum sim_kind kind, enum sim_order order,
                             const struct sim_site *site)
{
    return fetch(at, 8, operand, kind, order, site);
}

ALWAYS_INLINE uint64_t fetch_alone(void *at, unsigned bytes, uint64_t operand, enum sim_kind kind)
{
    const uint64_t before = load_alone(at, bytes);

    write_memory(at, bytes, combine(before, operand, kind));
    return before;
}

uint64_t sim_fetch(void *at, uint64_t operand, enum sim_kind kind, enum sim_order order, const struct sim_site *site)
{
    return sim.active ? fetch_in_step(at, operand, kind, order, site) : fetch_alone(at, 8, operand, kind);
}

uint64_t sim_load_sized(const void *at, unsigned bytes, enum sim_order order, const struct sim_site *site)
{
    return sim.active ? load(at, bytes, order, site) : load_alone(at, bytes);
}

void sim_store_sized(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    if (sim.active)
        store(at, bytes, value, order, site);
    else
        write_memory(at, bytes, value);
}

uint64_t sim_fetch_sized(void *at, unsigned bytes, uint64_t operand, enum sim_kind kind, enum sim_order order,
                         const struct sim_site *site)
{
    return sim.active ? fetch(at, bytes, operand, kind, order, site) : fetch_alone(at, bytes, operand, kind);
}

APART void add_in_steps(void *at, uint64_t addend, const struct sim_site *site)
{
    const uint64_t before = load(at, 8, SIM_RELAXED, site);

    sim.running->masked = true;
    store(at, 8, before + addend, SIM_RELEASE, site);
    sim.running->masked = false;
}

void sim_local_add(void *at, uint64_t addend, const struct sim_site *site)
{
    if (sim.active)
        add_in_steps(at, addend, site);
    else
        fetch_alone(at, 8, addend, SIM_ADD);
}

void sim_fence(enum sim_order order, const struct sim_site *site)
{
    if (!sim.active)
        return;
    sim_point(site);
    if (sim.weak) {
        buffer_release_due();
        buffer_release_before(NULL, order);
        weak_fence(order);
    }
    finish((struct step){site, NULL, 0, 0, SIM_FENCE, order, false, false, false, false});
}
