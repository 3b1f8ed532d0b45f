/*
 * <stdlib.h>: a heap of one list in order of addresses, first fit, neighbours joined when one is freed. Made for runs that
 * give back what they take; slow where there are many pieces.
 */
#include <stdlib.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../kernel/machine.h"

enum { ALIGNMENT = 64 };

struct piece {    /* before each piece of memory */
    size_t bytes; /* behind this head */
    struct piece *next;
    bool taken;
} __attribute__((aligned(ALIGNMENT)));

static struct piece *pieces;

void heap_begin(void *memory, size_t bytes)
{
    const uintptr_t base = ((uintptr_t)memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);

    pieces = (struct piece *)base;
    *pieces = (struct piece){bytes - (base - (uintptr_t)memory) - sizeof(*pieces), NULL, false};
}

void *malloc(size_t bytes)
{
    bytes = (bytes + ALIGNMENT) & ~(size_t)(ALIGNMENT - 1);
    for (struct piece *piece = pieces; piece; piece = piece->next) {
        if (piece->taken || piece->bytes < bytes)
            continue;
        if (piece->bytes >= bytes + 2 * sizeof(*piece)) {
            struct piece *rest = (struct piece *)((char *)(piece + 1) + bytes);

            *rest = (struct piece){piece->bytes - bytes - sizeof(*rest), piece->next, false};
            *piece = (struct piece){bytes, rest, false};
        }
        piece->taken = true;
        return piece + 1;
    }
    return NULL;
}

void free(void *memory)
{
    if (!memory)
        return;
    ((struct piece *)memory - 1)->taken = false;
    for (struct piece *piece = pieces; piece; piece = piece->next)
        while (!piece->taken && piece->next && !piece->next->taken) {
            piece->bytes += sizeof(*piece) + piece->next->bytes;
            piece->next = piece->next->next;
        }
}

void *calloc(size_t count, size_t bytes)
{
    void *memory = bytes && count > SIZE_MAX / bytes ? NULL : malloc(count * bytes);

    return memory ? memset(memory, 0, count * bytes) : NULL;
}

void *realloc(void *old, size_t bytes)
{
    void *memory = malloc(bytes);
    const size_t had = old ? ((struct piece *)old - 1)->bytes : 0;

    if (!memory || !old)
        return memory;
    memcpy(memory, old, had < bytes ? had : bytes);
    free(old);
    return memory;
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    *memory = alignment <= ALIGNMENT ? malloc(bytes) : NULL;
    return *memory ? 0 : 12; /* ENOMEM */
}

/* By insertion: the lists that are sorted here are short. */
void qsort(void *base, size_t count, size_t bytes, int (*compare)(const void *, const void *))
{
    char *const first = base;

    for (size_t i = 1; i < count; i++)
        for (char *at = first + i * bytes; at > first && compare(at - bytes, at) > 0; at -= bytes)
            for (size_t j = 0; j < bytes; j++) {
                const char byte = at[j];

                at[j] = at[j - bytes];
                at[j - bytes] = byte;
            }
}

unsigned long long strtoull(const char *text, char **end, int base)
{
    unsigned long long number = 0;

    while (*text >= '0' && *text <= '9')
        number = number * (unsigned)base + (unsigned)(*text++ - '0');
    if (end)
        *end = (char *)(size_t)text;
    return number;
}

char *getenv(const char *name)
{
    (void)name;
    return NULL;
}

void abort(void)
{
    machine_exit(false);
}

void _Exit(int status)
{
    machine_exit(status == 0);
}

void exit(int status)
{
    machine_exit(status == 0);
}

/* gcc's __builtin_popcountll calls it where the machine need not have the instruction. */
int __popcountdi2(long word);
int __popcountdi2(long word)
{
    unsigned long left = (unsigned long)word;
    int count = 0;

    for (; left; left &= left - 1)
        count++;
    return count;
}
