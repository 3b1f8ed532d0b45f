/* Text to a program: the header, then one operation a line. Every refusal names the line and what to write.
 */
#include "text.h"

#include <ctype.h>

struct operand_rule {
    const char *wanted;
    uint64_t most;
};

static const struct operand_rule operand_rules[] = {
    [OPERAND_SLOT] = {"a slot (s0 to s63)", PROGRAM_SLOTS - 1},
    [OPERAND_ZONE] = {"a zone (normal, dma32, dma)", ZONE_COUNT - 1},
    [OPERAND_ORDER] = {"an order (0 to 255)", 255},
    [OPERAND_COUNT] = {"a count (0 to 65535)", 65535},
    [OPERAND_ADDRESS] = {"a 64-bit hexadecimal address (0x...)", UINT64_MAX},
};

static bool word_zone(struct word word, uint64_t *value)
{
    for (*value = 0; *value < ZONE_COUNT; (*value)++)
        if (word_is(word, zone_name((enum zone) * value)))
            return true;
    return false;
}

static bool word_operand(struct word word, enum operand_kind kind, uint64_t *value)
{
    if (kind == OPERAND_ADDRESS)
        return word_hex(word, value);
    if (kind == OPERAND_ZONE)
        return word_zone(word, value);
    if (kind == OPERAND_SLOT) {
        if (!word.length || word.at[0] != 's')
            return false;
        word.at++;
        word.length--;
    }
    return word_decimal(word, operand_rules[kind].most, value);
}

static bool parse_operand(struct parse *parse, const struct operation_info *info, enum operand_kind kind,
                          uint64_t *value)
{
    const char *before = parse->text.at;
    struct word word = text_word(&parse->text);
    char quote[QUOTE_SIZE];

    if (kind == OPERAND_ZONE && (!word.length || !isalpha((unsigned char)word.at[0]))) {
        parse->text.at = before; /* no zone: normal, and the word is the next operand's */
        *value = ZONE_NORMAL;
        return true;
    }
    if (!word.length)
        return text_fail(&parse->text, "`%s` lacks %s", info->text, operand_rules[kind].wanted);
    if (!word_operand(word, kind, value))
        return text_fail(&parse->text, "`%s` wants %s, found `%s`", info->text, operand_rules[kind].wanted,
                         word_quote(word, quote));
    return true;
}

/* The lists of a concurrent program are short: what takes many operations takes one CPU. */
static bool has_room(struct parse *parse, const struct operation *operation)
{
    unsigned list;

    if (lists_next(&parse->lists, parse->program->cpus, operation, &list))
        return true;
    return text_fail(&parse->text,
                     list == LIST_NONE ? "at most %u lines `cpu` and `handler`; merge some"
                                       : "a list has at most %u operations; drop some",
                     list_room(list));
}

static bool parse_operation(struct parse *parse, struct word word)
{
    struct program *program = parse->program;
    struct operation *operation = &program->operations[program->operation_count];
    const char *suggestion;
    char quote[QUOTE_SIZE];
    unsigned kind = 0;

    while (kind < OPERATION_COUNT && !word_is(word, operation_infos[kind].text))
        kind++;
    if (kind == OPERATION_COUNT) {
        suggestion = suggest_word(word);
        return text_fail(&parse->text, "unknown operation `%s`; %s%s%s", word_quote(word, quote),
                         suggestion ? "did you mean `" : "`pmm-ops doc` lists them", suggestion ? suggestion : "",
                         suggestion ? "`?" : "");
    }
    if (program->operation_count == PROGRAM_OPERATIONS)
        return text_fail(&parse->text, "a program has at most %d operations; split it", PROGRAM_OPERATIONS);
    operation->kind = (enum operation_kind)kind;
    for (size_t i = 0; i < 3; i++) {
        enum operand_kind operand = operation_infos[kind].operands[i];

        operation->operands[i] = 0;
        if (operand != OPERAND_NONE &&
            !parse_operand(parse, &operation_infos[kind], operand, &operation->operands[i]))
            return false;
    }
    program->operation_count++;
    return !program->concurrent || has_room(parse, operation);
}

static bool parse_line(struct parse *parse)
{
    struct word word = text_word(&parse->text), rest;
    char quote[QUOTE_SIZE], rest_quote[QUOTE_SIZE];
    bool known, parsed = parse_header(parse, word, &known);

    if (!known)
        parsed = word_is(word, "at") ? parse_override(parse) : parse_operation(parse, word);
    if (!parsed)
        return false;
    rest = text_word(&parse->text);
    if (rest.length)
        return text_fail(&parse->text, "`%s` is complete before `%s`; remove the rest of the line",
                         word_quote(word, quote), word_quote(rest, rest_quote));
    return true;
}

bool program_parse(struct program *program, const char *bytes, size_t length, char *error, size_t error_size)
{
    struct parse parse = {.program = program};

    program->cpus = 1;
    program->concurrent = false;
    program->schedule.override_count = 0;
    program->operation_count = 0;
    program_clear_map(program);
    text_open(&parse.text, bytes, length, error, error_size);
    if (!parse_version(&parse))
        return false;
    while (text_next_line(&parse.text))
        if (!parse_line(&parse))
            return false;
    return true;
}
