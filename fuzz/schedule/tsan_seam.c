/*
 * The other seam: code compiled with -fsanitize=thread calls these functions at each of its memory accesses, and here
 * they are the simulation's instead of the sanitizer's. So what is tested is the production source, unchanged, with
 * the memory orders that it wrote. Plain accesses are checked for races within the region of the work; they are steps
 * only where tsan_seam_plain_steps is set. Leaves out 16-byte atomics, and that a compare-and-swap was weak, which
 * clang does not tell. Not for programs that link the sanitizer itself.
 */
#include "tsan_seam.h"
#include "sim.h"
#include "sim_site.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#if !defined(HAS_SANITIZER) && !defined(__SANITIZE_THREAD__) && !defined(FIBER_TSAN)

#include <string.h>

bool tsan_seam_plain_steps;

#define SITE sim_site_at(__builtin_return_address(0))

/* The compilers number memory orders from 0 as relaxed, consume, acquire, release, acq_rel, seq_cst. */
static enum sim_order order_of(int order)
{
    static const enum sim_order orders[] = {SIM_RELAXED, SIM_ACQUIRE, SIM_ACQUIRE,
                                            SIM_RELEASE, SIM_ACQ_REL, SIM_SEQ_CST};

    return orders[order >= 0 && order <= 5 ? order : 5];
}

/* ---- atomic operations, for each size ---- */

static uint64_t fetch_nand(void *at, unsigned bytes, uint64_t operand, enum sim_order order,
                           const struct sim_site *site)
{
    uint64_t value = sim_load_sized(at, bytes, SIM_RELAXED, site);

    while (!sim_compare_swap_sized(at, bytes, &value, ~(value & operand), true, order, SIM_RELAXED, site))
        ;
    return value;
}

#define FETCH(bits, name, operand, kind)                                                                             \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile void *at, uint##bits##_t value, int order)                  \
    {                                                                                                                \
        return (uint##bits##_t)sim_fetch_sized((void *)(uintptr_t)at, bits / 8, operand, kind, order_of(order),      \
                                               SITE);                                                                \
    }

#define SWAP(bits, name, is_weak)                                                                                    \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile void *at, void *expected, uint##bits##_t desired,     \
                                                      int order, int failure)                                        \
    {                                                                                                                \
        uint##bits##_t narrow;                                                                                       \
        uint64_t found;                                                                                              \
        bool swapped;                                                                                                \
        memcpy(&narrow, expected, sizeof narrow);                                                                    \
        found = narrow;                                                                                              \
        swapped = sim_compare_swap_sized((void *)(uintptr_t)at, bits / 8, &found, desired, is_weak, order_of(order), \
                                         order_of(failure), SITE);                                                   \
        narrow = (uint##bits##_t)found;                                                                              \
        memcpy(expected, &narrow, sizeof narrow);                                                                    \
        return swapped;                                                                                              \
    }

#define ATOMICS(bits)                                                                                                \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile void *at, int order)                                    \
    {                                                                                                                \
        return (uint##bits##_t)sim_load_sized((const void *)(uintptr_t)at, bits / 8, order_of(order), SITE);         \
    }                                                                                                                \
    void __tsan_atomic##bits##_store(volatile void *at, uint##bits##_t value, int order)                             \
    {                                                                                                                \
        sim_store_sized((void *)(uintptr_t)at, bits / 8, value, order_of(order), SITE);                              \
    }                                                                                                                \
    FETCH(bits, exchange, value, SIM_EXCHANGE)                                                                       \
    FETCH(bits, fetch_add, value, SIM_ADD)                                                                           \
    FETCH(bits, fetch_sub, 0 - (uint64_t)value, SIM_ADD)                                                             \
    FETCH(bits, fetch_and, value, SIM_AND)                                                                           \
    FETCH(bits, fetch_or, value, SIM_OR)                                                                             \
    FETCH(bits, fetch_xor, value, SIM_XOR)                                                                           \
    uint##bits##_t __tsan_atomic##bits##_fetch_nand(volatile void *at, uint##bits##_t value, int order)              \
    {                                                                                                                \
        return (uint##bits##_t)fetch_nand((void *)(uintptr_t)at, bits / 8, value, order_of(order), SITE);            \
    }                                                                                                                \
    SWAP(bits, strong, false)                                                                                        \
    SWAP(bits, weak, true)                                                                                           \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile void *at, uint##bits##_t expected,            \
                                                              uint##bits##_t desired, int order, int failure)        \
    {                                                                                                                \
        uint64_t found = expected;                                                                                   \
        sim_compare_swap_sized((void *)(uintptr_t)at, bits / 8, &found, desired, false, order_of(order),             \
                               order_of(failure), SITE);                                                             \
        return (uint##bits##_t)found;                                                                                \
    }

ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)

void __tsan_atomic_thread_fence(int order)
{
    sim_fence(order_of(order), SITE);
}

void __tsan_atomic_signal_fence(int order)
{
    (void)order; /* one thread: the compiler has kept the order already */
}

/* ---- plain accesses ---- */

static void plain(const void *at, bool write, const void *address)
{
    if (!sim_plain_matters(at))
        return;
    if (tsan_seam_plain_steps)
        sim_fence(SIM_RELAXED, sim_site_at(address)); /* nothing but a step */
    sim_plain(at, write, sim_site_at(address));
}

#define PLAIN(name, write)                                                                                           \
    void __tsan_##name(void *at)                                                                                     \
    {                                                                                                                \
        plain(at, write, __builtin_return_address(0));                                                               \
    }

#define PLAIN_SIZE(bytes)                                                                                            \
    PLAIN(read##bytes, false)                                                                                        \
    PLAIN(write##bytes, true)                                                                                        \
    PLAIN(unaligned_read##bytes, false)                                                                              \
    PLAIN(unaligned_write##bytes, true)                                                                              \
    PLAIN(volatile_read##bytes, false)                                                                               \
    PLAIN(volatile_write##bytes, true)                                                                               \
    PLAIN(read_write##bytes, true)                                                                                   \
    PLAIN(unaligned_read_write##bytes, true)

PLAIN_SIZE(1)
PLAIN_SIZE(2)
PLAIN_SIZE(4)
PLAIN_SIZE(8)
PLAIN_SIZE(16)

/* Of copies: harness and core copy nothing shared, so only their effect. */
void *__tsan_memcpy(void *to, const void *from, size_t bytes)
{
    return memcpy(to, from, bytes);
}

void *__tsan_memmove(void *to, const void *from, size_t bytes)
{
    return memmove(to, from, bytes);
}

void *__tsan_memset(void *to, int byte, size_t bytes)
{
    return memset(to, byte, bytes);
}

void __tsan_read_range(void *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 8)
        plain((const char *)at + i, false, __builtin_return_address(0));
}

void __tsan_write_range(void *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 8)
        plain((const char *)at + i, true, __builtin_return_address(0));
}

/* ---- what else the compilers call ---- */

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}

#endif
