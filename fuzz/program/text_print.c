/* A program to its canonical text: what is as by default is left out, every number has one spelling. */
#include "text.h"

#include <inttypes.h>

/* What follows the operation's name, with the blank before it. */
static int format_operand(enum operand_kind kind, uint64_t value, char *line, size_t size)
{
    switch (kind) {
    case OPERAND_SLOT:
        return snprintf(line, size, " s%" PRIu64, value);
    case OPERAND_ZONE:
        return value == ZONE_NORMAL ? 0 : snprintf(line, size, " %s", zone_name((enum zone)value));
    case OPERAND_ORDER:
    case OPERAND_COUNT:
        return snprintf(line, size, " %" PRIu64, value);
    case OPERAND_ADDRESS:
        return snprintf(line, size, " 0x%" PRIx64, value);
    case OPERAND_NONE:
        break;
    }
    return 0;
}

int operation_format(const struct operation *operation, char *line, size_t size)
{
    const struct operation_info *info = &operation_infos[operation->kind];
    int length = snprintf(line, size, "%s", info->text);

    for (size_t i = 0; i < 3; i++) {
        size_t used = (size_t)length < size ? (size_t)length : size;

        length +=
            format_operand(info->operands[i], operation->operands[i], used < size ? line + used : NULL, size - used);
    }
    return length;
}

void program_print(const struct program *program, FILE *out)
{
    fprintf(out, "ops %d\n", PROGRAM_VERSION);
    if (program->cpus != 1)
        fprintf(out, "cpus %u\n", program->cpus);
    if (program->reserved_below)
        fprintf(out, "below 0x%" PRIx64 "\n", program->reserved_below);
    print_ranges(program, out);
    if (program->raw)
        print_table(program, out);
    for (size_t i = 0; i < program->region_count; i++) {
        const struct region *region = &program->regions[i];
        char name[TYPE_NAME_SIZE];

        fprintf(out, "map 0x%" PRIx64 " 0x%" PRIx64 " %s\n", region->base, region->length,
                region_type_name(region->type, name));
    }
    if (program->concurrent)
        print_schedule(&program->schedule, out);
    for (size_t i = 0; i < program->operation_count; i++) {
        char line[80];

        operation_format(&program->operations[i], line, sizeof line);
        fprintf(out, "%s\n", line);
    }
    if (program->concurrent)
        print_overrides(&program->schedule, out);
}
