/* The laws of the two forms: nothing is lost on any way round, and any bytes are a program. */
#include "../../ci/tests/test.h"
#include "bytes.h"
#include "test_programs.h"

static struct program program, again;
static uint8_t bytes[PROGRAM_BYTES], twin[PROGRAM_BYTES];
static char text[TEXT_MOST], text_again[TEXT_MOST], error[ERROR_MOST];

static bool survives_bytes(void)
{
    size_t size = program_encode(&program, twin, sizeof twin);

    program_decode(&again, twin, size);
    return size && program_equal(&program, &again) && decode_counted(&again, twin, size) == size;
}

static bool survives_text(void)
{
    size_t length = print_program(&program, text);

    if (!length || !program_is_text((const uint8_t *)text, length) ||
        !program_parse(&again, text, length, error, sizeof error) || !program_equal(&program, &again))
        return false;
    print_program(&again, text_again);
    return strcmp(text, text_again) == 0;
}

static void random_bytes_survive(void)
{
    struct random random = {1};

    for (int i = 0; i < 100000; i++) {
        size_t size = random_bytes(&random, bytes, i % 100 ? 400 : 6000);

        program_decode(&program, bytes, size);
        CHECK(survives_bytes());
        CHECK(i % 50 || survives_text());
    }
}

static void generated_programs_survive(void)
{
    for (unsigned i = 0; i < 20000; i++) {
        generate_program(&program, i, i % 64);
        CHECK(program.operation_count == i % 64);
        CHECK(survives_bytes());
        CHECK(i % 10 || survives_text());
    }
}

static void clear(void)
{
    program_decode(&program, NULL, 0);
}

/* Every operation with every combination of values at the ends of, and around the escapes of, its operands.
 */
static void every_operation_survives(void)
{
    static const uint64_t values[][9] = {
        [OPERAND_NONE] = {0},
        [OPERAND_SLOT] = {0, 7, 8, 62, 63, 31, 32, 1, 9},
        [OPERAND_ZONE] = {ZONE_NORMAL, ZONE_DMA32, ZONE_DMA, ZONE_DMA, ZONE_NORMAL, 0, 1, 2, 0},
        [OPERAND_ORDER] = {0, 9, 1, 8, 10, 127, 128, 254, 255},
        [OPERAND_COUNT] = {0, 1, 0xEF, 0xF0, 0xFF, 0x100, 511, 65534, 65535},
        [OPERAND_ADDRESS] = {0, 1, 0x100FFF, 0x101000, DMA_LIMIT - 1, DMA32_LIMIT, ADDRESS_LIMIT, 1ull << 45, ~0ull},
    };

    clear();
    program.regions[program.region_count++] = (struct region){0x100001, 0x2345, REGION_USABLE};
    for (unsigned kind = 0; kind < OPERATION_COUNT; kind++) {
        const enum operand_kind *kinds = operation_infos[kind].operands;

        program.operation_count = 0;
        for (size_t i = 0; i < 9 * 9 * 9; i++) {
            struct operation *operation = &program.operations[program.operation_count++];

            operation->kind = (enum operation_kind)kind;
            operation->operands[0] = values[kinds[0]][i % 9];
            operation->operands[1] = values[kinds[1]][i / 9 % 9];
            operation->operands[2] = values[kinds[2]][i / 81];
        }
        CHECK(survives_bytes());
        CHECK(survives_text());
    }
}

static void every_region_survives(void)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       127,
                                       128,
                                       4095,
                                       0x9FC00,
                                       1 << 20,
                                       4095 << 12,
                                       4096ull << 12,
                                       ~0ull,
                                       DMA_LIMIT - 1,
                                       DMA32_LIMIT + 129,
                                       ADDRESS_LIMIT - 4096,
                                       1ull << 63,
                                       ~0ull << 12};
    static const uint32_t types[] = {0, 1, 2, 3, 4, 5, 6, 7, 12, 20, 0xEFFFFFFF, UINT32_MAX};
    size_t count = sizeof numbers / sizeof numbers[0];

    clear();
    for (size_t i = 0; i < count * count * 12; i++) {
        if (program.region_count == PROGRAM_REGIONS)
            clear();
        program.regions[program.region_count++] =
            (struct region){numbers[i % count], numbers[i / count % count], types[i / count / count]};
        program.reserved_below = numbers[i % count];
        program.cpus = 1 + i % PROGRAM_CPUS;
        CHECK(survives_bytes());
        CHECK(program.region_count < PROGRAM_REGIONS || survives_text());
    }
}

