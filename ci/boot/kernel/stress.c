/*
 * The stress: each CPU has three contexts (its thread, its timer interrupt, its NMI), each of which holds up to four
 * frames, marks them, and looks for its mark before it gives one back. Memory is tight on purpose: that makes CPUs meet in
 * the same words. At the end handlers obey `quiet` first; only then is anything counted.
 */
#include "stress.h"

#include "console.h"
#include "kernel_cpu.h"
#include "machine.h"

enum { POOL = 40, PREPARED = 1024, HELD_MOST = 4, STRIDE = 25 /* PREPARED / POOL */, OFTEN = 8 };
enum { THREAD = STRIKES, CONTEXTS = STRIKES + 1 };

struct context {
    uint64_t held[HELD_MOST], random;
    unsigned count, calls;
};

struct cpu {
    struct context contexts[CONTEXTS];
    uint32_t strikes[STRIKES], inside[STRIKES];
} __attribute__((aligned(128)));

static struct cpu cpus_of[CPUS_MOST];
static struct calls calls;
static uint32_t go, quiet, done;

extern const char core_begin[], core_end[]; /* of the linker script: the code of core/ */

/* ---- what a context does ---- */

static uint64_t random_of(struct context *context)
{
    context->random = context->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return context->random >> 33;
}

static volatile uint64_t *words_of(uint64_t address)
{
    return (volatile uint64_t *)(uintptr_t)address;
}

static void take_one(struct context *context)
{
    const uint64_t mark = (uint64_t)(uintptr_t)context;
    uint64_t address;

    if (!take(&calls, PMM_ORDER_SMALL, random_of(context) % 4 ? PMM_ANY : PMM_DMA32, &address))
        return;
    if (words_of(address)[0] != 0)
        fail("stress", "a frame was given to two owners", words_of(address)[0], mark);
    words_of(address)[0] = mark;
    words_of(address)[1] = ~mark;
    context->held[context->count++] = address;
}

static void give_one(struct context *context)
{
    const uint64_t mark = (uint64_t)(uintptr_t)context;
    const unsigned which = (unsigned)random_of(context) % context->count;
    const uint64_t address = context->held[which];

    if (words_of(address)[0] != mark || words_of(address)[1] != ~mark)
        fail("stress", "a frame has another owner's mark", mark, words_of(address)[0]);
    words_of(address)[1] = 0;
    words_of(address)[0] = 0;
    context->held[which] = context->held[--context->count];
    give(&calls, address, PMM_ORDER_SMALL);
}

static void step(struct context *context)
{
    context->calls++;
    if (context->count < HELD_MOST && (context->count == 0 || random_of(context) % 2))
        take_one(context);
    else
        give_one(context);
}

void cpu_struck(unsigned cpu, enum strike strike, uintptr_t at)
{
    struct cpu *own = &cpus_of[cpu];

    if (__atomic_load_n(&quiet, __ATOMIC_ACQUIRE))
        return;
    own->strikes[strike]++;
    own->inside[strike] += at >= (uintptr_t)core_begin && at < (uintptr_t)core_end;
    step(&own->contexts[strike]);
}

/* ---- the CPUs ---- */

static uint64_t inside_of(unsigned cpus)
{
    uint64_t sum = 0;

    for (unsigned cpu = 0; cpu < cpus; cpu++)
        for (unsigned strike = 0; strike < STRIKES; strike++)
            sum += __atomic_load_n(&cpus_of[cpu].inside[strike], __ATOMIC_RELAXED);
    return sum;
}

static void run(unsigned cpu, unsigned cpus, uint64_t inside)
{
    struct context *thread = &cpus_of[cpu].contexts[THREAD];

    machine_timer_on();
    while (!__atomic_load_n(&quiet, __ATOMIC_ACQUIRE)) {
        step(thread);
        if (thread->calls % (OFTEN * cpus) == OFTEN * cpu && (cpus > 1 || machine_strikes_itself()))
            machine_strike_others();
        if (cpu == 0 && thread->calls % 64 == 0 && inside_of(cpus) >= inside)
            __atomic_store_n(&quiet, 1, __ATOMIC_RELEASE);
    }
    machine_timer_off();
    __atomic_fetch_add(&done, 1, __ATOMIC_ACQ_REL);
}

void cpu_main(unsigned cpu)
{
    for (;;) {
        const uint32_t cpus = __atomic_load_n(&go, __ATOMIC_ACQUIRE);

        if (cpus && !__atomic_load_n(&quiet, __ATOMIC_ACQUIRE))
            run(cpu, cpus, 0);
        machine_relax();
    }
}

/* ---- before and after ---- */

/* Takes everything and gives back POOL frames that lie close together, emptied. */
static void make_tight(void)
{
    static uint64_t prepared[PREPARED];
    uint64_t address;

    for (unsigned i = 0; i < PREPARED; i++)
        if (!take(&calls, PMM_ORDER_SMALL, PMM_DMA32, &prepared[i]))
            fail("stress", "too little memory to make it tight", PREPARED, i);
    while (take(&calls, PMM_ORDER_LARGE, PMM_ANY, &address) || take(&calls, PMM_ORDER_SMALL, PMM_ANY, &address))
        ; /* not written: the host would back all of it with memory */
    for (unsigned i = 0; i < POOL; i++) {
        words_of(prepared[i * STRIDE])[0] = 0;
        give(&calls, prepared[i * STRIDE], PMM_ORDER_SMALL);
    }
}

static void audit(unsigned cpus)
{
    struct pmm_stats stats;
    struct pmm_fault fault;

    for (unsigned cpu = 0; cpu < cpus; cpu++)
        for (unsigned i = 0; i < CONTEXTS; i++)
            while (cpus_of[cpu].contexts[i].count)
                give_one(&cpus_of[cpu].contexts[i]);
    pmm_stats(calls.pmm, &stats);
    if (stats.total.free != POOL)
        fail("stress", "frames or counts were lost", POOL, stats.total.free);
    if (pmm_check(calls.pmm, &fault) != PMM_OK) {
        say("\npmm_check: ");
        say(fault.what);
        fail("stress", "pmm_check after it", fault.expected, fault.found);
    }
}

static void tell(unsigned cpus)
{
    uint64_t thread = 0, strikes[STRIKES] = {0}, inside[STRIKES] = {0};

    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        thread += cpus_of[cpu].contexts[THREAD].calls;
        for (unsigned strike = 0; strike < STRIKES; strike++) {
            strikes[strike] += cpus_of[cpu].strikes[strike];
            inside[strike] += cpus_of[cpu].inside[strike];
        }
    }
    say("stress calls ");
    say_number(thread);
    say(" timer ");
    say_number(strikes[STRIKE_TIMER]);
    say(" inside ");
    say_number(inside[STRIKE_TIMER]);
    say(" others ");
    say_number(strikes[STRIKE_OTHER]);
    say(" inside ");
    say_number(inside[STRIKE_OTHER]);
    say("\n");
}

void stress(const struct memory *memory, unsigned cpus, uint64_t inside)
{
    calls = memory->calls;
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        for (unsigned i = 0; i < CONTEXTS; i++)
            cpus_of[cpu].contexts[i].random = (cpu * CONTEXTS + i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    make_tight();
    __atomic_store_n(&go, cpus, __ATOMIC_RELEASE);
    run(0, cpus, inside);
    while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) != cpus)
        machine_relax();
    audit(cpus);
    tell(cpus);
}
