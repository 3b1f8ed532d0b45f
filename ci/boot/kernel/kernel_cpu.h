/*
 * PMM_THIS_CPU, as a kernel tells it: forced on the compiler with -include for each file of core/. The number comes from
 * what only this CPU has and what an interrupt does not change: the base of %gs, tpidr_el1, tp.
 */
#ifndef BOOT_KERNEL_CPU_H
#define BOOT_KERNEL_CPU_H

static inline unsigned kernel_this_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    unsigned cpu;

    __asm__ __volatile__("movl %%gs:0, %0" : "=r"(cpu));
    return cpu;
#elif defined(__aarch64__)
    unsigned long cpu;

    __asm__ __volatile__("mrs %0, tpidr_el1" : "=r"(cpu));
    return (unsigned)cpu;
#else
    unsigned long cpu;

    __asm__ __volatile__("mv %0, tp" : "=r"(cpu));
    return (unsigned)cpu;
#endif
}

#ifdef BOOT_CPU_STUCK /* a planted fault: every CPU takes itself for the first */
#define PMM_THIS_CPU 0u
#else
#define PMM_THIS_CPU kernel_this_cpu()
#endif

#endif
