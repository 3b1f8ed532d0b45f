/* Files and arguments of pmm-ops, and its one way to complain. */
#include "ops_tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 };

int fail(const char *path, const char *what)
{
    fprintf(stderr, "pmm-ops: %s: %s\n", path, what);
    return 1;
}

char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(FILE_MOST + 1);

    *length = 0;
    if (!file)
        fail(path, strerror(errno));
    else if (!bytes)
        fail(path, "no memory to read it");
    else if ((*length = fread(bytes, 1, FILE_MOST + 1, file)) == 0)
        fail(path, ferror(file) ? strerror(errno) : "the file is empty; a program starts with `ops 1`");
    else if (*length > FILE_MOST)
        fail(path, "more than 1 MiB; no program is so large");
    if (file)
        fclose(file);
    if (*length == 0 || *length > FILE_MOST) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

int write_file(const char *path, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    bool written;

    if (!file)
        return fail(path, strerror(errno));
    written = fwrite(bytes, 1, length, file) == length;
    if (fclose(file) != 0 || !written)
        return fail(path, "could not be written in full");
    return 0;
}

bool argument_number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *value <= most;
}
