/*
 * What the allocator needs of the machine: 64-bit atomics, bit counting, the number of this CPU. The only
 * file that names a compiler builtin for any of them, and so the seam where a test suite takes control
 * (PMM_ATOMIC_SEAM names a header that defines the same functions).
 *
 * PMM_THIS_CPU: define it to an expression that is the number of the executing CPU, in [0, cpus), for
 * instance a per-CPU variable. It must hold still during a call: preemption off; interrupts may stay on. Left
 * undefined, every call counts as CPU 0 and the counters are locked: right on any number of CPUs, but slower.
 */
#ifndef PMM_ATOMIC_H
#define PMM_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

#ifdef PMM_THIS_CPU
#define PMM_CPU_IS_KNOWN 1
#else
#define PMM_THIS_CPU     0u
#define PMM_CPU_IS_KNOWN 0
#endif

/* Keeps what is rare out of the frame, in both senses, of what is not: registers saved, stack used. */
#define PMM_NOINLINE __attribute__((noinline))

/* A struct, so that a plain access by mistake does not compile. */
typedef struct {
    uint64_t value;
} pmm_atomic;

/* Sanitizers cannot see into the instructions below: then the compiler's own are used. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PMM_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define PMM_IS_SANITIZED 1
#endif
#endif
#if defined(__x86_64__) && !defined(PMM_IS_SANITIZED)
#define PMM_USE_X86 1
#endif

#ifdef PMM_ATOMIC_SEAM
#include PMM_ATOMIC_SEAM
#else

#if defined(__i386__)

/* Compilers call a library for 64-bit atomics on i386; the processor has one instruction for it (Pentium and
 * later). */
static inline bool pmm_compare_swap(pmm_atomic *at, uint64_t *expected, uint64_t desired)
{
    uint8_t swapped;
    /* The flag goes to a register at once: QEMU 7.2 corrupts it when an interrupt comes before a later jump. */
    __asm__ __volatile__("lock cmpxchg8b %1\n\tsete %0"
                         : "=q"(swapped), "+m"(at->value), "+A"(*expected)
                         : "b"((uint32_t)desired), "c"((uint32_t)(desired >> 32))
                         : "memory", "cc");
    return swapped;
}

static inline uint64_t pmm_load(const pmm_atomic *at)
{
    uint64_t value = 0;
    pmm_compare_swap((pmm_atomic *)(uintptr_t)at, &value, 0); /* reads: writes back what is there */
    return value;
}

static inline uint64_t pmm_fetch_and(pmm_atomic *at, uint64_t mask)
{
    uint64_t old = at->value;
    while (!pmm_compare_swap(at, &old, old & mask))
        ;
    return old;
}

static inline uint64_t pmm_fetch_or(pmm_atomic *at, uint64_t mask)
{
    uint64_t old = at->value;
    while (!pmm_compare_swap(at, &old, old | mask))
        ;
    return old;
}

static inline uint64_t pmm_fetch_add(pmm_atomic *at, uint64_t addend)
{
    uint64_t old = at->value;
    while (!pmm_compare_swap(at, &old, old + addend))
        ;
    return old;
}

static inline void pmm_store(pmm_atomic *at, uint64_t value)
{
    uint64_t old = at->value;
    while (!pmm_compare_swap(at, &old, value))
        ;
}

#else

static inline uint64_t pmm_load(const pmm_atomic *at)
{
    return __atomic_load_n(&at->value, __ATOMIC_SEQ_CST);
}

/* Release: what a CPU tells others of itself is never ahead of what it did. */
static inline void pmm_store(pmm_atomic *at, uint64_t value)
{
    __atomic_store_n(&at->value, value, __ATOMIC_RELEASE);
}

/* Clears the bits outside `mask`; returns the value before. Acquires what the freeing CPU released. */
static inline uint64_t pmm_fetch_and(pmm_atomic *at, uint64_t mask)
{
    return __atomic_fetch_and(&at->value, mask, __ATOMIC_SEQ_CST);
}

static inline uint64_t pmm_fetch_or(pmm_atomic *at, uint64_t mask)
{
    return __atomic_fetch_or(&at->value, mask, __ATOMIC_SEQ_CST);
}

static inline uint64_t pmm_fetch_add(pmm_atomic *at, uint64_t addend)
{
    return __atomic_fetch_add(&at->value, addend, __ATOMIC_SEQ_CST);
}

/* Strong. On failure *expected is what was found. */
static inline bool pmm_compare_swap(pmm_atomic *at, uint64_t *expected, uint64_t desired)
{
    return __atomic_compare_exchange_n(&at->value, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

#endif

/* Adds to a word that only this CPU writes; an interrupt on it cannot split the addition. Ordered after all
 * before. */
static inline void pmm_local_add(pmm_atomic *at, uint64_t addend)
{
#if PMM_CPU_IS_KNOWN && defined(PMM_USE_X86)
    __asm__ __volatile__("addq %1, %0" : "+m"(at->value) : "er"(addend) : "memory", "cc");
#else
    pmm_fetch_add(at, addend);
#endif
}

#endif /* PMM_ATOMIC_SEAM */

/* The line is about to be written: have it for this CPU alone at once, not first to read and then to write. */
static inline void pmm_about_to_write(const pmm_atomic *at)
{
#if defined(PMM_USE_X86)
    __asm__ __volatile__("prefetchw %0" : : "m"(at->value));
#else
    (void)at;
#endif
}

/* Has a pointer ready here, not where it is used: beside a locked instruction, after which nothing overlaps. */
static inline void pmm_have_ready(const void *pointer)
{
#if defined(PMM_USE_X86)
    __asm__ __volatile__("" : : "r"(pointer));
#else
    (void)pointer;
#endif
}

/* Fills words that nobody else can see yet, without the call to a library that a plain loop may become. */
static inline void pmm_fill(pmm_atomic *at, uint64_t value, uint64_t count)
{
#if defined(PMM_USE_X86)
    __asm__ __volatile__("rep stosq" : "+D"(at), "+c"(count) : "a"(value) : "memory");
#else
    while (count--)
        pmm_store(at++, value);
#endif
}

/* Number of the lowest set bit; `word` is not 0. */
static inline unsigned pmm_lowest_bit(uint64_t word)
{
#if defined(__riscv) && !defined(__riscv_zbb)
    /* The builtin would call a library here: a de Bruijn sequence numbers the 64 isolated bits instead. */
    static const uint8_t number[64] = {0,  1,  56, 2,  57, 49, 28, 3,  61, 58, 42, 50, 38, 29, 17, 4,
                                       62, 47, 59, 36, 45, 43, 51, 22, 53, 39, 33, 30, 24, 18, 12, 5,
                                       63, 55, 48, 27, 60, 41, 37, 16, 46, 35, 44, 21, 52, 32, 23, 11,
                                       54, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6};
    return number[((word & (0 - word)) * UINT64_C(0x03f79d71b4ca8b09)) >> 58];
#elif defined(__i386__)
    const uint32_t low = (uint32_t)word; /* one instruction a half; for both together gcc calls a library */

    return low ? (unsigned)__builtin_ctz(low) : 32 + (unsigned)__builtin_ctz((uint32_t)(word >> 32));
#else
    return (unsigned)__builtin_ctzll(word);
#endif
}

/* Number of set bits; spelled out because the builtin calls a library where there is no instruction. */
static inline unsigned pmm_count_bits(uint64_t word)
{
    word -= (word >> 1) & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + ((word >> 2) & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)((word * UINT64_C(0x0101010101010101)) >> 56);
}

#endif
