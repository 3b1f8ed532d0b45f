/*
 * Reading text: lines, words, numbers, and errors that name the line. Shared by programs (text_parse.c) and
 * memory maps (text_map.c); private to fuzz/program. Comments (# to the end of the line), blank lines and
 * carriage returns are skipped here.
 */
#ifndef FUZZ_PROGRAM_TEXT_H
#define FUZZ_PROGRAM_TEXT_H

#include "program.h"

/* Not terminated: a piece of the text. Empty when a line has no more words. */
struct word {
    const char *at;
    size_t length;
};

struct text {
    const char *at; /* the rest of the line, */
    const char *line_end;
    const char *end; /* and of the text */
    unsigned line;   /* from 1 */
    char *error;
    size_t error_size;
};

/* How much of a word an error quotes, with its end. */
enum { QUOTE_SIZE = 41 };

void text_open(struct text *text, const char *bytes, size_t length, char *error, size_t error_size);
bool text_next_line(struct text *text); /* the next one with a word on it; false at the end */
struct word text_word(struct text *text);
bool text_fail(struct text *text, const char *format, ...); /* always false, for `return` */

bool word_is(struct word word, const char *expected);
const char *word_quote(struct word word, char quote[QUOTE_SIZE]);
bool word_decimal(struct word word, uint64_t most, uint64_t *value);
bool word_hex(struct word word, uint64_t *value); /* 0x... */
bool word_hex_byte(const char *digits, uint8_t *value);

/* text_map.c: the words "<base hex> <length hex> <type>" */
bool text_region(struct text *text, struct region *region);
/* The type in words; room for "other:4294967295". */
enum { TYPE_NAME_SIZE = 17 };
const char *region_type_name(uint32_t type, char name[TYPE_NAME_SIZE]);

/* text_parse.c, text_header.c: a program half read. */
struct parse {
    struct text text;
    struct program *program;
    bool has_cpus;
    bool has_below, has_managed_below;
    struct lists lists;
};

bool parse_version(struct parse *parse);
/* False without `known`: the line is none of the header's. False with it: it is, and it is wrong. */
bool parse_header(struct parse *parse, struct word word, bool *known);

/* text_table.c: the lines `multiboot ...` and `table FORM ...`, without their first word. */
bool parse_multiboot(struct parse *parse);
bool parse_table(struct parse *parse);
void print_table(const struct program *program, FILE *out);

/* text_ranges.c: `managed-below`, `reserve`, `later` and `place`. */
bool parse_managed_below(struct parse *parse);
bool parse_reserve(struct parse *parse);
bool parse_later(struct parse *parse);
bool parse_metadata_place(struct parse *parse);
void print_ranges(const struct program *program, FILE *out);

/* text_schedule.c: the line `schedule ...` of the header, and the lines `at ...`, without their first word. */
bool parse_schedule(struct parse *parse);
bool parse_override(struct parse *parse);
void print_schedule(const struct schedule *schedule, FILE *out);
void print_overrides(const struct schedule *schedule, FILE *out);

/* text_suggest.c: the known word nearest to this one, or NULL when none is near. */
const char *suggest_word(struct word word);

#endif
