/* Programs and memory maps in text: what may be written, and what is said about everything that may not. */
#include <stdlib.h>

#include "../../ci/tests/test.h"
#include "test_programs.h"

static struct program program;
static char text[TEXT_MOST], error[ERROR_MOST];

static bool parse(const char *source)
{
    return program_parse(&program, source, strlen(source), error, sizeof error);
}

struct spelling {
    const char *source;
    const char *canonical;
};

static void spellings_have_one_canonical_form(void)
{
    static const struct spelling spellings[] = {
        {"ops 1", "ops 1\n"},
        {"\n# c\n\t ops 1 # c\n", "ops 1\n"},
        {"ops 1\r\ncpus 2\r\n\r\nalloc s0\r\n", "ops 1\ncpus 2\nalloc s0\n"},
        {"ops 1\ncpus 1\nbelow 0x0\n", "ops 1\n"},
        {"ops 1\nmap 0x00AB 0XFF other:2\n", "ops 1\nmap 0xab 0xff reserved\n"},
        {"ops 1\nmap 0x0 0x1 other:12#c", "ops 1\nmap 0x0 0x1 other:12\n"},
        {"ops 1\nbelow 0x10\nmap 0xffffffffffffffff 0x0 pmem",
         "ops 1\nbelow 0x10\nmap 0xffffffffffffffff 0x0 pmem\n"},
        {"ops 1\nmultiboot 0102\nmultiboot aB fF\n", "ops 1\nmultiboot 01 02 ab ff\n"},
        {"ops 1\nmultiboot", "ops 1\nmultiboot\n"},
        {"ops 1\ntable multiboot/00 01\nmultiboot 02", "ops 1\nmultiboot 01 02\n"},
        {"ops 1\ntable efi/056 0102\ntable efi/56 03", "ops 1\ntable efi/56 01 02 03\n"},
        {"ops 1\nlater 0x1 0x02\nreserve 0x3 0x4\nplace 0x0 0x10\nmanaged-below 0x5\nmap 0x0 0x0 other:60",
         "ops 1\nmanaged-below 0x5\nplace 0x0 0x10\nreserve 0x3 0x4\nlater 0x1 0x2\nmap 0x0 0x0 later\n"},
        {"ops 1\nalloc s07 normal\n", "ops 1\nalloc s7\n"},
        {"ops 1\nalloc-order s63 normal 255", "ops 1\nalloc-order s63 255\n"},
        {"ops 1\nalloc-order s0 dma 9\nfill 0 5", "ops 1\nalloc-order s0 dma 9\nfill 0 5\n"},
        {"ops 1\nfree-at 0xFFFF 9", "ops 1\nfree-at 0xffff 9\n"},
    };

    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        CHECK(parse(spellings[i].source));
        CHECK(error[0] == '\0');
        print_program(&program, text);
        CHECK(strcmp(text, spellings[i].canonical) == 0);
        CHECK(program_is_text((const uint8_t *)spellings[i].source, strlen(spellings[i].source)));
    }
}

