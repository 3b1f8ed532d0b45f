/*
 * A unit test as a whole: what stands around the calls. It needs core/ and a C library, nothing of this suite, and
 * prints one line like the tests of ci/tests/.
 */
#include "explain.h"

#include <inttypes.h>

static void write_opening(const struct unit_test *test, FILE *out)
{
    const struct failure_info *info = &failure_infos[test->failure];

    fprintf(out,
            "/*\n * %s %s: %s.\n"
            " * Made from a minimised program; the answers expected are the model's. Build it with core/ alone:\n"
            " *   cc -std=c11 -Icore %sTHIS.c core/pmm*.c && ./a.out\n */\n"
            "#ifndef _POSIX_C_SOURCE\n#define _POSIX_C_SOURCE 200809L\n#endif\n"
            "#include <stdbool.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
            "#include <string.h>\n#include <unistd.h>\n\n#include \"pmm.h\"\n\n",
            info->id, info->name, info->meaning, test->several_cpus ? "-include fuzz/allocators/pmm_cpu.h " : "");
    fprintf(out,
            "/* A macro because it has to name the expression and the line. */\n"
            "#define CHECK(expression)  \\\n    do {  \\\n        if (!(expression))  \\\n"
            "            return failed(#expression, __LINE__);  \\\n    } while (0)\n\n"
            "static const char name[] = \"%s %s does not come back\";\n"
            "static struct pmm *pmm;\n",
            info->id, info->name);
    if (test->several_cpus)
        fprintf(out, "unsigned pmm_harness_cpu; /* the CPU that calls */\n");
}

static void write_slots(const struct unit_test *test, FILE *out)
{
    const char *before = "static uint64_t ";

    for (unsigned i = 0; i < PROGRAM_SLOTS; i++) {
        if (!(test->slots >> i & 1))
            continue;
        fprintf(out, "%ss%u", before, i);
        before = ", ";
    }
    fprintf(out, test->slots ? ";\n\n" : "\n");
}

/* The memory map as entries, or as the raw bytes that a boot loader left. */
static void write_map(const struct program *program, FILE *out)
{
    if (program->raw) {
        fprintf(out, "static const uint8_t entries[%zu] = {", program->multiboot_length + 1);
        for (size_t i = 0; i < program->multiboot_length; i++)
            fprintf(out, "%u, ", program->multiboot[i]);
        fprintf(out, "0};\n\n");
        return;
    }
    fprintf(out, "static const struct pmm_region regions[] = {\n");
    for (size_t i = 0; i < program->region_count; i++)
        fprintf(out, "    {0x%" PRIx64 ", 0x%" PRIx64 ", %" PRIu32 "},\n", program->regions[i].base,
                program->regions[i].length, program->regions[i].type);
    fprintf(out, "    {0, 0, 0},\n};\n\n");
}

void write_start(struct unit_test *test, const struct run *run)
{
    static struct region entries[RUN_ENTRIES];
    const struct program *program = run->program;
    size_t count;

    if (program->raw) {
        const bool sound =
            map_from_multiboot(program->multiboot, program->multiboot_length, entries, RUN_ENTRIES, &count);

        fprintf(test->out, "    CHECK(pmm_map_from_multiboot(entries, %zu, &map) == %s);\n",
                program->multiboot_length, sound ? "PMM_OK" : "PMM_ERR_MAP");
        if (!sound) {
            fprintf(test->out, "    return 0;\n");
            return;
        }
    } else {
        fprintf(test->out, "    map = pmm_map_from_regions(regions, %zu);\n", program->region_count);
    }
    fprintf(test->out, "    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK);\n");
    if (test->failure == FAIL_S04) {
        const struct memory_map map = {program->regions, program->region_count, program->reserved_below};

        fprintf(test->out, "    CHECK(bytes <= 80 * %" PRIu64 " + 512 * %u + 32 * %zu + 4096);\n",
                map_totals(&map).blocks, program->cpus, program->region_count);
    }
    fprintf(test->out, "    CHECK(posix_memalign(&metadata, 64, (size_t)bytes) == 0);\n");
    if (test->failure == FAIL_N01)
        fprintf(test->out, "    before = malloc((size_t)bytes);\n    CHECK(before != NULL);\n");
    fprintf(test->out, "    CHECK(pmm_init(metadata, bytes, &map, &config, &pmm) == PMM_OK);\n");
}

void unit_test_compose(const struct unit_test *test, const struct program *program, FILE *body, FILE *out)
{
    const enum failure_id failure = test->failure;
    bool drains = false;

    for (size_t i = 0; i < program->operation_count; i++)
        drains |= program->operations[i].kind == OPERATION_DRAIN;
    write_opening(test, out);
    write_slots(test, out);
    write_map(program, out);
    write_test_helpers(test, out);
    fprintf(out,
            "static int test(void)\n{\n    const struct pmm_config config = {.cpus = %u, .reserved_below = 0x%" PRIx64
            "};\n    struct pmm_map map;\n    void *metadata = NULL;\n    uint64_t bytes = 0;\n",
            program->cpus, program->reserved_below);
    fputs(test->uses_stats ? "    struct pmm_stats stats;\n" : "", out);
    fputs(failure == FAIL_N01 ? "    void *before;\n" : "", out);
    fputs(failure == FAIL_A07 ? "    uint64_t whole;\n" : "", out);
    fputs(test->uses_words ? "    uint64_t words[8];\n    bool large;\n" : "", out);
    fputs(drains ? "    unsigned first;\n" : "", out);
    fputc('\n', out);
    for (int byte = fgetc(body); byte != EOF; byte = fgetc(body))
        fputc(byte, out);
    fprintf(out,
            "    free(metadata);\n%s    return 0;\n}\n\n"
            "int main(void)\n{\n    int status;\n\n    alarm(10); /* a call that does not end is a failure too */\n"
            "    status = test();\n    if (status == 0)\n        printf(\"ok - %%s\\n\", name);\n"
            "    return status;\n}\n",
            failure == FAIL_N01 ? "    free(before);\n" : "");
}
