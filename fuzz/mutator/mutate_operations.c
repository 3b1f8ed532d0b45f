/* One change to the operations: insert, delete, repeat, swap, change. Leaves the map alone. */
#include "parts.h"

#include <string.h>

enum {
    LONGEST_RUN = 16,
    EVEN_ODDS = 8, /* one time in so many every operation is as likely; else the bulk steps would cost all the time */
};

size_t open_gap(struct program *program, size_t at, size_t count)
{
    size_t room = PROGRAM_OPERATIONS - program->operation_count;

    count = count < room ? count : room;
    memmove(&program->operations[at + count], &program->operations[at],
            (program->operation_count - at) * sizeof program->operations[0]);
    program->operation_count += count;
    return count;
}

static enum operation_kind any_kind(struct random *random)
{
    return (enum operation_kind)random_below(random, OPERATION_COUNT);
}

static size_t random_index(const struct program *program, struct random *random)
{
    return (size_t)random_below(random, program->operation_count);
}

/* Mostly short, sometimes long; never past the end. */
static size_t random_run(const struct program *program, size_t at, struct random *random)
{
    size_t left = program->operation_count - at;
    size_t run = 1 + (size_t)random_below(random, random_one_in(random, 4) ? LONGEST_RUN : 3);

    return run < left ? run : left;
}

static void insert_operations(struct program *program, struct random *random)
{
    size_t at = (size_t)random_below(random, program->operation_count + 1);
    size_t wanted = 1 + (size_t)random_below(random, random_one_in(random, 4) ? LONGEST_RUN : 2);
    size_t count = open_gap(program, at, wanted);

    for (size_t i = at; i < at + count; i++) {
        struct operation *operation = &program->operations[i];

        if (random_one_in(random, EVEN_ODDS)) {
            operation->kind = any_kind(random);
            random_operands(program, i, random, operation);
        } else {
            random_operation(program, i, random, operation);
        }
    }
}

static void delete_run(struct program *program, struct random *random)
{
    size_t at = random_index(program, random), run = random_run(program, at, random);

    program->operation_count -= run;
    memmove(&program->operations[at], &program->operations[at + run],
            (program->operation_count - at) * sizeof program->operations[0]);
}

static void repeat_run(struct program *program, struct random *random)
{
    size_t from = random_index(program, random), run = random_run(program, from, random);
    size_t to = random_one_in(random, 2) ? from + run : random_index(program, random);
    struct operation copy[LONGEST_RUN];

    memcpy(copy, &program->operations[from], run * sizeof copy[0]);
    run = open_gap(program, to, run);
    memcpy(&program->operations[to], copy, run * sizeof copy[0]);
}

static void swap_two(struct program *program, struct random *random)
{
    struct operation *first = &program->operations[random_index(program, random)];
    struct operation *second = &program->operations[random_index(program, random)];
    struct operation kept = *first;

    *first = *second;
    *second = kept;
}

static void change_operand(struct program *program, struct random *random)
{
    size_t at = random_index(program, random);
    struct operation *operation = &program->operations[at];
    size_t count = 0;

    while (count < 3 && operation_infos[operation->kind].operands[count] != OPERAND_NONE)
        count++;
    if (count) {
        size_t index = (size_t)random_below(random, count);

        operation->operands[index] = random_operand(program, at, random, operation, index);
    }
}

/* One step up or down, within the operand's range: the off-by-ones. */
static void step_operand(struct program *program, struct random *random)
{
    struct operation *operation = &program->operations[random_index(program, random)];
    bool up = random_one_in(random, 2);

    for (size_t i = 0; i < 3; i++) {
        uint64_t *value = &operation->operands[i], most = 0, step = 1;

        switch (operation_infos[operation->kind].operands[i]) {
        case OPERAND_COUNT:
            most = 65535;
            break;
        case OPERAND_ORDER:
            most = 255;
            break;
        case OPERAND_ADDRESS:
            most = UINT64_MAX;
            step = random_one_in(random, 4) ? 1 : random_one_in(random, 4) ? BLOCK_BYTES : FRAME_BYTES;
            break;
        default:
            continue;
        }
        if (up ? *value <= most - step : *value >= step)
            *value = up ? *value + step : *value - step;
        return;
    }
}

/* Another operation with the same first operand, so that what it is about stays. */
static void change_kind(struct program *program, struct random *random)
{
    size_t at = random_index(program, random);
    struct operation *operation = &program->operations[at];
    struct operation other = {random_one_in(random, EVEN_ODDS) ? any_kind(random) : random_kind(random), {0}};
    const struct operation_info *before = &operation_infos[operation->kind], *after = &operation_infos[other.kind];

    random_operands(program, at, random, &other);
    if (before->operands[0] == after->operands[0])
        other.operands[0] = operation->operands[0];
    *operation = other;
}

void mutate_operations(struct program *program, struct random *random)
{
    static void (*const changes[])(struct program *, struct random *) = {
        insert_operations, insert_operations, delete_run,   repeat_run,  swap_two,
        change_operand,    change_operand,    step_operand, change_kind,
    };
    size_t change = (size_t)random_below(random, sizeof changes / sizeof changes[0]);

    if (program->operation_count == 0)
        change = 0;
    changes[change](program, random);
}
