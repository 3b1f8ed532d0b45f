/* Files: those of an archive in the form `ustar` that the loader left in memory. */
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>

enum { RECORD = 512, SIZE_AT = 124, SIZE_DIGITS = 11, OPEN_MOST = 4 };

struct file {
    const char *at, *end;
};

static const char *archive, *archive_end;
static struct file opened[OPEN_MOST];

void archive_begin(const void *bytes, size_t length)
{
    archive = bytes;
    archive_end = archive + length;
}

static size_t size_of(const char *record)
{
    size_t size = 0;

    for (int i = 0; i < SIZE_DIGITS; i++)
        size = size * 8 + (size_t)(record[SIZE_AT + i] - '0');
    return size;
}

/* The record of file `number`; null behind the last. */
static const char *record_of(size_t number)
{
    const char *record = archive;

    while (record + RECORD <= archive_end && *record) {
        if (number-- == 0)
            return record;
        record += RECORD + ((size_of(record) + RECORD - 1) & ~(size_t)(RECORD - 1));
    }
    return NULL;
}

const char *archive_name(size_t number)
{
    return record_of(number); /* the name is its first field, shorter than the 100 bytes it may have */
}

FILE *fopen(const char *path, const char *mode)
{
    (void)mode;
    for (size_t i = 0; archive_name(i); i++) {
        if (strcmp(archive_name(i), path) != 0)
            continue;
        for (struct file *file = opened; file < opened + OPEN_MOST; file++) {
            if (file->at)
                continue;
            *file = (struct file){record_of(i) + RECORD, record_of(i) + RECORD + size_of(record_of(i))};
            return file;
        }
    }
    return NULL;
}

int fclose(FILE *file)
{
    *file = (struct file){NULL, NULL};
    return 0;
}

size_t fread(void *to, size_t bytes, size_t count, FILE *file)
{
    size_t length = (size_t)(file->end - file->at);

    if (length > bytes * count)
        length = bytes * count;
    memcpy(to, file->at, length);
    file->at += length;
    return length / bytes;
}

int ferror(FILE *file)
{
    (void)file;
    return 0;
}

int stat(const char *path, struct stat *status)
{
    (void)path;
    status->st_mode = 0; /* the archive has no folders */
    return 0;
}
