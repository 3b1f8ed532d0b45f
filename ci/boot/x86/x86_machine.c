/*
 * x86-64 and i686: serial line, end of the machine, local APIC, NMIs, the start of other CPUs. What every PC since the
 * Pentium has; nothing is probed.
 */
#include "../kernel/machine.h"

#include "../kernel/console.h"
#include "../kernel/kernel_cpu.h"
#include "../kernel/kernel_main.h"

enum {
    SERIAL = 0x3f8,
    SERIAL_STATUS = 5,
    SERIAL_READY = 0x20,
    DEBUG_EXIT = 0xf4, /* isa-debug-exit: the status is 2 * value + 1 */
    PASSED = 0x10,
    FAILED = 0x11,
};

enum { VECTOR_NMI = 2, VECTOR_TIMER = 32, VECTOR_SPURIOUS = 47, VECTORS = 48, STUB_BYTES = 16 };

enum { /* registers of the local APIC */
       APIC_END_OF_INTERRUPT = 0x0b0,
       APIC_SPURIOUS = 0x0f0,
       APIC_COMMAND = 0x300,
       APIC_TIMER = 0x320,
       APIC_TIMER_START = 0x380,
       APIC_TIMER_NOW = 0x390,
       APIC_TIMER_DIVISOR = 0x3e0,
};

enum { /* commands to all CPUs but this one */
       OTHERS_INIT = 0xc4500,
       OTHERS_START = 0xc4600, /* at a page below 1 MiB, whose number is added */
       OTHERS_NMI = 0xc4400,
};

enum { TRAMPOLINE_PAGE = 8, FIRST_CPU_SEGMENT = 4, GDT_ENTRIES = 16 };

#define APIC UINT64_C(0xfee00000)

struct gate {
    uint16_t low, segment, flags, middle;
#ifdef __x86_64__
    uint32_t high, reserved;
#endif
};

struct __attribute__((packed)) table {
    uint16_t limit;
    uintptr_t base;
};

char x86_stacks[CPUS_MOST][CPU_STACK] __attribute__((aligned(4096)));
uint32_t x86_next_cpu = 1;

/* Code of 32 bits, data, code of 64 bits; then one data segment for each CPU, whose base is its number's address. */
uint64_t x86_gdt[GDT_ENTRIES] = {0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00af9a000000ffff};

static struct gate idt[VECTORS];
static uint32_t numbers[CPUS_MOST];
static uint32_t arrived = 1;

extern const char x86_trap_stubs[], x86_trampoline_begin[], x86_trampoline_end[];

void x86_trap(uintptr_t vector, uintptr_t at);
_Noreturn void x86_main(unsigned loader, uintptr_t structure);
_Noreturn void x86_other_main(unsigned cpu);

