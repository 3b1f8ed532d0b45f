/* Raw tables in text: their form, and their bytes in hexadecimal over as many lines as it takes. */
#include <inttypes.h>
#include <string.h>

#include "text.h"

static bool take_bytes(struct parse *parse)
{
    struct program *program = parse->program;
    char quote[QUOTE_SIZE];

    for (struct word word = text_word(&parse->text); word.length; word = text_word(&parse->text)) {
        for (size_t i = 0; i < word.length; i += 2) {
            if (program->table.length == PROGRAM_TABLE)
                return text_fail(&parse->text, "a table has at most %d bytes; drop some", PROGRAM_TABLE);
            if (word.length % 2 || !word_hex_byte(word.at + i, &program->table.bytes[program->table.length]))
                return text_fail(&parse->text, "a table wants bytes of two hexadecimal digits, found `%s`",
                                 word_quote(word, quote));
            program->table.length++;
        }
    }
    return true;
}

static bool take_table(struct parse *parse, enum table_form form, uint32_t stride)
{
    struct program *program = parse->program;

    if (program->region_count)
        return text_fail(&parse->text, "a table after `map`; a program has one or the other");
    if (program->raw && (program->table.form != form || program->table.stride != stride))
        return text_fail(&parse->text, "a second table; a program has one, in one form");
    program->raw = true;
    program->table.form = form;
    program->table.stride = stride;
    return take_bytes(parse);
}

bool parse_multiboot(struct parse *parse)
{
    return take_table(parse, TABLE_MULTIBOOT, 0);
}

/* A form, and perhaps "/" and a stride. */
bool parse_table(struct parse *parse)
{
    const struct word word = text_word(&parse->text);
    const char *slash = memchr(word.at, '/', word.length);
    const size_t length = slash ? (size_t)(slash - word.at) : word.length;
    struct word stride = {word.at + length + 1, word.length - length - 1};
    unsigned form = 0;
    uint64_t number = 0;
    char quote[QUOTE_SIZE];

    while (form < TABLE_FORMS && !word_is((struct word){word.at, length}, table_shapes[form].name))
        form++;
    if (form == TABLE_FORMS || (slash && !word_decimal(stride, PROGRAM_TABLE, &number)))
        return text_fail(
            &parse->text,
            "`table` wants multiboot, multiboot2, e820, pvh, efi, limine or regions, and perhaps /STRIDE "
            "(0 to %d), found `%s`",
            PROGRAM_TABLE, word_quote(word, quote));
    return take_table(parse, (enum table_form)form, (uint32_t)number);
}

static void print_start(const struct program *program, FILE *out)
{
    if (program->table.form == TABLE_MULTIBOOT && program->table.stride == 0)
        fprintf(out, "multiboot");
    else if (program->table.stride == 0)
        fprintf(out, "table %s", table_shapes[program->table.form].name);
    else
        fprintf(out, "table %s/%" PRIu32, table_shapes[program->table.form].name, program->table.stride);
}

void print_table(const struct program *program, FILE *out)
{
    const size_t in_line =
        program->table.form == TABLE_E820 ? 20 : 24; /* an entry of the usual size, or half of one */

    for (size_t i = 0; i < program->table.length || i == 0; i += in_line) {
        print_start(program, out);
        for (size_t j = i; j < i + in_line && j < program->table.length; j++)
            fprintf(out, " %02x", program->table.bytes[j]);
        fputc('\n', out);
    }
}
