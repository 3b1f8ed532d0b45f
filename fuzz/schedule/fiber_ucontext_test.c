/* The portable fibers: every test of the simulator holds over them too, down to the trace of one run. */
#define FIBER_UCONTEXT 1
#include "fiber.c"
#include "sim_test.c"
