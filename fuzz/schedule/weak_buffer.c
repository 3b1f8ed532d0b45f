/* Stores that wait, see weak_buffer.h. */
#include "weak_buffer.h"

enum {
    PLACES = 4,    /* of a CPU */
    WAIT_ODDS = 4, /* one store in so many waits until it must, another one for a while, where the base chooses */
    LONGEST = 16,  /* steps of that while */
};

struct waiting {
    void *at;
    uint64_t value;
    uint64_t until; /* key of the step before which it becomes visible; SIM_NEVER: when it must */
    unsigned bytes;
    enum sim_order order;
    const struct sim_site *site;
    struct weak_stamp stamp;
};

static struct buffer {
    unsigned count;
    struct waiting stores[PLACES]; /* in the order of the program */
} buffers[SIM_CPUS];

static struct buffer *own(void)
{
    return &buffers[sim.running->number];
}

void buffer_begin(void)
{
    for (unsigned cpu = 0; cpu < SIM_CPUS; cpu++)
        buffers[cpu].count = 0;
}

/* ---- becoming visible ---- */

static void write_out(const struct waiting *store)
{
    struct location *location = location_find(store->at);
    const uint64_t before = read_memory(store->at, store->bytes);
    struct weak_history *history = weak_step(location, before);

    write_memory(store->at, store->bytes, store->value);
    weak_store_stamped(history, &store->stamp, store->value);
    note_write(location, store->site, before != store->value);
}

/* Of those before `later`, the ones that it may not overtake. */
static bool goes_first(const struct waiting *earlier, const struct waiting *later)
{
    return later->order == SIM_RELEASE || earlier->at == later->at;
}

/* Those marked in `chosen`, and whatever may not come after them, in order. */
static void release(struct buffer *buffer, unsigned chosen)
{
    unsigned kept = 0;

    for (unsigned later = buffer->count; later-- > 0;)
        for (unsigned earlier = 0; (chosen >> later & 1) && earlier < later; earlier++)
            if (goes_first(&buffer->stores[earlier], &buffer->stores[later]))
                chosen |= 1u << earlier;
    for (unsigned i = 0; i < buffer->count; i++) {
        if (chosen >> i & 1)
            write_out(&buffer->stores[i]);
        else
            buffer->stores[kept++] = buffer->stores[i];
    }
    buffer->count = kept;
}

void buffer_release_due(void)
{
    struct buffer *buffer = own();
    unsigned chosen = 0;

    for (unsigned i = 0; i < buffer->count; i++)
        if (sim.running->key >= buffer->stores[i].until)
            chosen |= 1u << i;
    if (chosen)
        release(buffer, chosen);
}

bool buffer_waits(void)
{
    return own()->count > 0;
}

void buffer_release_all(void)
{
    release(own(), (1u << PLACES) - 1);
}

void buffer_release_before(const void *at, enum sim_order order)
{
    struct buffer *buffer = own();
    unsigned chosen = 0;

    for (unsigned i = 0; i < buffer->count; i++)
        if (order >= SIM_RELEASE || buffer->stores[i].at == at)
            chosen |= 1u << i;
    if (chosen)
        release(buffer, chosen);
}

/* ---- waiting ---- */

bool buffer_find(const void *at, uint64_t *value)
{
    const struct buffer *buffer = own();

    for (unsigned i = buffer->count; i-- > 0;)
        if (buffer->stores[i].at == at) {
            *value = buffer->stores[i].value;
            return true;
        }
    return false;
}

bool buffer_keep(void *at, unsigned bytes, uint64_t value, enum sim_order order, const struct sim_site *site)
{
    struct buffer *buffer = own();
    struct waiting *store = &buffer->stores[buffer->count];
    const uint64_t mask = bytes < 8 ? (UINT64_C(1) << 8 * bytes) - 1 : UINT64_MAX;
    unsigned hold;

    if (order != SIM_RELAXED && order != SIM_RELEASE)
        return false;
    if (buffer->count == PLACES || !sim_choose_waiting(WAIT_ODDS, LONGEST, &hold))
        return false;
    weak_step(location_find(at), read_memory(at, bytes)); /* it is a step of its own, whenever it is seen */
    *store = (struct waiting){.at = at, .value = value & mask, .bytes = bytes, .order = order, .site = site};
    store->until = hold ? sim.running->key + 1 + hold : SIM_NEVER;
    weak_stamp(&store->stamp, order);
    buffer->count++;
    return true;
}
