/*
 * Force-included where core/ is compiled for the benchmarks: what a kernel defines for it. The number of the CPU is a
 * variable relative to a segment register, one load, as a kernel's per-CPU variable is; each thread is pinned to a CPU.
 */
#ifndef BENCH_THIS_CPU_H
#define BENCH_THIS_CPU_H

extern __thread unsigned bench_this_cpu __attribute__((tls_model("local-exec")));

#define PMM_THIS_CPU bench_this_cpu

#endif
