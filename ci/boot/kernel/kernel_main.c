/*
 * The example kernel, from what the loader left to the verdict. Everything that must survive is reserved or managed later;
 * then all memory is taken and written, twice, and in between all CPUs use it from threads, timers and NMIs. Says on the
 * serial line what the runner compares: the map, what is reserved, what is managed.
 */
#include "kernel_main.h"

#include "../../../core/pmm_allocator.h"
#include "console.h"
#include "machine.h"
#include "stress.h"

extern const char image_begin[], image_end[]; /* of the linker script: code, data, stacks, page tables */

static struct memory memory;
static struct handover handover;

static void on_managed(void *context, uint64_t base, uint64_t end)
{
    ranges_add(context, base, end - base);
}

static void on_total(void *context, uint64_t frames, uint64_t bytes)
{
    (void)context;
    (void)frames;
    memory.metadata = bytes;
}

static void on_misuse(void *context, uint64_t address, enum pmm_status status)
{
    (void)context;
    fail("facade", pmm_status_name(status), 0, address);
}

/* ---- what must survive ---- */

static void reserve_what_is_kept(void)
{
    uint64_t length, base = machine_trampoline(&length);

    ranges_add(&memory.reserved, (uintptr_t)image_begin, (uint64_t)(image_end - image_begin));
    ranges_add(&memory.reserved, base, length);
    for (size_t i = 0; i < handover.tables.count; i++)
        ranges_add(&memory.reserved, handover.tables.list[i].base, handover.tables.list[i].length);
}

static uint64_t sum_of_tables(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < handover.tables.count; i++)
        if (handover.tables.list[i].base + handover.tables.list[i].length <= machine_reach())
            sum = sum * 31 + sum_of(handover.tables.list[i]);
    return sum;
}

static void must_be(const char *what, uint64_t sum, uint64_t now)
{
    if (sum != now)
        fail("kept", what, sum, now);
}

/* ---- the two ways to start ---- */

static void start_instance(unsigned cpus)
{
    const struct pmm_report report = {&memory.managed, 0, on_managed, on_total};
    struct pmm_config config = {.cpus = cpus, .report = &report};
    enum pmm_status status;

    config.reserved = memory.reserved.list;
    config.reserved_count = memory.reserved.count;
    config.later = &memory.later;
    config.later_count = memory.later.length != 0;
    config.place_below = machine_reach();
    config.managed_below = sizeof(void *) == 4 ? UINT64_C(1) << 32 : 0; /* what a pointer reaches */
#ifdef BOOT_METADATA_OVER_INITRD /* a planted fault: nobody says that the initrd has to be kept */
    config.later_count = 0;
    memory.later.length = 0;
    status = pmm_place_metadata(&handover.map, &config);
    config.metadata.base = (handover.initrd.base + 4095) & ~UINT64_C(4095);
#else
    status = pmm_place_metadata(&handover.map, &config);
#endif
    if (status != PMM_OK)
        fail("start", pmm_status_name(status), PMM_OK, status);
    status = pmm_init((void *)(uintptr_t)config.metadata.base, config.metadata.length, &handover.map, &config,
                      &memory.calls.pmm);
    if (status != PMM_OK)
        fail("start", pmm_status_name(status), PMM_OK, status);
    ranges_add(&memory.reserved, config.metadata.base, config.metadata.length);
    if (config.managed_below)
        ranges_add(&memory.reserved, config.managed_below, 0 - config.managed_below);
}

/* Reserves by itself what the Multiboot structure names, the initrd too; what lies below the image's end is skipped. */
static void start_facade(unsigned cpus)
{
    const struct pmm_allocator_hooks hooks = {
        .context = &memory.managed, .cpus = cpus, .range = on_managed, .total = on_total, .misuse = on_misuse};

    pmm_allocator_set_hooks(&hooks);
    pmm_allocator_init(handover.structure, (uintptr_t)image_end);
    memory.calls = (struct calls){pmm_allocator_instance(), true};
    memory.later.length = 0;
    ranges_add(&memory.reserved, handover.initrd.base, handover.initrd.length);
    ranges_add(&memory.reserved, 1, (uintptr_t)image_end - 1);
    ranges_add(&memory.reserved, (uintptr_t)memory.calls.pmm, memory.metadata);
}

/* ---- what the runner compares ---- */

static void say_ranges(const char *what, const struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        say(what);
        say(" ");
        say_hex(ranges->list[i].base);
        say(" ");
        say_hex(ranges->list[i].length);
        say("\n");
    }
}

static void say_start(void)
{
    const struct pmm_stats *stats = &memory.at_start;

    say_ranges("reserved", &memory.reserved);
    say_ranges("range", &memory.managed);
    say("managed ");
    say_number(stats->total.managed);
    say(" frames: dma ");
    say_number(stats->zone[PMM_ZONE_DMA].managed);
    say(", dma32 ");
    say_number(stats->zone[PMM_ZONE_DMA32].managed);
    say(", normal ");
    say_number(stats->zone[PMM_ZONE_NORMAL].managed);
    say("; later ");
    say_number(memory.later_frames);
    say(", metadata ");
    say_number(memory.metadata);
    say("\n");
}

static void start(unsigned cpus)
{
    memory.reach = machine_reach();
    memory.later = handover.initrd;
    reserve_what_is_kept();
    if (option(&handover, "facade", 0))
        start_facade(cpus);
    else
        start_instance(cpus);
    note_start(&memory);
    memory.later_frames = memory.at_start.total.managed - memory.at_start.total.free;
    say_start();
}

static void all_of_it(const char *when)
{
    take_everything(&memory);
    give_everything(&memory, true);
    everything_given_back(&memory, when);
}

void kernel_main(read_handover *reader, uintptr_t structure)
{
    uint64_t tables, initrd;
    unsigned cpus;

    say("\npmm boot\n");
    handover.structure = (const void *)structure;
    handover.command_line = "";
    reader(handover.structure, &handover);
    tables = sum_of_tables();
    initrd = sum_of(handover.initrd);
    cpus = (unsigned)option(&handover, "cpus", 1);
    if (cpus < 1 || cpus > CPUS_MOST)
        fail("handover", "more CPUs than this kernel has stacks for", CPUS_MOST, cpus);
    start(cpus);
    must_be("the initrd changed while pmm_init ran", initrd, sum_of(handover.initrd));
    all_of_it("after everything was taken and given back");
    must_be("the loader's tables changed", tables, sum_of_tables());
    must_be("the initrd changed", initrd, sum_of(handover.initrd));
    if (memory.later.length) {
        give_later(&memory);
        note_start(&memory);
        if (memory.at_start.total.free != memory.at_start.total.managed)
            fail("later", "not all is free after it was given back", memory.at_start.total.managed,
                 memory.at_start.total.free);
        all_of_it("after what was later was taken and given back");
    }
    machine_start_others(cpus);
    stress(&memory, cpus, option(&handover, "inside", 1000));
    give_everything(&memory, false);
    everything_given_back(&memory, "after the stress");
    must_be("the loader's tables changed under stress", tables, sum_of_tables());
    say("\nPASS\n");
    machine_exit(true);
}
