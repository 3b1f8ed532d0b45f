/*
 * A program: a memory map and operations on it. Text is the form people read and git keeps; bytes are the
 * form the fuzzers mutate. Any bytes decode to a valid program; encode(text) loses nothing. Knows no
 * allocator and no model.
 */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../reference/contract.h"

enum {
    PROGRAM_VERSION = 1,
    PROGRAM_REGIONS = 64,      /* most entries of a map */
    PROGRAM_OPERATIONS = 1024, /* most operations */
    PROGRAM_MULTIBOOT = 4096,  /* most bytes of a raw Multiboot map */
    PROGRAM_SLOTS = 64,
    PROGRAM_CPUS = 4,
    PROGRAM_BYTES = 32768, /* enough for the encoding of any program */
};

enum operation_kind {
#define OPERATION(name, text, a, b, c, doc) OPERATION_##name,
#include "operations.def"
#undef OPERATION
    OPERATION_COUNT
};

enum operand_kind { OPERAND_NONE, OPERAND_SLOT, OPERAND_ZONE, OPERAND_ORDER, OPERAND_COUNT, OPERAND_ADDRESS };

struct operation_info {
    const char *text;
    enum operand_kind operands[3];
    const char *doc;
};
extern const struct operation_info operation_infos[OPERATION_COUNT];

struct operation {
    enum operation_kind kind;
    uint64_t operands[3]; /* in the order of the table; 0 where there is none */
};

struct program {
    unsigned cpus;           /* 1 to PROGRAM_CPUS */
    uint64_t reserved_below; /* bytes */
    bool raw;                /* the map is the raw Multiboot bytes, and there are no regions */
    size_t multiboot_length;
    uint8_t multiboot[PROGRAM_MULTIBOOT];
    size_t region_count;
    struct region regions[PROGRAM_REGIONS];
    size_t operation_count;
    struct operation operations[PROGRAM_OPERATIONS];
};

/* operations.c: the same map, the same operations. */
bool program_equal(const struct program *a, const struct program *b);

/* bytes_decode.c, bytes_encode.c: decoding never fails; what does not fit is left out. */
void program_decode(struct program *program, const uint8_t *bytes, size_t length);
/* Bytes written, or 0 when `capacity` is too small. decode(encode(p)) == p for every p that text can say. */
size_t program_encode(const struct program *program, uint8_t *bytes, size_t capacity);

/* text_header.c: whether a file is a program in text (its first word is `ops`) and not in bytes. */
bool program_is_text(const uint8_t *bytes, size_t length);
/* text_parse.c: a message "line 7: ..." in `error` (with what to do) and false when it is no program. */
bool program_parse(struct program *program, const char *text, size_t length, char *error, size_t error_size);
/* text_print.c */
void program_print(const struct program *program, FILE *out);
/* One operation as its line, without the line end; returns what snprintf would. */
int operation_format(const struct operation *operation, char *line, size_t size);

/* text_map.c: a `.map` file of the corpus, one "<base hex> <length hex> <type>" a line, any number of them.
 * The caller frees *regions; errors as above. */
bool map_parse(const char *text, size_t length, struct region **regions, size_t *count, char *error,
               size_t error_size);

#endif
