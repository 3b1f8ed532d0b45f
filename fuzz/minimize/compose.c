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

static void write_range_list(const char *name, const struct ranges *ranges, FILE *out)
{
    if (ranges->count == 0)
        return;
    fprintf(out, "static const struct pmm_range %s[] = {", name);
    for (size_t i = 0; i < ranges->count; i++)
        fprintf(out, "{0x%" PRIx64 ", 0x%" PRIx64 "}, ", ranges->list[i].base, ranges->list[i].length);
    fprintf(out, "};\n");
}

/* The memory map as entries, or as the raw bytes that a boot loader left; and the ranges beside it. */
static void write_map(const struct program *program, FILE *out)
{
    write_range_list("reserved", &program->reserved, out);
    write_range_list("later", &program->later, out);
    if (program->raw) {
        fprintf(out, "static const uint8_t entries[%zu] = {", program->table.length + 1);
        for (size_t i = 0; i < program->table.length; i++)
            fprintf(out, "%u, ", program->table.bytes[i]);
        fprintf(out, "0};\n\n");
        return;
    }
    fprintf(out, "static const struct pmm_region regions[] = {\n");
    for (size_t i = 0; i < program->region_count; i++)
        fprintf(out, "    {0x%" PRIx64 ", 0x%" PRIx64 ", %" PRIu32 "},\n", program->regions[i].base,
                program->regions[i].length, program->regions[i].type);
    fprintf(out, "    {0, 0, 0},\n};\n\n");
}

/* False when it is broken, and no more is to be said. */
static bool write_table(const struct table *table, FILE *out)
{
    static struct region entries[RUN_ENTRIES];
    const size_t stride = table->stride ? table->stride : table_shapes[table->form].stride;
    const char *name = table_shapes[table->form].name, *bytes = "entries";
    size_t count, length = table->length;
    const bool sound = map_from_table(table, entries, RUN_ENTRIES, &count);

    fprintf(out, "    form = pmm_form_%s;\n", name);
    if (table->stride)
        fprintf(out, "    form.stride = %" PRIu32 ";\n", table->stride);
    if (table->form == TABLE_LIMINE) { /* a loader makes an array of pointers to the entries */
        const size_t whole = table->length / stride;

        fprintf(out, "    for (unsigned i = 0; i < %zu; i++)\n        pointers[i] = entries + i * %zu;\n", whole,
                stride);
        bytes = "pointers";
        length = whole * 8 + (table->length % stride ? 4 : 0);
    }
    fprintf(out, "    CHECK(pmm_map_from_table(%s, %zu, &form, &map) == %s);\n", bytes, length,
            sound ? "PMM_OK" : "PMM_ERR_MAP");
    if (!sound)
        fprintf(out, "    return 0;\n");
    return sound;
}

void write_start(struct unit_test *test, const struct run *run)
{
    const struct program *program = run->program;
    const struct table table = program_table(program);

    if (!program->raw)
        fprintf(test->out, "    map = pmm_map_from_regions(regions, %zu);\n", program->region_count);
    else if (!write_table(&table, test->out))
        return;
    if (program->placed)
        fprintf(test->out, "    (void)pmm_place_metadata(&map, &config);\n");
    fprintf(test->out, "    CHECK(pmm_metadata_size(&map, &config, &bytes) == PMM_OK);\n");
    if (test->failure == FAIL_S04)
        fprintf(test->out, "    CHECK(bytes <= 80 * %" PRIu64 " + 512 * %u + 32 * %zu + 4096);\n", run->totals.blocks,
                program->cpus, run->map.count + run->map.reserved_count + run->map.later_count);
    fprintf(test->out, "    CHECK(posix_memalign(&metadata, 64, (size_t)bytes) == 0);\n");
    if (test->failure == FAIL_N01)
        fprintf(test->out, "    before = malloc((size_t)bytes);\n    CHECK(before != NULL);\n");
    fprintf(test->out, "    CHECK(pmm_init(metadata, bytes, &map, &config, &pmm) == PMM_OK);\n");
}

/* What the start is told besides the map. */
static void write_config(const struct program *program, FILE *out)
{
    fprintf(out, "    struct pmm_config config = {.cpus = %u", program->cpus);
    if (program->reserved_below)
        fprintf(out, ", .reserved_below = 0x%" PRIx64, program->reserved_below);
    if (program->managed_below)
        fprintf(out, ", .managed_below = 0x%" PRIx64, program->managed_below);
    if (program->reserved.count)
        fprintf(out, ", .reserved = reserved, .reserved_count = %zu", program->reserved.count);
    if (program->later.count)
        fprintf(out, ", .later = later, .later_count = %zu", program->later.count);
    if (program->placed)
        fprintf(out, ", .place_above = 0x%" PRIx64 ", .place_below = 0x%" PRIx64, program->place_above,
                program->place_below);
    fprintf(out, "};\n    struct pmm_map map;\n");
    if (program->raw)
        fprintf(out, "    struct pmm_form form;\n");
    if (program->raw && program->table.form == TABLE_LIMINE)
        fprintf(out, "    const uint8_t *pointers[%zu];\n", program->table.length / 24 + 1);
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
    fprintf(out, "static int test(void)\n{\n");
    write_config(program, out);
    fprintf(out, "    void *metadata = NULL;\n    uint64_t bytes = 0;\n");
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
