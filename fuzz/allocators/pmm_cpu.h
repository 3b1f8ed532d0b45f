/* Force-included where the suite compiles core/: the simulated CPU that makes a call is a variable. */
#ifndef FUZZ_PMM_CPU_H
#define FUZZ_PMM_CPU_H

extern unsigned pmm_harness_cpu;
#define PMM_THIS_CPU pmm_harness_cpu

#endif
