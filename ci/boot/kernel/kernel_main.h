/* Where each machine enters the shared part: once, on the first CPU, with a stack, interrupts off. */
#ifndef BOOT_KERNEL_MAIN_H
#define BOOT_KERNEL_MAIN_H

#include "handover.h"

_Noreturn void kernel_main(read_handover *reader, uintptr_t structure);

#endif
