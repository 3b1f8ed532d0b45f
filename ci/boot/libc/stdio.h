/* Of <stdio.h>, what is used in ring 0: files are those of the archive, read from its begin to its end; all output goes to
 * the serial line. */
#ifndef BOOT_STDIO_H
#define BOOT_STDIO_H

#include <stdarg.h>
#include <stddef.h>

typedef struct file FILE;
extern FILE *const stdout, *const stderr;
enum { _IOLBF = 1 };

void archive_begin(const void *archive, size_t bytes); /* in the form `ustar`, as tar writes it */

/* The name of file `number` of the archive, null behind the last. */
const char *archive_name(size_t number);

FILE *fopen(const char *path, const char *mode);
int fclose(FILE *file);
size_t fread(void *to, size_t bytes, size_t count, FILE *file);
int ferror(FILE *file);
int fflush(FILE *file);
int setvbuf(FILE *file, char *buffer, int mode, size_t bytes);
size_t fwrite(const void *from, size_t bytes, size_t count, FILE *file);
int fputc(int c, FILE *file);
int fputs(const char *text, FILE *file);
int putchar(int c);
int puts(const char *text);

/* %s %c %d %i %u %x %zu %ld.., widths, precisions, '-', '0'; no floating point. */
int vsnprintf(char *text, size_t size, const char *format, va_list arguments);
int snprintf(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int fprintf(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