/* Wrong text, and what the message about it must say. */
static const struct spelling mistakes[] = {
    {"", "line 1: the text is empty; a program starts with `ops 1`"},
    {"# only\n\n", "line 2: the text is empty"},
    {"alloc s0", "line 1: a program starts with `ops 1`, found `alloc`"},
    {"ops", "line 1: a program starts with `ops 1` and nothing else"},
    {"ops 1 1", "line 1: a program starts with `ops 1` and nothing else"},
    {"\nops 2\n", "line 2: this is version 2 of the format; this build reads version 1"},
    {"ops 1\ncpus 0", "line 2: `cpus` wants a number from 1 to 4, found `0`"},
    {"ops 1\ncpus", "line 2: `cpus` wants a number from 1 to 4, found ``"},
    {"ops 1\ncpus 2\ncpus 2", "line 3: a second `cpus`"},
    {"ops 1\nbelow 16", "line 2: `below` wants 64-bit hexadecimal, such as 0x100000, found `16`"},
    {"ops 1\nbelow 0x1\nbelow 0x1", "line 3: a second `below`"},
    {"ops 1\nmap 0x 0x1 usable", "line 2: the base wants 64-bit hexadecimal, such as 0x100000, found `0x`"},
    {"ops 1\nmap 0x1 1 usable", "the length wants 64-bit hexadecimal, such as 0x200000, found `1`"},
    {"ops 1\nmap 0x1 0x10000000000000000 usable", "the length wants 64-bit"},
    {"ops 1\nmap 0x1 0x1 ram", "pmem, later, other:<32-bit number>, found `ram`"},
    {"ops 1\nmap 0x1 0x1 other:", "found `other:`"},
    {"ops 1\nmap 0x1 0x1 other:4294967296", "found `other:4294967296`"},
    {"ops 1\nmap 0x1 0x1 usable x", "an entry ends after its type, found `x`"},
    {"ops 1\nmultiboot 0", "line 2: a table wants bytes of two hexadecimal digits, found `0`"},
    {"ops 1\nmultiboot 0g", "found `0g`"},
    {"ops 1\nmap 0x0 0x1 pmem\nmultiboot 00", "line 3: a table after `map`; a program has one or the other"},
    {"ops 1\nmultiboot\nmap 0x0 0x1 pmem", "line 3: `map` after a table"},
    {"ops 1\ntable efi 00\ntable e820 00", "line 3: a second table; a program has one, in one form"},
    {"ops 1\ntable elf 00", "line 2: `table` wants multiboot, multiboot2, e820, pvh, efi, limine or regions"},
    {"ops 1\ntable efi/4097 00", "found `efi/4097`"},
    {"ops 1\nreserve 0x0", "line 2: `reserve` wants a length as 64-bit hexadecimal, such as 0x100000, found ``"},
    {"ops 1\nlater 1 0x1", "line 2: `later` wants a base"},
    {"ops 1\nmanaged-below 0x1\nmanaged-below 0x1", "line 3: a second `managed-below`"},
    {"ops 1\nplace 0x1 0x1\nplace 0x1 0x1", "line 3: a second `place`"},
    {"ops 1\nstats\ncpus 2", "line 3: `cpus` after an operation; move it above the first one"},
    {"ops 1\n\nalocc s0", "line 3: unknown operation `alocc`; did you mean `alloc`?"},
    {"ops 1\nmpa 0x0 0x1 usable", "did you mean `map`?"},
    {"ops 1\nfree-insdie s0 1", "did you mean `free-inside`?"},
    {"ops 1\nsomething s0", "line 2: unknown operation `something`; `pmm-ops doc` lists them"},
    {"ops 1\n\x01\x80 s0", "line 2: unknown operation `\?\?`; "},
    {"ops 1\nalloc", "line 2: `alloc` lacks a slot (s0 to s63)"},
    {"ops 1\nalloc 3", "line 2: `alloc` wants a slot (s0 to s63), found `3`"},
    {"ops 1\nalloc s64", "line 2: `alloc` wants a slot (s0 to s63), found `s64`"},
    {"ops 1\nalloc s0 dam", "line 2: `alloc` wants a zone (normal, dma32, dma), found `dam`"},
    {"ops 1\nalloc s0 dma s1", "line 2: `alloc` is complete before `s1`; remove the rest of the line"},
    {"ops 1\ncpus 1 1", "line 2: `cpus` is complete before `1`"},
    {"ops 1\nfree-as s0 256", "line 2: `free-as` wants an order (0 to 255), found `256`"},
    {"ops 1\nfree-inside s0 65536", "line 2: `free-inside` wants a count (0 to 65535), found `65536`"},
    {"ops 1\nfree-inside s0", "line 2: `free-inside` lacks a count (0 to 65535)"},
    {"ops 1\nquery 4096", "line 2: `query` wants a 64-bit hexadecimal address (0x...), found `4096`"},
    {"ops 1\nfill 0 99999999999999999999", "found `99999999999999999999`"},
};

static void mistakes_are_named(void)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        CHECK(!parse(mistakes[i].source));
        CHECK(strstr(error, mistakes[i].canonical));
    }
}

/* `start`, then `count` times `line`. */
static bool parse_repeated(const char *start, const char *line, size_t count)
{
    size_t length = strlen(start), each = strlen(line);

    memcpy(text, start, length);
    for (; count--; length += each)
        memcpy(text + length, line, each);
    return program_parse(&program, text, length, error, sizeof error);
}

