/*
 * What the sanitizers want to be told of fibers; nothing in builds without them. ASan follows stacks, and keeps
 * variables of returned functions on a second, fake one; TSan keeps a clock a fiber.
 *
 * For TSan the simulator is compiled with FIBER_TSAN but without -fsanitize=thread, the code under test with it: then
 * TSan sees the code's accesses, and of the simulator only the switches and the atomic operations (sim_step.c).
 */
#ifndef FUZZ_FIBER_SANITIZER_H
#define FUZZ_FIBER_SANITIZER_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#endif

struct fiber_sanitizer {
    void *state;  /* ASan: the fake stack; TSan: the clock */
    char **stack; /* ASan: of the caller's own stack, filled in when it is first left */
    size_t *stack_bytes;
};

#if defined(FIBER_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

enum { FIBER_SYNCHRONIZES = 0 };
#define FIBER_UNINSTRUMENTED __attribute__((no_sanitize_address))

static struct fiber_sanitizer *fiber_left; /* by the switch under way */

FIBER_UNINSTRUMENTED static inline void fiber_leaves(struct fiber_sanitizer *from, struct fiber_sanitizer *to,
                                                     char *stack, size_t bytes)
{
    (void)to;
    fiber_left = from;
    __sanitizer_start_switch_fiber(&from->state, stack, bytes);
}

FIBER_UNINSTRUMENTED static inline void fiber_arrives(struct fiber_sanitizer *self)
{
    const void *stack;
    size_t bytes;

    __sanitizer_finish_switch_fiber(self->state, &stack, &bytes);
    if (fiber_left->stack) {
        *fiber_left->stack = (char *)(size_t)stack;
        *fiber_left->stack_bytes = bytes;
    }
}

static inline void fiber_adopt(struct fiber_sanitizer *self, char **stack, size_t *bytes)
{
    self->stack = stack;
    self->stack_bytes = bytes;
}

static inline void fiber_begin(struct fiber_sanitizer *self)
{
    (void)self;
}

/* Frames that never return leave their red zones behind. */
static inline void fiber_abandon(struct fiber_sanitizer *self, char *stack, size_t bytes)
{
    (void)self;
    __asan_unpoison_memory_region(stack, bytes);
}

#else

#define FIBER_UNINSTRUMENTED

#if defined(FIBER_TSAN)
#include <sanitizer/tsan_interface.h>

enum { FIBER_SYNCHRONIZES = 1 };

/* The caller's stack, which has no memory of its own here, is in order with every fiber; fibers among each other
 * are not. */
static inline void fiber_leaves(struct fiber_sanitizer *from, struct fiber_sanitizer *to, char *stack, size_t bytes)
{
    const int ordered = from->stack || to->stack;

    (void)stack;
    (void)bytes;
    __tsan_switch_to_fiber(to->state, ordered ? 0 : __tsan_switch_to_fiber_no_sync);
}

static inline void fiber_adopt(struct fiber_sanitizer *self, char **stack, size_t *bytes)
{
    self->stack = stack;
    self->stack_bytes = bytes;
    self->state = __tsan_get_current_fiber();
}

static inline void fiber_begin(struct fiber_sanitizer *self)
{
    self->state = __tsan_create_fiber(0);
}

#else

enum { FIBER_SYNCHRONIZES = 0 };

static inline void fiber_leaves(struct fiber_sanitizer *from, struct fiber_sanitizer *to, char *stack, size_t bytes)
{
    (void)from;
    (void)to;
    (void)stack;
    (void)bytes;
}

static inline void fiber_adopt(struct fiber_sanitizer *self, char **stack, size_t *bytes)
{
    (void)self;
    (void)stack;
    (void)bytes;
}

static inline void fiber_begin(struct fiber_sanitizer *self)
{
    (void)self;
}

#endif

static inline void fiber_arrives(struct fiber_sanitizer *self)
{
    (void)self;
}

static inline void fiber_abandon(struct fiber_sanitizer *self, char *stack, size_t bytes)
{
    (void)self;
    (void)stack;
    (void)bytes;
}

#endif

#endif
