/* A lock that is held for a few instructions, as kernels have it: no sleeping. Zero: open. */
#ifndef FUZZ_ALLOCATORS_NAIVE_LOCK_H
#define FUZZ_ALLOCATORS_NAIVE_LOCK_H

typedef int naive_lock;

static inline void lock(naive_lock *held)
{
    while (__atomic_exchange_n(held, 1, __ATOMIC_ACQUIRE))
        while (__atomic_load_n(held, __ATOMIC_RELAXED)) {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        }
}

static inline void unlock(naive_lock *held)
{
    __atomic_store_n(held, 0, __ATOMIC_RELEASE);
}

#endif
