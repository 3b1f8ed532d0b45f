/*
 * What compilers call in code built with -fsanitize=thread, for those who link tsan_seam.c instead of the sanitizer.
 */
#ifndef FUZZ_TSAN_SEAM_H
#define FUZZ_TSAN_SEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Plain accesses to the region are steps too. Off at first: there are many. */
extern bool tsan_seam_plain_steps;

/* One size of atomics, all of them; a macro for the declarations as there is one for the definitions. */
#define TSAN_SEAM_FETCH(bits, name) uint##bits##_t __tsan_atomic##bits##_##name(volatile void *, uint##bits##_t, int);
#define TSAN_SEAM_SWAP(bits, name)                                                                                   \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile void *, void *, uint##bits##_t, int, int);
#define TSAN_SEAM_ATOMICS(bits)                                                                                      \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile void *, int);                                           \
    void __tsan_atomic##bits##_store(volatile void *, uint##bits##_t, int);                                          \
    TSAN_SEAM_FETCH(bits, exchange)                                                                                  \
    TSAN_SEAM_FETCH(bits, fetch_add)                                                                                 \
    TSAN_SEAM_FETCH(bits, fetch_sub)                                                                                 \
    TSAN_SEAM_FETCH(bits, fetch_and)                                                                                 \
    TSAN_SEAM_FETCH(bits, fetch_or)                                                                                  \
    TSAN_SEAM_FETCH(bits, fetch_xor)                                                                                 \
    TSAN_SEAM_FETCH(bits, fetch_nand)                                                                                \
    TSAN_SEAM_SWAP(bits, strong)                                                                                     \
    TSAN_SEAM_SWAP(bits, weak)                                                                                       \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile void *, uint##bits##_t, uint##bits##_t, int,  \
                                                              int);

TSAN_SEAM_ATOMICS(8)
TSAN_SEAM_ATOMICS(16)
TSAN_SEAM_ATOMICS(32)
TSAN_SEAM_ATOMICS(64)
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

#define TSAN_SEAM_PLAIN(bytes)                                                                                       \
    void __tsan_read##bytes(void *);                                                                                 \
    void __tsan_write##bytes(void *);                                                                                \
    void __tsan_unaligned_read##bytes(void *);                                                                       \
    void __tsan_unaligned_write##bytes(void *);                                                                      \
    void __tsan_volatile_read##bytes(void *);                                                                        \
    void __tsan_volatile_write##bytes(void *);                                                                       \
    void __tsan_read_write##bytes(void *);                                                                           \
    void __tsan_unaligned_read_write##bytes(void *);

TSAN_SEAM_PLAIN(1)
TSAN_SEAM_PLAIN(2)
TSAN_SEAM_PLAIN(4)
TSAN_SEAM_PLAIN(8)
TSAN_SEAM_PLAIN(16)
void __tsan_read_range(void *at, size_t bytes);
void __tsan_write_range(void *at, size_t bytes);
void *__tsan_memcpy(void *to, const void *from, size_t bytes);
void *__tsan_memmove(void *to, const void *from, size_t bytes);
void *__tsan_memset(void *to, int byte, size_t bytes);
void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);

#endif
