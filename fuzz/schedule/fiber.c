/*
 * Fibers, see fiber.h. A fiber at rest waits inside fiber_main, so that arming it again writes two words; only one
 * that was abandoned in the middle gets its first frame written anew.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "fiber.h"
#include "fiber_sanitizer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#if !defined(__x86_64__) && !defined(__aarch64__) && !defined(FIBER_UCONTEXT)
#define FIBER_UCONTEXT 1
#endif
#ifdef FIBER_UCONTEXT
#include <ucontext.h>
#endif

enum { STACK_BYTES = 256 << 10, GUARD_BYTES = 64 << 10 /* a page, whatever its size */ };

struct fiber {
    void *top; /* of the saved stack, while it is not running */
    fiber_entry *entry;
    void *argument;
    char *stack; /* lowest byte; the caller's own: where the sanitizer says */
    size_t stack_bytes;
    int at_rest;
    struct fiber_sanitizer sanitizer;
#ifdef FIBER_UCONTEXT
    ucontext_t context;
#endif
};

static struct fiber *running; /* set before each switch: a stack that begins has no arguments */

static void fiber_main(void);

#ifdef FIBER_UCONTEXT

static void swap_stacks(struct fiber *from, struct fiber *to)
{
    swapcontext(&from->context, &to->context);
}

static void write_first_frame(struct fiber *fiber)
{
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = fiber->stack_bytes;
    fiber->context.uc_link = NULL;
    makecontext(&fiber->context, fiber_main, 0);
}

#else

/* Pushes what a call must preserve, leaves the stack's top in *save, continues on the other stack. */
void fiber_swap_stacks(void **save, void *load);

#if defined(__x86_64__)
enum { FRAME_WORDS = 8, FRAME_RETURN = 6 }; /* six registers, the address to return to, a word to align */
__asm__(".text\n.globl fiber_swap_stacks\n.type fiber_swap_stacks, @function\n"
        "fiber_swap_stacks:\n"
        "endbr64\n"
        "push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "mov %rsp, (%rdi)\n"
        "mov %rsi, %rsp\n"
        "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n"
        "ret\n"
        ".size fiber_swap_stacks, . - fiber_swap_stacks\n");
#else
enum { FRAME_WORDS = 20, FRAME_RETURN = 11 }; /* x19 to x30, d8 to d15 */
__asm__(".text\n.globl fiber_swap_stacks\n.type fiber_swap_stacks, %function\n"
        "fiber_swap_stacks:\n"
        "sub sp, sp, #160\n"
        "stp x19, x20, [sp]\n stp x21, x22, [sp, #16]\n stp x23, x24, [sp, #32]\n"
        "stp x25, x26, [sp, #48]\n stp x27, x28, [sp, #64]\n stp x29, x30, [sp, #80]\n"
        "stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n stp d12, d13, [sp, #128]\n stp d14, d15, [sp, #144]\n"
        "mov x9, sp\n str x9, [x0]\n mov sp, x1\n"
        "ldp x19, x20, [sp]\n ldp x21, x22, [sp, #16]\n ldp x23, x24, [sp, #32]\n"
        "ldp x25, x26, [sp, #48]\n ldp x27, x28, [sp, #64]\n ldp x29, x30, [sp, #80]\n"
        "ldp d8, d9, [sp, #96]\n ldp d10, d11, [sp, #112]\n ldp d12, d13, [sp, #128]\n ldp d14, d15, [sp, #144]\n"
        "add sp, sp, #160\n"
        "ret\n"
        ".size fiber_swap_stacks, . - fiber_swap_stacks\n");
#endif

static inline void swap_stacks(struct fiber *from, struct fiber *to)
{
    fiber_swap_stacks(&from->top, to->top);
}

static void write_first_frame(struct fiber *fiber)
{
    uintptr_t *frame = (uintptr_t *)(void *)(fiber->stack + fiber->stack_bytes) - FRAME_WORDS;

    for (int i = 0; i < FRAME_WORDS; i++)
        frame[i] = 0; /* a frame pointer of 0 ends backtraces */
    frame[FRAME_RETURN] = (uintptr_t)fiber_main;
    fiber->top = frame;
}

#endif

FIBER_UNINSTRUMENTED void fiber_switch(struct fiber *from, struct fiber *to)
{
    running = to;
    fiber_leaves(&from->sanitizer, &to->sanitizer, to->stack, to->stack_bytes);
    swap_stacks(from, to);
    fiber_arrives(&from->sanitizer);
}

/* The first and only function of a stack. */
FIBER_UNINSTRUMENTED static void fiber_main(void)
{
    struct fiber *self = running;

    fiber_arrives(&self->sanitizer);
    for (;;) {
        struct fiber *next = NULL;

        self->at_rest = 0;
        if (self->entry)
            next = self->entry(self->argument);
        self->entry = NULL;
        self->at_rest = 1;
        fiber_switch(self, next ? next : (struct fiber *)self->argument);
    }
}

static struct fiber *new_fiber(void)
{
    struct fiber *fiber = calloc(1, sizeof *fiber);

    if (!fiber) {
        perror("fiber: calloc");
        abort();
    }
    return fiber;
}

struct fiber *fiber_of_caller(void)
{
    struct fiber *fiber = new_fiber();

    fiber_adopt(&fiber->sanitizer, &fiber->stack, &fiber->stack_bytes);
    return fiber;
}

struct fiber *fiber_create(void)
{
    struct fiber *fiber = new_fiber();
    char *memory = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory + GUARD_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE)) {
        perror("fiber: a stack of 256 KiB: mmap");
        abort();
    }
    fiber->stack = memory + GUARD_BYTES;
    fiber->stack_bytes = STACK_BYTES;
    fiber_begin(&fiber->sanitizer);
    write_first_frame(fiber);
    fiber->at_rest = 1;
    return fiber;
}

void fiber_arm(struct fiber *fiber, fiber_entry *entry, void *argument)
{
    if (!fiber->at_rest) {
        fiber_abandon(&fiber->sanitizer, fiber->stack, fiber->stack_bytes);
        write_first_frame(fiber);
        fiber->at_rest = 1;
    }
    fiber->entry = entry;
    fiber->argument = argument;
}

void fiber_synchronize(struct fiber *caller, struct fiber *fiber)
{
    if (!FIBER_SYNCHRONIZES)
        return;
    fiber_arm(fiber, NULL, caller);
    fiber_switch(caller, fiber);
}
