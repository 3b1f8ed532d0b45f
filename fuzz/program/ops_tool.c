/*
 * pmm-ops: programs as files. Converts between text and bytes, formats and checks text, writes seeds and
 * FORMAT.md. Runs no program. Exit status: 0 done, 1 an input is wrong, 2 the command line is.
 */
#include "ops_tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../mutator/mutator.h"
#include "bytes.h"

enum { DEFAULT_OPERATIONS = 32, SEEDS_MOST = 1000000 };

/* Only one program is worked on at a time; too large for the stack. */
static struct program program, again;
static uint8_t encoded[PROGRAM_BYTES];

/* Reads a program in text into `program`. */
static int load_text(const char *path)
{
    char error[256];
    size_t length;
    char *bytes = read_file(path, &length);
    bool parsed;

    if (!bytes)
        return 1;
    parsed = program_parse(&program, bytes, length, error, sizeof error);
    free(bytes);
    return parsed ? 0 : fail(path, error);
}

static int encode(char **arguments)
{
    if (load_text(arguments[0]))
        return 1;
    return write_file(arguments[1], encoded, program_encode(&program, encoded, sizeof encoded));
}

static int decode(char **arguments)
{
    size_t length, used;
    char *bytes = read_file(arguments[0], &length);
    FILE *out;
    bool text;

    if (!bytes)
        return 1;
    text = program_is_text((const uint8_t *)bytes, length);
    used = text ? 0 : decode_counted(&program, (const uint8_t *)bytes, length);
    free(bytes);
    if (text)
        return fail(arguments[0], "this is text already; `pmm-ops format` prints it in canonical form");
    if (used < length)
        fprintf(stderr, "pmm-ops: %s: note: left out a tail of %zu bytes that is no whole operation\n", arguments[0],
                length - used);
    out = fopen(arguments[1], "w");
    if (!out)
        return fail(arguments[1], strerror(errno));
    program_print(&program, out);
    return fclose(out) == 0 ? 0 : fail(arguments[1], "could not be written in full");
}

static int format(char **arguments)
{
    if (load_text(arguments[0]))
        return 1;
    program_print(&program, stdout);
    return 0;
}

static int lint_map(const char *path)
{
    struct region *regions;
    char error[256];
    size_t length, count;
    char *text = read_file(path, &length);
    bool parsed;

    if (!text)
        return 1;
    parsed = map_parse(text, length, &regions, &count, error, sizeof error);
    free(text);
    if (!parsed)
        return fail(path, error);
    free(regions);
    return 0;
}

/* A program must be read, and come back from its byte twin unchanged. */
static int lint_program(const char *path)
{
    if (load_text(path))
        return 1;
    program_decode(&again, encoded, program_encode(&program, encoded, sizeof encoded));
    return program_equal(&program, &again) ? 0 : fail(path, "differs after encode and decode; report this as a bug");
}

static int lint(char **arguments)
{
    int failed = 0, files = 0;

    for (; arguments[files]; files++) {
        const char *dot = strrchr(arguments[files], '.');

        failed += dot && strcmp(dot, ".map") == 0 ? lint_map(arguments[files]) : lint_program(arguments[files]);
    }
    printf("%d files, %d wrong\n", files, failed);
    return failed != 0;
}

static int doc(char **arguments)
{
    (void)arguments;
    print_format_document(stdout);
    return 0;
}

/* Writes `program` into the folder as seed number `number`. */
static int write_seed(const char *folder, const char *name, uint64_t number)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s-%" PRIu64, folder, name, number);

    if (length < 0 || (size_t)length >= sizeof path)
        return fail(folder, "the path is too long");
    return write_file(path, encoded, program_encode(&program, encoded, sizeof encoded));
}

static int generate_smp(char **arguments)
{
    const char *weak = arguments[3];
    uint64_t seed, count;

    if (!argument_number(arguments[0], UINT64_MAX, &seed) || !argument_number(arguments[1], SEEDS_MOST, &count))
        return fail("generate-smp", "SEED is a number, COUNT at most 1000000"), 2;
    if (weak && strcmp(weak, "weak") != 0)
        return fail("generate-smp", "the last word can only be `weak`: loads may be stale in all of them"), 2;
    for (uint64_t i = 0; i < count; i++) {
        generate_concurrent_program(&program, seed + i);
        program.schedule.modes |= weak ? (unsigned)SCHEDULE_WEAK : 0;
        if (write_seed(arguments[2], "concurrent", seed + i))
            return 1;
    }
    return 0;
}

static int generate(char **arguments)
{
    uint64_t seed, count, operations = DEFAULT_OPERATIONS;

    if (!argument_number(arguments[0], UINT64_MAX, &seed) || !argument_number(arguments[1], SEEDS_MOST, &count) ||
        (arguments[3] && !argument_number(arguments[3], PROGRAM_OPERATIONS, &operations)))
        return fail("generate", "SEED is a number, COUNT at most 1000000, OPERATIONS at most 1024"), 2;
    for (uint64_t i = 0; i < count; i++) {
        generate_program(&program, seed + i, (unsigned)operations);
        if (write_seed(arguments[2], "generated", seed + i))
            return 1;
    }
    return 0;
}

static const struct command {
    const char *name;
    const char *usage;
    int least, most; /* arguments */
    int (*run)(char **arguments);
} commands[] = {
    {"encode", "IN.ops OUT", 2, 2, encode},
    {"decode", "IN OUT.ops", 2, 2, decode},
    {"format", "IN.ops", 1, 1, format},
    {"lint", "FILE.ops|FILE.map ...", 1, 1 << 20, lint},
    {"generate", "SEED COUNT DIR [OPERATIONS]", 3, 4, generate},
    {"generate-smp", "SEED COUNT DIR [weak]", 3, 4, generate_smp},
    {"doc", "", 0, 0, doc},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].least && argc - 2 <= commands[i].most)
            return commands[i].run(argv + 2);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stderr, "%s pmm-ops %s %s\n", i ? "      " : "usage:", commands[i].name, commands[i].usage);
    return 2;
}
