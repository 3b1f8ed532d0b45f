/* Formats, as the suite uses them, and the output to the serial line. */
#include <stdio.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../kernel/machine.h"

enum { LINE = 1024, DIGITS = 24 };

static char serial; /* stands for the line: nothing is kept of it */
FILE *const stdout = (FILE *)(void *)&serial, *const stderr = (FILE *)(void *)&serial;

/* What is written so far; counts on behind the end of the text, as snprintf does. */
struct output {
    char *text;
    size_t size, used;
};

struct conversion {
    size_t width, precision;
    bool left, zero, has_precision;
    int longs;
};

static void put(struct output *output, char c)
{
    if (output->used + 1 < output->size)
        output->text[output->used] = c;
    output->used++;
}

static void put_padded(struct output *output, const struct conversion *conversion, const char *text, size_t length)
{
    const size_t padding = conversion->width > length ? conversion->width - length : 0;

    for (size_t i = 0; i < padding && !conversion->left; i++)
        put(output, conversion->zero ? '0' : ' ');
    for (size_t i = 0; i < length; i++)
        put(output, text[i]);
    for (size_t i = 0; i < padding && conversion->left; i++)
        put(output, ' ');
}

static void put_number(struct output *output, const struct conversion *conversion, uint64_t number, unsigned base,
                       bool negative)
{
    char digits[DIGITS];
    size_t at = DIGITS;

    do
        digits[--at] = "0123456789abcdef"[number % base];
    while (number /= base);
    if (negative)
        digits[--at] = '-';
    put_padded(output, conversion, digits + at, DIGITS - at);
}

static size_t read_count(const char **format, va_list *arguments)
{
    size_t count = 0;

    if (**format == '*') {
        ++*format;
        return (size_t)va_arg(*arguments, int);
    }
    while (**format >= '0' && **format <= '9')
        count = count * 10 + (size_t)(*(*format)++ - '0');
    return count;
}

static struct conversion read_conversion(const char **format, va_list *arguments)
{
    struct conversion conversion = {0};

    for (;; ++*format) {
        if (**format == '-')
            conversion.left = true;
        else if (**format == '0')
            conversion.zero = true;
        else
            break;
    }
    conversion.width = read_count(format, arguments);
    if (**format == '.') {
        ++*format;
        conversion.has_precision = true;
        conversion.precision = read_count(format, arguments);
    }
    for (; **format == 'l' || **format == 'z'; ++*format)
        conversion.longs++;
    return conversion;
}

static void put_string(struct output *output, const struct conversion *conversion, const char *text)
{
    size_t length = 0;

    while ((!conversion->has_precision || length < conversion->precision) && text[length])
        length++;
    put_padded(output, conversion, text, length);
}

static void put_conversion(struct output *output, const struct conversion *conversion, char kind, va_list *arguments)
{
    const int64_t number = kind == 's' || kind == 'c' || kind == '%' ? 0
                           : conversion->longs                       ? va_arg(*arguments, long)
                                                                     : va_arg(*arguments, int);
    const uint64_t bits = conversion->longs ? (uint64_t)number : (uint32_t)number;

    if (kind == 's')
        put_string(output, conversion, va_arg(*arguments, const char *));
    else if (kind == 'c')
        put(output, (char)va_arg(*arguments, int));
    else if (kind == '%')
        put(output, '%');
    else if (kind == 'd' || kind == 'i')
        put_number(output, conversion, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10, number < 0);
    else
        put_number(output, conversion, bits, kind == 'x' ? 16 : 10, false);
}

int vsnprintf(char *text, size_t size, const char *format, va_list arguments)
{
    struct output output = {text, size, 0};
    va_list left;

    va_copy(left, arguments);
    for (; *format; format++) {
        struct conversion conversion;

        if (*format != '%') {
            put(&output, *format);
            continue;
        }
        format++;
        conversion = read_conversion(&format, &left);
        put_conversion(&output, &conversion, *format, &left);
    }
    va_end(left);
    if (size)
        text[output.used < size ? output.used : size - 1] = '\0';
    return (int)output.used;
}

int snprintf(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return length;
}

static int print(const char *format, va_list arguments)
{
    char line[LINE];
    const int length = vsnprintf(line, sizeof(line), format, arguments);

    fputs(line, stdout);
    return length;
}

int fprintf(FILE *file, const char *format, ...)
{
    va_list arguments;
    int length;

    (void)file;
    va_start(arguments, format);
    length = print(format, arguments);
    va_end(arguments);
    return length;
}

int printf(const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = print(format, arguments);
    va_end(arguments);
    return length;
}

size_t fwrite(const void *from, size_t bytes, size_t count, FILE *file)
{
    (void)file;
    for (size_t i = 0; i < bytes * count; i++)
        machine_put(((const char *)from)[i]);
    return count;
}

int fputc(int c, FILE *file)
{
    (void)file;
    machine_put((char)c);
    return c;
}

int fputs(const char *text, FILE *file)
{
    fwrite(text, 1, strlen(text), file);
    return 0;
}

int putchar(int c)
{
    return fputc(c, stdout);
}

int puts(const char *text)
{
    fputs(text, stdout);
    return fputc('\n', stdout);
}

int fflush(FILE *file)
{
    (void)file;
    return 0;
}

int setvbuf(FILE *file, char *buffer, int mode, size_t bytes)
{
    (void)file;
    (void)buffer;
    (void)mode;
    (void)bytes;
    return 0;
}
