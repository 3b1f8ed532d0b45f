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
#include "../schedule/schedule.h"

enum {
    PROGRAM_VERSION = 1,
    PROGRAM_REGIONS = 64,      /* most entries of a map */
    PROGRAM_OPERATIONS = 1024, /* most operations */
    PROGRAM_TABLE = 4096,      /* most bytes of a raw table */
    PROGRAM_RANGES = 16,       /* most reserved ranges, and most later ones */
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

/* It says whose the operations behind it are, and does nothing itself. */
static inline bool operation_directs(const struct operation *operation)
{
    return operation->kind == OPERATION_CPU || operation->kind == OPERATION_HANDLER;
}

struct ranges {
    size_t count;
    struct range list[PROGRAM_RANGES];
};

struct program {
    unsigned cpus;                     /* 1 to PROGRAM_CPUS */
    uint64_t reserved_below;           /* bytes */
    uint64_t managed_below;            /* bytes; 0: no such limit */
    struct ranges reserved, later;     /* beside the map */
    bool placed;                       /* the metadata lies in memory of the map, between these, in bytes: */
    uint64_t place_above, place_below; /* the second 0: anywhere above the first; both 0 when not placed */
    bool raw;                          /* the map is the raw table, and there are no regions */
    struct {
        enum table_form form;
        uint32_t stride; /* 0: as the form has it; at most PROGRAM_TABLE */
        size_t length;
        uint8_t bytes[PROGRAM_TABLE];
    } table;
    size_t region_count;
    struct region regions[PROGRAM_REGIONS];
    size_t operation_count;
    struct operation operations[PROGRAM_OPERATIONS];
    bool concurrent; /* the operations are lists of several CPUs, and `schedule` says who runs when */
    struct schedule schedule;
};

/*
 * The lists of a concurrent program. What stands before the first `cpu` or `handler` line is the set-up, which CPU 0
 * runs alone; each of these lines says whose the operations after it are.
 */
enum {
    LIST_SETUP,
    LIST_CPU,                                    /* of CPU 0, and so on */
    LIST_HANDLER = LIST_CPU + (int)PROGRAM_CPUS, /* of interrupt 0, and so on */
    LIST_COUNT = LIST_HANDLER + (int)SCHEDULE_HANDLERS,
    LIST_NONE = LIST_COUNT, /* a line that directs */
    LIST_OPERATIONS = 8,    /* most operations of the set-up and of a CPU */
    LIST_INTERRUPT = 4,     /* and of a handler */
    LIST_DIRECTIONS = 32,   /* most `cpu` and `handler` lines */
};

/* What an override can say (schedule.h), so that it fits its bytes. */
enum { OVERRIDE_STEPS = 4096, OVERRIDE_STALE_MOST = 7 };

/* lists.c: goes through the operations of a concurrent program in order. Starts as {0}. */
struct lists {
    unsigned current;
    unsigned directions;
    unsigned used[LIST_COUNT];
};
/* The list that `operation` is in, LIST_NONE for `cpu` and `handler`. False: there is no room for it. */
bool lists_next(struct lists *lists, unsigned cpus, const struct operation *operation, unsigned *list);
unsigned list_room(unsigned list);

/* operations.c: the same map, the same operations. */
bool program_equal(const struct program *a, const struct program *b);

/* program_map.c: a map of no entries, and nothing beside it. */
void program_clear_map(struct program *program);
/* The raw table, where it lies. */
struct table program_table(const struct program *program);
bool program_maps_equal(const struct program *a, const struct program *b);
void program_copy_map(struct program *to, const struct program *from);

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
/* text_schedule.c: one override as its line, without the line end. */
int override_format(const struct override *override, char *line, size_t size);
extern const char *const strategy_names[STRATEGY_COUNT];
/* One operation as its line, without the line end; returns what snprintf would. */
int operation_format(const struct operation *operation, char *line, size_t size);

/* text_map.c: a `.map` file of the corpus, one "<base hex> <length hex> <type>" a line, any number of them.
 * The caller frees *regions; errors as above. */
bool map_parse(const char *text, size_t length, struct region **regions, size_t *count, char *error,
               size_t error_size);

#endif
