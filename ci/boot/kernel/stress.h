/*
 * All CPUs in threads, timer interrupts and NMIs, with some forty free frames for all of them. Fails when a frame has two
 * owners; counts the interrupts that struck inside core/.
 */
#ifndef BOOT_STRESS_H
#define BOOT_STRESS_H

#include "memory.h"

/* Everything is free before and after. Runs until `inside` interrupts have struck inside a call. */
void stress(const struct memory *memory, unsigned cpus, uint64_t inside);

#endif