static void caps_are_named(void)
{
    CHECK(parse_repeated("ops 1\n", "map 0x0 0x1 usable\n", PROGRAM_REGIONS));
    CHECK(!parse_repeated("ops 1\n", "map 0x0 0x1 usable\n", PROGRAM_REGIONS + 1));
    CHECK(strstr(error, "line 66: a map has at most 64 entries; drop some"));
    CHECK(parse_repeated("ops 1\n", "stats\n", PROGRAM_OPERATIONS));
    CHECK(!parse_repeated("ops 1\n", "stats\n", PROGRAM_OPERATIONS + 1));
    CHECK(strstr(error, "line 1026: a program has at most 1024 operations; split it"));
    CHECK(parse_repeated("ops 1\nmultiboot ", "a5", PROGRAM_TABLE));
    CHECK(program.table.length == PROGRAM_TABLE);
    CHECK(!parse_repeated("ops 1\nmultiboot ", "a5", PROGRAM_TABLE + 1));
    CHECK(strstr(error, "line 2: a table has at most 4096 bytes; drop some"));
    CHECK(parse_repeated("ops 1\n", "later 0x0 0x1\n", PROGRAM_RANGES));
    CHECK(!parse_repeated("ops 1\n", "later 0x0 0x1\n", PROGRAM_RANGES + 1));
    CHECK(strstr(error, "line 18: at most 16 lines `later`; drop some"));
}

/* Every prefix and every damaged byte of a program is read or refused with a message, and never overruns. */
static void damaged_text_is_read_or_refused(void)
{
    struct random random = {3};

    for (unsigned i = 0; i < 300; i++) {
        size_t length;
        char *copy;

        generate_program(&program, i, 12);
        length = (size_t)random_below(&random, print_program(&program, text) + 1);
        copy = malloc(length + 1); /* ends where the text does, for the sanitizer to see */
        CHECK(copy);
        if (!copy)
            return;
        for (size_t j = 0; j < length; j++)
            copy[j] = (char)(text[j] ^ (random_one_in(&random, 64) ? 1 << random_below(&random, 8) : 0));
        copy = realloc(copy, length ? length : 1);
        if (!program_parse(&program, copy, length, error, sizeof error))
            CHECK(strncmp(error, "line ", 5) == 0 && strlen(error) > 20);
        free(copy);
    }
}

static void errors_fit_any_room(void)
{
    char small[8];

    CHECK(!program_parse(&program, "ops 9", 5, small, sizeof small));
    CHECK(strcmp(small, "line 1:") == 0);
    CHECK(!program_parse(&program, "ops 9", 5, NULL, 0));
}

static void operations_are_cut_to_the_room(void)
{
    struct operation operation = {OPERATION_FREE_AT, {0x1000, 9, 0}};
    char line[32];

    CHECK(operation_format(&operation, line, sizeof line) == 16);
    CHECK(strcmp(line, "free-at 0x1000 9") == 0);
    for (size_t room = 0; room < 17; room++) {
        CHECK(operation_format(&operation, line, room) == 16);
        CHECK(room == 0 || strlen(line) == room - 1);
    }
}

static void maps_are_read(void)
{
    static const char source[] = "# source: x\n# note: y\n0x0 0x9fc00 usable\r\n0x100000 0x1 other:20 # EfiType\n";
    struct region *regions = NULL;
    size_t count = 0;

    CHECK(map_parse(source, sizeof source - 1, &regions, &count, error, sizeof error));
    CHECK(count == 2 && regions && regions[0].length == 0x9FC00 && regions[1].type == 20);
    free(regions);
    parse_repeated("", "0x1000 0x1000 usable\n", 5000);
    CHECK(map_parse(text, 5000 * 21, &regions, &count, error, sizeof error) && count == 5000);
    free(regions);
    CHECK(!map_parse("# x\n", 4, &regions, &count, error, sizeof error) && strstr(error, "no entry; write at least"));
    CHECK(!map_parse("0x0 0x1 usable\n0x0 0x1\n", 23, &regions, &count, error, sizeof error));
    CHECK(strstr(error, "line 2: the type is one of"));
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"text: every spelling has one canonical form", spellings_have_one_canonical_form},
        {"text: every mistake is named, with its line", mistakes_are_named},
        {"text: what is too much is named", caps_are_named},
        {"text: damaged text is read or refused", damaged_text_is_read_or_refused},
        {"text: errors fit any room", errors_fit_any_room},
        {"text: operations are cut to the room", operations_are_cut_to_the_room},
        {"text: memory maps of any size are read", maps_are_read},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
