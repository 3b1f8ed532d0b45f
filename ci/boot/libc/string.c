/*
 * <string.h>, byte by byte. Compilers make calls to these of loops and assignments, so the loops that fill and copy hold a
 * barrier: else they would become calls to themselves.
 */
#include <string.h>

static void barrier(void)
{
    __asm__ __volatile__("" ::: "memory");
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, barrier())
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    if ((char *)to <= (const char *)from)
        return memcpy(to, from, bytes);
    for (size_t i = bytes; i-- > 0; barrier())
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, barrier())
        ((char *)to)[i] = (char)byte;
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
    const unsigned char *a = left, *b = right;

    for (size_t i = 0; i < bytes; i++)
        if (a[i] != b[i])
            return a[i] - b[i];
    return 0;
}

void *memchr(const void *in, int byte, size_t bytes)
{
    const unsigned char *at = in;

    for (size_t i = 0; i < bytes; i++)
        if (at[i] == (unsigned char)byte)
            return (void *)(size_t)(at + i);
    return NULL;
}

size_t strlen(const char *string)
{
    size_t length = 0;

    for (; string[length]; barrier())
        length++;
    return length;
}

int strncmp(const char *left, const char *right, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        if (left[i] != right[i])
            return (unsigned char)left[i] - (unsigned char)right[i];
        if (!left[i])
            break;
    }
    return 0;
}

int strcmp(const char *left, const char *right)
{
    return strncmp(left, right, (size_t)-1);
}

char *strchr(const char *in, int c)
{
    for (;; in++) {
        if (*in == (char)c)
            return (char *)(size_t)in;
        if (!*in)
            return NULL;
    }
}

char *strrchr(const char *in, int c)
{
    char *last = NULL;

    for (;; in++) {
        if (*in == (char)c)
            last = (char *)(size_t)in;
        if (!*in)
            return last;
    }
}

char *strstr(const char *in, const char *what)
{
    const size_t length = strlen(what);

    for (; *in; in++)
        if (strncmp(in, what, length) == 0)
            return (char *)(size_t)in;
    return length ? NULL : (char *)(size_t)in;
}

char *strerror(int number)
{
    static char text[] = "the archive has no such file";

    (void)number;
    return text;
}
