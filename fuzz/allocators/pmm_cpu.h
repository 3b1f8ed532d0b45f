/*
 * Force-included where the suite compiles core/: the CPU that makes a call is a variable, unless somebody else says. On
 * real threads each has its own.
 */
#ifndef FUZZ_PMM_CPU_H
#define FUZZ_PMM_CPU_H

#ifdef PMM_REAL_THREADS
extern _Thread_local unsigned pmm_harness_cpu;
#else
extern unsigned pmm_harness_cpu;
#endif

#ifndef PMM_THIS_CPU /* fuzz/schedule/seam_cpu.h: the simulated one */
#define PMM_THIS_CPU         pmm_harness_cpu
#define PMM_HARNESS_SAYS_CPU 1
#else
#define PMM_HARNESS_SAYS_CPU 0
#endif

#endif
