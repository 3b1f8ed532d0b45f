/*
 * Reads a program or a memory map from a file and tells which it is. Knows the file system and the formats; runs
 * nothing.
 */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_MOST = 1 << 20 };

static bool complain(const char *path, const char *what, const char *advice)
{
    fprintf(stderr, "replay: %s: %s: %s\n", path, what, advice);
    return false;
}

static bool readable(const char *path, FILE *file)
{
    struct stat status;

    if (!file || stat(path, &status) != 0)
        return complain(path, strerror(errno), "check the name and its permissions");
    if (S_ISDIR(status.st_mode))
        return complain(path, "is a directory", "name the files in it");
    return true;
}

/* The whole file, to be freed; NULL after a complaint. */
static char *read_whole(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = readable(path, file) ? malloc(INPUT_MOST + 1) : NULL;
    bool good = bytes != NULL;

    if (good) {
        *length = fread(bytes, 1, INPUT_MOST + 1, file);
        if (ferror(file))
            good = complain(path, strerror(errno), "check the file system");
        else if (*length > INPUT_MOST)
            good = complain(path, "is larger than 1 MiB", "no program or memory map is; name another file");
    }
    if (file)
        fclose(file);
    if (good)
        return bytes;
    free(bytes);
    return NULL;
}

static bool ends_with(const char *path, const char *end)
{
    const size_t length = strlen(path);

    return length >= strlen(end) && strcmp(path + length - strlen(end), end) == 0;
}

/* The first thing in a text that is neither blank nor comment. */
static bool begins_with(const char *text, size_t length, const char *word)
{
    size_t at = 0;

    while (at < length && strchr(" \t\r\n#", text[at]) && text[at]) {
        if (text[at] != '#') {
            at++;
            continue;
        }
        while (at < length && text[at] != '\n')
            at++;
    }
    return length - at >= strlen(word) && memcmp(text + at, word, strlen(word)) == 0;
}

enum form { FORM_BYTES, FORM_TEXT, FORM_MAP };

static enum form form_of(const char *path, const char *text, size_t length)
{
    if (ends_with(path, ".map"))
        return FORM_MAP;
    if (ends_with(path, ".ops") || begins_with(text, length, "ops "))
        return FORM_TEXT;
    return begins_with(text, length, "0x") ? FORM_MAP : FORM_BYTES;
}

static enum input_kind parse_as(enum form form, const char *path, const char *text, size_t length,
                                struct program *program, struct memory_map *map)
{
    char error[256] = "";
    struct region *regions = NULL;
    bool good = false;

    if (length == 0 && form != FORM_BYTES) {
        complain(path, "is empty",
                 form == FORM_TEXT ? "a program starts with `ops 1`"
                                   : "a memory map has lines `<base hex> <length hex> <type>`");
        return INPUT_BAD;
    }
    switch (form) {
    case FORM_BYTES:
        program_decode(program, (const uint8_t *)text, length);
        return INPUT_PROGRAM;
    case FORM_TEXT:
        good = program_parse(program, text, length, error, sizeof(error));
        break;
    case FORM_MAP:
        good = map_parse(text, length, &regions, &map->count, error, sizeof(error));
        map->regions = regions;
        break;
    }
    if (!good) {
        fprintf(stderr, "replay: %s: %s\n", path, error);
        return INPUT_BAD;
    }
    return form == FORM_MAP ? INPUT_MAP : INPUT_PROGRAM;
}

enum input_kind input_read(const char *path, struct program *program, struct memory_map *map)
{
    size_t length = 0;
    char *text = read_whole(path, &length);
    enum input_kind kind = INPUT_BAD;

    if (text)
        kind = parse_as(form_of(path, text, length), path, text, length, program, map);
    free(text);
    return kind;
}