static void write_port(uint16_t port, uint8_t value)
{
    __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t read_port(uint16_t port)
{
    uint8_t value;

    __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static volatile uint32_t *apic(unsigned at)
{
    return (volatile uint32_t *)(uintptr_t)(APIC + at);
}

void machine_put(char c)
{
    while (!(read_port(SERIAL + SERIAL_STATUS) & SERIAL_READY))
        ;
    write_port(SERIAL, (uint8_t)c);
}

void machine_exit(bool passed)
{
    write_port(DEBUG_EXIT, passed ? PASSED : FAILED);
    for (;;)
        __asm__ __volatile__("cli; hlt");
}

void machine_relax(void)
{
    __asm__ __volatile__("pause" ::: "memory");
}

uint64_t machine_reach(void)
{
    return sizeof(void *) == 8 ? UINT64_C(8) << 40 : UINT64_C(1) << 32;
}

uint64_t machine_trampoline(uint64_t *length)
{
    *length = 4096;
    return TRAMPOLINE_PAGE * 4096;
}

/* ---- interrupts ---- */

/* At an ever other distance, so that it strikes anywhere: 4 to 36 microseconds from now. */
static void arm_timer(void)
{
    static uint32_t random = 1;

    random = random * 1664525 + 1013904223; /* of all CPUs: a race here only makes it more random */
    *apic(APIC_TIMER_START) = 4000 + (random >> 17);
}

void x86_trap(uintptr_t vector, uintptr_t at)
{
    switch (vector) {
    case VECTOR_NMI:
        cpu_struck(kernel_this_cpu(), STRIKE_OTHER, at);
        break;
    case VECTOR_TIMER:
        *apic(APIC_END_OF_INTERRUPT) = 0;
        cpu_struck(kernel_this_cpu(), STRIKE_TIMER, at);
        arm_timer();
        break;
    case VECTOR_SPURIOUS:
        break;
    default:
        fail("trap", "an exception of this number, at", vector, at);
    }
}

void machine_timer_on(void)
{
    *apic(APIC_TIMER) = VECTOR_TIMER;
    arm_timer();
    __asm__ __volatile__("sti");
}

void machine_timer_off(void)
{
    __asm__ __volatile__("cli");
    *apic(APIC_TIMER_START) = 0;
}

void machine_strike_others(void)
{
    *apic(APIC_COMMAND) = OTHERS_NMI;
}

bool machine_strikes_itself(void)
{
    return false; /* it would strike at the write to the APIC, never inside a call */
}

/* ---- the start of a CPU ---- */

static void fill_gates(void)
{
    for (unsigned i = 0; i < VECTORS; i++) {
        const uintptr_t stub = (uintptr_t)x86_trap_stubs + i * STUB_BYTES;

        idt[i].low = (uint16_t)stub;
        idt[i].segment = sizeof(void *) == 8 ? 0x18 : 0x08;
        idt[i].flags = 0x8e00; /* an interrupt gate: further interrupts are off */
        idt[i].middle = (uint16_t)(stub >> 16);
    }
}

/* %gs:0 is this CPU's number from here on, in handlers too: nothing ever changes it. */
static void begin_cpu(unsigned cpu)
{
    const struct table table = {sizeof(idt) - 1, (uintptr_t)idt};
    const uintptr_t base = (uintptr_t)&numbers[cpu];

    numbers[cpu] = cpu;
#ifdef __x86_64__
    __asm__ __volatile__("wrmsr" : : "c"(0xc0000101), "a"((uint32_t)base), "d"((uint32_t)(base >> 32)));
#else
    x86_gdt[FIRST_CPU_SEGMENT + cpu] =
        UINT64_C(0x00cf92000000ffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)(base >> 24) << 56;
    __asm__ __volatile__("movw %w0, %%gs" : : "r"((FIRST_CPU_SEGMENT + cpu) * 8));
#endif
    __asm__ __volatile__("lidt %0" : : "m"(table));
    *apic(APIC_SPURIOUS) = 0x100 | VECTOR_SPURIOUS;
    *apic(APIC_TIMER_DIVISOR) = 0xb; /* by one */
}

static void wait_microseconds(uint32_t microseconds)
{
    const uint32_t start = microseconds * 1000; /* QEMU and KVM: one tick a nanosecond */

    *apic(APIC_TIMER) = VECTOR_TIMER | 1 << 16; /* masked */
    *apic(APIC_TIMER_START) = start;
    while (*apic(APIC_TIMER_NOW) != 0)
        machine_relax();
}

void machine_start_others(unsigned cpus)
{
    char *page = (char *)(uintptr_t)(TRAMPOLINE_PAGE * 4096);

    for (const char *from = x86_trampoline_begin; from < x86_trampoline_end;)
        *page++ = *from++;
    if (cpus == 1)
        return;
    *apic(APIC_COMMAND) = OTHERS_INIT;
    wait_microseconds(10000);
    *apic(APIC_COMMAND) = OTHERS_START | TRAMPOLINE_PAGE;
    wait_microseconds(200);
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < cpus)
        machine_relax();
}

void x86_other_main(unsigned cpu)
{
    begin_cpu(cpu);
    __atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
    cpu_main(cpu);
    for (;;)
        machine_relax();
}

void x86_main(unsigned loader, uintptr_t structure)
{
    static read_handover *const readers[] = {read_multiboot1, read_multiboot2, read_pvh};

    write_port(0x21, 0xff); /* the two old interrupt controllers: silent */
    write_port(0xa1, 0xff);
    fill_gates();
    begin_cpu(0);
    kernel_main(readers[loader], structure);
}
