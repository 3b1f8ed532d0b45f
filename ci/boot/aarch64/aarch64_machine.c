/*
 * aarch64, QEMU's -M virt: PL011, GICv2, the virtual timer, PSCI, the end by semihosting. The addresses are those of that
 * machine, where a kernel for others would ask the device tree. It has no NMI: ordinary interrupts strike in its place.
 */
#include "../kernel/machine.h"

#include "../kernel/console.h"
#include "../kernel/kernel_cpu.h"
#include "../kernel/kernel_main.h"

enum { SERIAL = 0x09000000, DISTRIBUTOR = 0x08000000, CPU_INTERFACE = 0x08010000 };

enum { /* registers of the GIC, in bytes */
       GICD_ENABLE = 0x000,
       GICD_SET_ENABLE = 0x100,
       GICD_STRIKE = 0xf00,
       GICC_ENABLE = 0x000,
       GICC_PRIORITY = 0x004,
       GICC_ACKNOWLEDGE = 0x00c,
       GICC_END = 0x010,
};

enum { INTERRUPT_STRIKE = 1, INTERRUPT_TIMER = 27, INTERRUPT_NONE = 1020, VECTOR_INTERRUPT = 5 };
enum { STRIKE_ALL_BUT_THIS = 1 << 24, EXIT_PASSED = 33, EXIT_FAILED = 35 };

char aarch64_stacks[CPUS_MOST][CPU_STACK] __attribute__((aligned(4096)));

static uint32_t arrived = 1;

_Noreturn void aarch64_main(uintptr_t tree);
_Noreturn void aarch64_other_main(unsigned cpu);
void aarch64_trap(uintptr_t vector, uintptr_t at);
void aarch64_other_enter(void);

static volatile uint32_t *reg(uintptr_t base, unsigned at)
{
    return (volatile uint32_t *)(base + at);
}

void machine_put(char c)
{
    *reg(SERIAL, 0) = (uint8_t)c;
}

void machine_exit(bool passed)
{
    const uint64_t reason[] = {0x20026, passed ? EXIT_PASSED : EXIT_FAILED}; /* ADP_Stopped_ApplicationExit */
    register uint64_t operation __asm__("x0") = 0x18;                        /* SYS_EXIT */
    register const uint64_t *block __asm__("x1") = reason;

    __asm__ __volatile__("hlt #0xf000" : : "r"(operation), "r"(block) : "memory");
    for (;;)
        machine_relax();
}

void machine_relax(void)
{
    __asm__ __volatile__("yield" ::: "memory");
}

uint64_t machine_reach(void)
{
    return UINT64_C(512) << 30;
}

uint64_t machine_trampoline(uint64_t *length)
{
    *length = 0; /* other CPUs start in the image */
    return 0;
}

/* ---- interrupts ---- */

/* At an ever other distance: 2 to 67 microseconds, in ticks of 16 nanoseconds. */
static void arm_timer(void)
{
    static uint32_t random = 1;

    random = random * 1664525 + 1013904223;
    __asm__ __volatile__("msr cntv_tval_el0, %0; msr cntv_ctl_el0, %1"
                         :
                         : "r"(128 + (uint64_t)(random >> 20)), "r"(1ul));
}

void aarch64_trap(uintptr_t vector, uintptr_t at)
{
    const uint32_t number = vector == VECTOR_INTERRUPT ? *reg(CPU_INTERFACE, GICC_ACKNOWLEDGE) : INTERRUPT_NONE;

    if (vector != VECTOR_INTERRUPT)
        fail("trap", "an exception of this kind, at", vector, at);
    if ((number & 1023) >= INTERRUPT_NONE)
        return;
    cpu_struck(kernel_this_cpu(), number == INTERRUPT_TIMER ? STRIKE_TIMER : STRIKE_OTHER, at);
    if (number == INTERRUPT_TIMER)
        arm_timer();
    *reg(CPU_INTERFACE, GICC_END) = number;
}

void machine_timer_on(void)
{
    *reg(DISTRIBUTOR, GICD_ENABLE) = 1;
    *reg(DISTRIBUTOR, GICD_SET_ENABLE) = 1u << INTERRUPT_TIMER | 1u << INTERRUPT_STRIKE;
    *reg(CPU_INTERFACE, GICC_PRIORITY) = 0xff;
    *reg(CPU_INTERFACE, GICC_ENABLE) = 1;
    arm_timer();
    __asm__ __volatile__("msr daifclr, #2" ::: "memory");
}

void machine_timer_off(void)
{
    __asm__ __volatile__("msr daifset, #2" ::: "memory");
    __asm__ __volatile__("msr cntv_ctl_el0, %0" : : "r"(0ul));
}

void machine_strike_others(void)
{
    *reg(DISTRIBUTOR, GICD_STRIKE) = STRIKE_ALL_BUT_THIS | INTERRUPT_STRIKE;
}

bool machine_strikes_itself(void)
{
    return false;
}

/* ---- the start of CPUs ---- */

void machine_start_others(unsigned cpus)
{
    for (unsigned cpu = 1; cpu < cpus; cpu++) {
        register uint64_t result __asm__("x0") = 0xc4000003; /* PSCI: CPU_ON */
        register uint64_t target __asm__("x1") = cpu;        /* -M virt numbers them so in MPIDR, up to 8 */
        register uint64_t entry __asm__("x2") = (uintptr_t)aarch64_other_enter;
        register uint64_t context __asm__("x3") = cpu;

        __asm__ __volatile__("hvc #0" : "+r"(result), "+r"(target), "+r"(entry), "+r"(context) : : "memory");
        if (result)
            fail("start", "PSCI does not start a CPU", 0, result);
    }
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < cpus)
        machine_relax();
}

void aarch64_other_main(unsigned cpu)
{
    __atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
    cpu_main(cpu);
    for (;;)
        machine_relax();
}

void aarch64_main(uintptr_t tree)
{
    kernel_main(read_device_tree, tree);
}
