/*
 * What a machine gives the shared part of the example kernel; one set of files for each, in ci/boot/x86 and so on.
 * CPUs have dense numbers, in the order in which they arrived: not APIC numbers, not hart ids.
 */
#ifndef BOOT_MACHINE_H
#define BOOT_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum { CPUS_MOST = 8, CPU_STACK = 16384 };

void machine_put(char c);                 /* a character on the serial line */
_Noreturn void machine_exit(bool passed); /* ends the virtual machine: with 33 when passed */

/* Starts all other CPUs. Each calls cpu_arrived once and then stays in cpu_main. Returns when all have arrived. */
void machine_start_others(unsigned cpus);

void machine_timer_on(void);       /* on this CPU: the timer strikes from now on, again and again */
void machine_timer_off(void);      /* on this CPU; returns when no interrupt can come any more */
void machine_strike_others(void);  /* an NMI to all others where the machine has one, else an ordinary interrupt */
bool machine_strikes_itself(void); /* whether it strikes the sender when there is no other CPU */
void machine_relax(void);          /* in a loop that waits */

/* Memory that the machine's own code needs beside the image: where other CPUs start. Length 0: none. */
uint64_t machine_trampoline(uint64_t *length);

/* Physical addresses that this kernel can write to end here. */
uint64_t machine_reach(void);

/* ---- called by the machine ---- */

void cpu_main(unsigned cpu); /* of every other CPU; returns never */

enum strike { STRIKE_TIMER, STRIKE_OTHER, STRIKES };

/* An interrupt of this CPU at the instruction `at`. */
void cpu_struck(unsigned cpu, enum strike strike, uintptr_t at);

#endif
