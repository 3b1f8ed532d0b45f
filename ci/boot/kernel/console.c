/* The serial line, a character at a time. A failure ends the machine: nothing is told after the first. */
#include "console.h"

#include "machine.h"

void say(const char *text)
{
    while (*text)
        machine_put(*text++);
}

void say_hex(uint64_t number)
{
    int shift = 60;

    while (shift && !(number >> shift))
        shift -= 4;
    say("0x");
    for (; shift >= 0; shift -= 4)
        machine_put("0123456789abcdef"[number >> shift & 15]);
}

/* Digits from the right; `number` is divided by ten by hand: 64-bit division is a library call on 32-bit machines. */
static uint64_t divide_by_ten(uint64_t number, unsigned *rest)
{
    uint64_t quotient = 0;
    uint64_t left = 0;

    for (int bit = 63; bit >= 0; bit--) {
        left = left << 1 | (number >> bit & 1);
        quotient <<= 1;
        if (left >= 10) {
            left -= 10;
            quotient |= 1;
        }
    }
    *rest = (unsigned)left;
    return quotient;
}

void say_number(uint64_t number)
{
    char digits[21];
    unsigned at = sizeof(digits) - 1, digit;

    digits[at] = '\0';
    do {
        number = divide_by_ten(number, &digit);
        digits[--at] = (char)('0' + digit);
    } while (number);
    say(digits + at);
}

void fail(const char *check, const char *what, uint64_t expected, uint64_t found)
{
    static uint32_t speaking;

    while (__atomic_exchange_n(&speaking, 1, __ATOMIC_ACQUIRE))
        machine_relax();
    say("\nFAIL ");
    say(check);
    say(": ");
    say(what);
    say(": expected ");
    say_hex(expected);
    say(", found ");
    say_hex(found);
    say("\n");
    machine_exit(false);
}
