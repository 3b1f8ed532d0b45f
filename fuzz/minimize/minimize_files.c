/* What the tools that minimise share: ids as words, programs as files. */
#include "minimize.h"

#include <errno.h>
#include <string.h>

enum failure_id failure_by_name(const char *id)
{
    for (int i = FAIL_NONE + 1; id && i < FAIL_COUNT; i++)
        if (strcmp(failure_infos[i].id, id) == 0)
            return (enum failure_id)i;
    return FAIL_NONE;
}

bool minimize_write(const struct program *program, const char *path)
{
    FILE *file = fopen(path, "w");
    bool written;

    if (file) {
        program_print(program, file);
        written = !ferror(file);
        if (fclose(file) == 0 && written)
            return true;
    }
    fprintf(stderr, "minimize: %s: %s: name a file in a folder that can be written to\n", path, strerror(errno));
    return false;
}
