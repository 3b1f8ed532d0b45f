/*
 * Fibers: stacks that one OS thread hands itself back and forth, for the simulated CPUs. Switched by hand-written
 * code on x86-64 and aarch64, by ucontext elsewhere or where FIBER_UCONTEXT is defined. ASan and TSan are told of
 * every switch. Leaves out signal masks and floating-point modes: nothing here changes them.
 */
#ifndef FUZZ_FIBER_H
#define FUZZ_FIBER_H

#include <stddef.h>

struct fiber;

/* What a fiber does once armed; returns the fiber to run next, and then rests, ready to be armed again. */
typedef struct fiber *fiber_entry(void *argument);

/* Stands for the stack that the caller is on now. Made once, for ever. */
struct fiber *fiber_of_caller(void);

/* A new fiber with a stack and a guard page below it. Made once, for ever; without memory the program ends here. */
struct fiber *fiber_create(void);

/* The next switch to `fiber` begins `entry`. What it was doing, if anything, is abandoned. */
void fiber_arm(struct fiber *fiber, fiber_entry *entry, void *argument);

/* Leaves `from`, the running one; returns when something switches to it again. */
void fiber_switch(struct fiber *from, struct fiber *to);

/* Under TSan: what `caller` has done happens before what `fiber`, at rest or armed, does next, and the other way
 * round. Switches between fibers order nothing there, so that missing synchronisation shows. Elsewhere: nothing. */
void fiber_synchronize(struct fiber *caller, struct fiber *fiber);

#endif
