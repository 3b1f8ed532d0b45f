/* Force-included where the suite compiles core/ for simulated CPUs: the CPU that makes a call. */
#ifndef FUZZ_SEAM_CPU_H
#define FUZZ_SEAM_CPU_H

unsigned sim_cpu(void);

#undef PMM_THIS_CPU
#define PMM_THIS_CPU sim_cpu()

#endif
