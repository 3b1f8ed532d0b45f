/*
 * riscv64, QEMU's -M virt under OpenSBI: the calls of the SBI for timer, interrupts between harts and their start; the
 * serial line and the device that ends the machine by their addresses there. It has no NMI in supervisor mode: ordinary
 * interrupts strike in its place.
 */
#include "../kernel/machine.h"

#include "../kernel/console.h"
#include "../kernel/kernel_cpu.h"
#include "../kernel/kernel_main.h"

enum { SERIAL = 0x10000000, TEST_DEVICE = 0x100000 };
enum { EXIT_PASSED = 33, EXIT_FAILED = 35, TEST_FAIL = 0x3333 }; /* the one way to choose a status */
enum { SBI_TIME = 0x54494d45, SBI_IPI = 0x735049, SBI_HSM = 0x48534d };
enum { SOFTWARE = 1, TIMER = 5 }; /* of scause, bits of sie */

#define INTERRUPT (UINT64_C(1) << 63)
#define NEVER     UINT64_MAX

char riscv64_stacks[CPUS_MOST][CPU_STACK] __attribute__((aligned(4096)));

static uint64_t harts[CPUS_MOST]; /* the id of each CPU, of the first one known from its entry */
static uint32_t arrived = 1;

_Noreturn void riscv64_main(uintptr_t hart, uintptr_t tree);
_Noreturn void riscv64_other_main(unsigned cpu);
void riscv64_trap(uint64_t cause, uintptr_t at);
void riscv64_other_enter(void);

static uint64_t sbi(uint64_t extension, uint64_t function, uint64_t first, uint64_t second, uint64_t third)
{
    register uint64_t a0 __asm__("a0") = first;
    register uint64_t a1 __asm__("a1") = second;
    register uint64_t a2 __asm__("a2") = third;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;

    __asm__ __volatile__("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return a0;
}

void machine_put(char c)
{
    *(volatile uint8_t *)SERIAL = (uint8_t)c;
}

void machine_exit(bool passed)
{
    *(volatile uint32_t *)TEST_DEVICE = (uint32_t)(TEST_FAIL | (passed ? EXIT_PASSED : EXIT_FAILED) << 16);
    for (;;)
        machine_relax();
}

void machine_relax(void)
{
    __asm__ __volatile__("nop" ::: "memory");
}

uint64_t machine_reach(void)
{
    return UINT64_C(1) << 55; /* no paging */
}

uint64_t machine_trampoline(uint64_t *length)
{
    *length = 0; /* other CPUs start in the image */
    return 0;
}

/* ---- interrupts ---- */

/* At an ever other distance: 20 to 120 microseconds, in ticks of 100 nanoseconds; OpenSBI takes part of them. */
static void arm_timer(void)
{
    static uint32_t random = 1;
    uint64_t now;

    random = random * 1664525 + 1013904223;
    __asm__ __volatile__("rdtime %0" : "=r"(now));
    sbi(SBI_TIME, 0, now + 200 + (random >> 22), 0, 0);
}

void riscv64_trap(uint64_t cause, uintptr_t at)
{
    if (cause == (INTERRUPT | SOFTWARE)) {
        __asm__ __volatile__("csrci sip, 2");
        cpu_struck(kernel_this_cpu(), STRIKE_OTHER, at);
    } else if (cause == (INTERRUPT | TIMER)) {
        cpu_struck(kernel_this_cpu(), STRIKE_TIMER, at);
        arm_timer();
    } else {
        fail("trap", "an exception of this cause, at", cause, at);
    }
}

void machine_timer_on(void)
{
    arm_timer();
    __asm__ __volatile__("csrs sie, %0; csrsi sstatus, 2" : : "r"(1ul << TIMER | 1ul << SOFTWARE) : "memory");
}

void machine_timer_off(void)
{
    __asm__ __volatile__("csrci sstatus, 2" ::: "memory");
    sbi(SBI_TIME, 0, NEVER, 0, 0);
}

void machine_strike_others(void)
{
    const uint32_t count = __atomic_load_n(&arrived, __ATOMIC_ACQUIRE);
    uint64_t mask = 0;

    for (uint32_t cpu = 0; cpu < count; cpu++)
        if (cpu != kernel_this_cpu())
            mask |= UINT64_C(1) << harts[cpu];
    sbi(SBI_IPI, 0, mask, 0, 0);
}

bool machine_strikes_itself(void)
{
    return false;
}

/* ---- the start of CPUs ---- */

void machine_start_others(unsigned cpus)
{
    uint64_t hart = 0;

    for (unsigned cpu = 1; cpu < cpus; cpu++, hart++) {
        if (hart == harts[0])
            hart++;
        harts[cpu] = hart;
        if (sbi(SBI_HSM, 0, hart, (uintptr_t)riscv64_other_enter, cpu))
            fail("start", "the SBI does not start a hart", 0, hart);
    }
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < cpus)
        machine_relax();
}

void riscv64_other_main(unsigned cpu)
{
    __atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
    cpu_main(cpu);
    for (;;)
        machine_relax();
}

void riscv64_main(uintptr_t hart, uintptr_t tree)
{
    harts[0] = hart;
    kernel_main(read_device_tree, tree);
}
