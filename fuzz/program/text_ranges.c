/* What stands beside the map in text: reserved and later ranges, where managed memory ends, where the metadata lies. */
#include <inttypes.h>

#include "text.h"

static bool take_hex(struct parse *parse, const char *line, const char *what, uint64_t *value)
{
    const struct word word = text_word(&parse->text);
    char quote[QUOTE_SIZE];

    return word_hex(word, value) ||
           text_fail(&parse->text, "`%s` wants %s as 64-bit hexadecimal, such as 0x100000, found `%s`", line, what,
                     word_quote(word, quote));
}

bool parse_managed_below(struct parse *parse)
{
    if (parse->has_managed_below)
        return text_fail(&parse->text, "a second `managed-below`; keep one");
    parse->has_managed_below = true;
    return take_hex(parse, "managed-below", "an address", &parse->program->managed_below);
}

static bool take_range(struct parse *parse, const char *line, struct ranges *ranges)
{
    struct range *range = &ranges->list[ranges->count];

    if (ranges->count == PROGRAM_RANGES)
        return text_fail(&parse->text, "at most %d lines `%s`; drop some", PROGRAM_RANGES, line);
    ranges->count++;
    return take_hex(parse, line, "a base", &range->base) && take_hex(parse, line, "a length", &range->length);
}

bool parse_reserve(struct parse *parse)
{
    return take_range(parse, "reserve", &parse->program->reserved);
}

bool parse_later(struct parse *parse)
{
    return take_range(parse, "later", &parse->program->later);
}

bool parse_metadata_place(struct parse *parse)
{
    struct program *program = parse->program;

    if (program->placed)
        return text_fail(&parse->text, "a second `place`; keep one");
    program->placed = true;
    return take_hex(parse, "place", "the lowest address", &program->place_above) &&
           take_hex(parse, "place", "the end (0x0: none)", &program->place_below);
}

static void print_list(const char *line, const struct ranges *ranges, FILE *out)
{
    for (size_t i = 0; i < ranges->count; i++)
        fprintf(out, "%s 0x%" PRIx64 " 0x%" PRIx64 "\n", line, ranges->list[i].base, ranges->list[i].length);
}

void print_ranges(const struct program *program, FILE *out)
{
    if (program->managed_below)
        fprintf(out, "managed-below 0x%" PRIx64 "\n", program->managed_below);
    if (program->placed)
        fprintf(out, "place 0x%" PRIx64 " 0x%" PRIx64 "\n", program->place_above, program->place_below);
    print_list("reserve", &program->reserved, out);
    print_list("later", &program->later, out);
}
