/* The lines above the operations: version, CPUs, the bounds, the ranges, and the map. */
#include "text.h"

#include <inttypes.h>

bool program_is_text(const uint8_t *bytes, size_t length)
{
    struct text text;

    text_open(&text, (const char *)bytes, length, NULL, 0);
    return text_next_line(&text) && word_is(text_word(&text), "ops");
}

bool parse_version(struct parse *parse)
{
    struct text *text = &parse->text;
    struct word word, version;
    char quote[QUOTE_SIZE];
    uint64_t number;

    if (!text_next_line(text))
        return text_fail(text, "the text is empty; a program starts with `ops %d`", PROGRAM_VERSION);
    word = text_word(text);
    if (!word_is(word, "ops"))
        return text_fail(text, "a program starts with `ops %d`, found `%s`", PROGRAM_VERSION,
                         word_quote(word, quote));
    version = text_word(text);
    if (!word_decimal(version, UINT32_MAX, &number) || text_word(text).length)
        return text_fail(text, "a program starts with `ops %d` and nothing else on that line", PROGRAM_VERSION);
    if (number != PROGRAM_VERSION)
        return text_fail(text, "this is version %" PRIu64 " of the format; this build reads version %d", number,
                         PROGRAM_VERSION);
    return true;
}

static bool parse_cpus(struct parse *parse)
{
    struct word word = text_word(&parse->text);
    char quote[QUOTE_SIZE];
    uint64_t number;

    if (parse->has_cpus)
        return text_fail(&parse->text, "a second `cpus`; keep one");
    if (!word_decimal(word, PROGRAM_CPUS, &number) || number == 0)
        return text_fail(&parse->text, "`cpus` wants a number from 1 to %d, found `%s`", PROGRAM_CPUS,
                         word_quote(word, quote));
    parse->has_cpus = true;
    parse->program->cpus = (unsigned)number;
    return true;
}

static bool parse_below(struct parse *parse)
{
    struct word word = text_word(&parse->text);
    char quote[QUOTE_SIZE];

    if (parse->has_below)
        return text_fail(&parse->text, "a second `below`; keep one");
    if (!word_hex(word, &parse->program->reserved_below))
        return text_fail(&parse->text, "`below` wants 64-bit hexadecimal, such as 0x100000, found `%s`",
                         word_quote(word, quote));
    parse->has_below = true;
    return true;
}

static bool parse_map(struct parse *parse)
{
    struct program *program = parse->program;

    if (program->raw)
        return text_fail(&parse->text, "`map` after a table; a program has one or the other");
    if (program->region_count == PROGRAM_REGIONS)
        return text_fail(&parse->text, "a map has at most %d entries; drop some", PROGRAM_REGIONS);
    return text_region(&parse->text, &program->regions[program->region_count++]);
}

static const struct header_line {
    const char *word;
    bool (*parse)(struct parse *parse);
} header_lines[] = {
    {"cpus", parse_cpus},         {"below", parse_below}, {"managed-below", parse_managed_below},
    {"reserve", parse_reserve},   {"later", parse_later}, {"place", parse_metadata_place},
    {"map", parse_map},           {"table", parse_table}, {"multiboot", parse_multiboot},
    {"schedule", parse_schedule},
};

bool parse_header(struct parse *parse, struct word word, bool *known)
{
    *known = false;
    for (size_t i = 0; i < sizeof header_lines / sizeof header_lines[0]; i++) {
        if (!word_is(word, header_lines[i].word))
            continue;
        *known = true;
        if (parse->program->operation_count)
            return text_fail(&parse->text, "`%s` after an operation; move it above the first one",
                             header_lines[i].word);
        return header_lines[i].parse(parse);
    }
    return false;
}
