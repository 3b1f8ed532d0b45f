/* Lines on the serial line, and the one way to fail. No format strings: numbers are 64 bits on every machine. */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include <stdint.h>

void say(const char *text);
void say_hex(uint64_t number);
void say_number(uint64_t number);

/* "FAIL check: what: expected 0x.., found 0x.." and the end of the machine; of several CPUs the first one speaks. */
_Noreturn void fail(const char *check, const char *what, uint64_t expected, uint64_t found);

#endif
