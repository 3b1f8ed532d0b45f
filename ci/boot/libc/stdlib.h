/* Of <stdlib.h>, what is used in ring 0. The heap is one piece of memory that heap_begin names. */
#ifndef BOOT_STDLIB_H
#define BOOT_STDLIB_H

#include <stddef.h>

void heap_begin(void *memory, size_t bytes);

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
int posix_memalign(void **memory, size_t alignment, size_t bytes);
void free(void *memory);

void qsort(void *base, size_t count, size_t bytes, int (*compare)(const void *, const void *));
unsigned long long strtoull(const char *text, char **end, int base);
char *getenv(const char *name); /* there is none */
_Noreturn void abort(void);
_Noreturn void exit(int status);
_Noreturn void _Exit(int status);

#endif
