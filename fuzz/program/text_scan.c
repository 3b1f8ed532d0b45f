/* Lines, words and numbers of a text, and the errors about them. Knows nothing of what the words mean. */
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

void text_open(struct text *text, const char *bytes, size_t length, char *error, size_t error_size)
{
    *text = (struct text){bytes, bytes, bytes + length, 0, error, error_size};
    if (error_size)
        error[0] = '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct text *text)
{
    while (text->at < text->line_end && is_blank(*text->at))
        text->at++;
}

/* Makes the line after this one the current one, without its comment. */
static void enter_line(struct text *text, const char *start)
{
    size_t left = (size_t)(text->end - start);
    const char *feed = memchr(start, '\n', left);
    const char *comment;

    text->at = start;
    text->line_end = feed ? feed : text->end;
    comment = memchr(start, '#', (size_t)(text->line_end - start));
    if (comment)
        text->line_end = comment;
    text->line++;
}

bool text_next_line(struct text *text)
{
    const char *start = text->at;

    for (;;) {
        if (text->line > 0) {
            start = memchr(text->line_end, '\n', (size_t)(text->end - text->line_end));
            if (!start)
                return false;
            start++;
        }
        if (start == text->end)
            return false;
        enter_line(text, start);
        skip_blanks(text);
        if (text->at < text->line_end)
            return true;
    }
}

struct word text_word(struct text *text)
{
    struct word word;

    skip_blanks(text);
    word.at = text->at;
    while (text->at < text->line_end && !is_blank(*text->at))
        text->at++;
    word.length = (size_t)(text->at - word.at);
    return word;
}

bool text_fail(struct text *text, const char *format, ...)
{
    va_list arguments;
    int used = snprintf(text->error, text->error_size, "line %u: ", text->line ? text->line : 1);

    va_start(arguments, format);
    if (used > 0 && (size_t)used < text->error_size)
        vsnprintf(text->error + used, text->error_size - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

bool word_is(struct word word, const char *expected)
{
    return word.length == strlen(expected) && memcmp(word.at, expected, word.length) == 0;
}

const char *word_quote(struct word word, char quote[QUOTE_SIZE])
{
    size_t i = 0;

    for (; i < word.length && i < QUOTE_SIZE - 1; i++)
        quote[i] = isprint((unsigned char)word.at[i]) ? word.at[i] : '?';
    quote[i] = '\0';
    return quote;
}

bool word_decimal(struct word word, uint64_t most, uint64_t *value)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < word.length; i++) {
        unsigned digit = (unsigned)word.at[i] - '0';

        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return word.length > 0 && sum <= most;
}

static bool hex_digit(char c, unsigned *value)
{
    if (c >= '0' && c <= '9')
        *value = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *value = (unsigned)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        *value = (unsigned)(c - 'A') + 10;
    else
        return false;
    return true;
}

bool word_hex(struct word word, uint64_t *value)
{
    uint64_t sum = 0;
    unsigned digit;

    if (word.length < 3 || word.at[0] != '0' || (word.at[1] != 'x' && word.at[1] != 'X'))
        return false;
    for (size_t i = 2; i < word.length; i++) {
        if (!hex_digit(word.at[i], &digit) || sum >> 60)
            return false;
        sum = sum << 4 | digit;
    }
    *value = sum;
    return true;
}

bool word_hex_byte(const char *digits, uint8_t *value)
{
    unsigned high, low;

    if (!hex_digit(digits[0], &high) || !hex_digit(digits[1], &low))
        return false;
    *value = (uint8_t)(high << 4 | low);
    return true;
}