static void what_stands_beside_the_map_survives(void)
{
    static const uint64_t numbers[] = {0,          1,     4095,       4096, 1 << 20, 4095 << 12, 4096ull << 12,
                                       1ull << 63, ~0ull, ~0ull << 12};
    const size_t count = sizeof numbers / sizeof numbers[0];

    for (size_t i = 0; i < count * count * 4; i++) {
        clear();
        program.regions[program.region_count++] = (struct region){0x100001, 0x2345, REGION_LATER};
        program.concurrent = i % 3 == 0;
        program.schedule = (struct schedule){.seed = i};
        program.managed_below = numbers[i % count];
        program.placed = i % 2;
        program.place_above = i % 2 ? numbers[i % count] : 0;
        program.place_below = i % 2 ? numbers[i / count % count] : 0;
        program.reserved.count = i % (PROGRAM_RANGES + 1);
        program.later.count = (i * 7 + 3) % (PROGRAM_RANGES + 1);
        for (size_t j = 0; j < PROGRAM_RANGES; j++) {
            program.reserved.list[j] = (struct range){numbers[(i + j) % count], numbers[i / count % count]};
            program.later.list[j] = (struct range){numbers[i / count % count], numbers[(i + j) % count]};
        }
        CHECK(survives_bytes() && survives_text());
    }
}

static void every_form_of_table_survives(void)
{
    for (unsigned form = 0; form < TABLE_FORMS; form++) {
        for (uint32_t stride = 0; stride <= PROGRAM_TABLE; stride += stride < 64 ? 1 : 4032) {
            clear();
            program.raw = true;
            program.table.form = (enum table_form)form;
            program.table.stride = stride;
            program.table.length = stride % 60;
            memset(program.table.bytes, 0x5A, program.table.length);
            CHECK(survives_bytes() && survives_text());
        }
    }
}

/* The largest program there is: raw bytes for every operand, and no room to spare in any table. */
static void largest_program_survives(void)
{
    clear();
    program.reserved_below = program.managed_below = ~0ull;
    program.placed = true;
    program.place_above = program.place_below = 1ull << 45;
    for (struct ranges *ranges = &program.reserved;; ranges = &program.later) {
        for (; ranges->count < PROGRAM_RANGES; ranges->count++)
            ranges->list[ranges->count] = (struct range){(1ull << 45) + 1, ~0ull};
        if (ranges == &program.later)
            break;
    }
    program.raw = true;
    program.table.form = TABLE_LIMINE;
    program.table.stride = PROGRAM_TABLE;
    memset(program.table.bytes, 0x5A, sizeof program.table.bytes);
    for (size_t length = 0; length < 300; length++) { /* on either side of the escape, and of a line */
        program.table.length = length;
        CHECK(survives_bytes() && survives_text());
    }
    program.table.length = PROGRAM_TABLE;
    for (; program.operation_count < PROGRAM_OPERATIONS; program.operation_count++)
        program.operations[program.operation_count] = (struct operation){OPERATION_FREE_AT, {1ull << 45, 200, 0}};
    CHECK(survives_bytes() && survives_text());
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"program: random bytes survive encode, decode, print and parse", random_bytes_survive},
        {"program: generated programs survive", generated_programs_survive},
        {"program: every operation survives with every edge of its operands", every_operation_survives},
        {"program: every kind of region survives", every_region_survives},
        {"program: what stands beside the map survives", what_stands_beside_the_map_survives},
        {"program: every form of table survives", every_form_of_table_survives},
        {"program: the largest program survives", largest_program_survives},
    };

    return test_main(tests, sizeof tests / sizeof tests[0], argc, argv);
}
