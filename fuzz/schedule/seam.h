/*
 * The atomics header's seam (PMM_ATOMIC_SEAM): the functions of core/pmm_atomic.h, with the same memory orders, as
 * steps of the simulation. Macros, because each use has to know where it stands. For builds with sanitizers; what
 * ships is tested through tsan_seam.c.
 */
#ifndef FUZZ_SEAM_H
#define FUZZ_SEAM_H

#include "seam_cpu.h"
#include "sim.h"

#undef PMM_CPU_IS_KNOWN
#define PMM_CPU_IS_KNOWN 1

#ifdef __FILE_NAME__ /* without folders: the same wherever the tree lies */
#define SEAM_FILE __FILE_NAME__
#else
#define SEAM_FILE __FILE__
#endif

/* A number made of file name and line, by the compiler: loops are not constant expressions. */
#define SEAM_CHARACTER(i) ((uint32_t)(unsigned char)SEAM_FILE[(i) < sizeof SEAM_FILE ? (i) : 0])
#define SEAM_FOUR(i)                                                                                                 \
    (SEAM_CHARACTER(i) | SEAM_CHARACTER((i) + 1) << 8 | SEAM_CHARACTER((i) + 2) << 16 | SEAM_CHARACTER((i) + 3) << 24)
#define SEAM_ID                                                                                                      \
    ((SEAM_FOUR(0u) * 0x9e3779b1u ^ SEAM_FOUR(4u) * 0x85ebca77u ^ SEAM_FOUR(8u) * 0xc2b2ae3du ^                      \
      SEAM_FOUR(12u) * 0x27d4eb2fu) +                                                                                \
     (uint32_t)__LINE__ * 0x165667b1u)

#define SIM_SITE                                                                                                     \
    (__extension__({                                                                                                 \
        static const struct sim_site seam_site = {SEAM_FILE, __func__, __LINE__, SEAM_ID};                           \
        &seam_site;                                                                                                  \
    }))

#define pmm_load(at)            sim_load(&(at)->value, SIM_SEQ_CST, SIM_SITE)
#define pmm_store(at, new)      sim_store(&(at)->value, new, SIM_RELEASE, SIM_SITE)
#define pmm_fetch_and(at, mask) sim_fetch(&(at)->value, mask, SIM_AND, SIM_SEQ_CST, SIM_SITE)
#define pmm_fetch_or(at, mask)  sim_fetch(&(at)->value, mask, SIM_OR, SIM_SEQ_CST, SIM_SITE)
#define pmm_fetch_add(at, more) sim_fetch(&(at)->value, more, SIM_ADD, SIM_SEQ_CST, SIM_SITE)
#define pmm_local_add(at, more) sim_local_add(&(at)->value, more, SIM_SITE)
#define pmm_compare_swap(at, expected, desired)                                                                      \
    sim_compare_swap(&(at)->value, expected, desired, false, SIM_SEQ_CST, SIM_SEQ_CST, SIM_SITE)

#endif
