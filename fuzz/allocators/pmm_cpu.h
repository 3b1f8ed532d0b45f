/* Force-included where the suite compiles core/: the CPU that makes a call is a variable, unless somebody else says. */
#ifndef FUZZ_PMM_CPU_H
#define FUZZ_PMM_CPU_H

extern unsigned pmm_harness_cpu;

#ifndef PMM_THIS_CPU /* fuzz/schedule/seam_cpu.h: the simulated one */
#define PMM_THIS_CPU pmm_harness_cpu
#endif

#endif
