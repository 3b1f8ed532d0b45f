/* The section of FORMAT.md on concurrent programs. */
#include "ops_tool.h"

static const char *const text[] = {
    "",
    "## Concurrent programs",
    "",
    "A line `schedule` in the header makes a program concurrent: several CPUs run at once, one atomic operation of "
    "the",
    "allocator at a time, and the schedule says whose. `build/replay-smp` runs it; `make replay` finds that out "
    "itself.",
    "",
    "```",
    "ops 1",
    "cpus 2",
    "map 0x100000000 0x4000 usable    # four frames",
    "schedule random 0x1234           # or explicit, sticky, pct; then: weak, interrupts, solo, buffers",
    "fill 0 2                         # before the first `cpu` line: the set-up, run alone by CPU 0",
    "alloc s0",
    "cpu 0                            # from here on: what CPU 0 does",
    "free s0",
    "cpu 1                            # slots are shared: this is a second free of the same frame, at the same time",
    "free s0",
    "handler 0                        # from here on: what an interrupt does, on whichever CPU it strikes",
    "alloc s1",
    "at 0.0.5 switch 1 hold 3         # before step 5 of operation 0 of CPU 0: CPU 1 for 3 steps, then back",
    "at 1.0.2 interrupt 0             # handler 0 on this CPU, now; handler 1 may interrupt handler 0",
    "at 1.0.4 stale 1                 # this load returns the value one store back, if memory order allows it",
    "at 1.0.6 fail                    # this weak compare-and-swap fails",
    "at 1.0.8 buffer hold 5           # other CPUs see this store 5 steps of this CPU later; without hold: when they "
    "must",
    "at 1.0.9 solo                    # all other CPUs stand still until this call has ended",
    "```",
    "",
    "| strategy | who runs where no `at` speaks |",
    "|---|---|",
    "| `explicit` | the same CPU until its list is done, then the lowest that is not |",
    "| `random` | before each step any CPU, all alike |",
    "| `sticky` | before each step another CPU with odds of 1 in 8 |",
    "| `pct` | the CPU of highest random priority; priorities drop at a few random steps |",
    "",
    "`weak` lets the strategy make loads stale, `interrupts` lets it run handlers, `solo` lets it freeze the others,",
    "`buffers` (with `weak`) lets it keep stores from the other CPUs for a while.",
    "On CPUs and in handlers `alloc`, `alloc-large`, `free`, `release`, `free-as`, `free-inside`, `query`, `stats`,",
    "`fill` and `free-every` (at most 4 frames each) act, others do nothing. An allocation into a slot that holds a "
    "frame",
    "does nothing; a free of a slot that another call has begun to free is a double free. `hold-later` acts in the "
    "set-up.",
    "",
    NULL,
};

static const char *const layout[] = {
    "",
    "**Bytes**: bits 2-4 of the header byte are all set. After the header: a byte (bits 0-1 the strategy, bits 2-4",
    "`weak`, `interrupts`, `solo`, bit 5 a long seed, bit 6 `buffers`, bit 7: something stands beside the map), the "
    "seed (4 or 8 bytes), the number of `at` "
    "lines modulo 193. "
    "They",
    "are the last bytes of all, 6 each: bits 0-1 CPU, 2-4 operation; bits 0-2 action modulo 6, 3-7 argument; step; "
    "hold.",
    "Step and hold take 2 bytes: bits 12-15 below 8: bits 0-11 shifted right by them; else bits 0-5.",
    NULL,
};

void print_concurrent(FILE *out)
{
    print_lines(out, text);
    fprintf(out, "At most %d operations in the set-up and a CPU's list, %d in a handler's, %d `at` lines.\n",
            LIST_OPERATIONS, LIST_INTERRUPT, SCHEDULE_OVERRIDES);
    print_lines(out, layout);
}
