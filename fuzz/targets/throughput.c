/*
 * How many programs a second a target runs, without an engine: for the figure in the README. Programs are the files
 * named, run in turn from memory for a few seconds of this process's own CPU time; everything a fuzzing run does to a
 * program is done, only nobody mutates or reads the coverage.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine.h"

static const double seconds_per_round = 2;

enum { ROUNDS = 3, PROGRAMS_PER_LOOK = 256 };

struct input {
    uint8_t *bytes;
    size_t length;
};

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct input read_input(const char *path)
{
    struct input input = {malloc(PROGRAM_BYTES), 0};
    FILE *file = fopen(path, "rb");

    if (!file || !input.bytes) {
        fprintf(stderr, "%s: cannot be read: name programs in bytes, as `pmm-ops generate` writes them\n", path);
        exit(2);
    }
    input.length = fread(input.bytes, 1, PROGRAM_BYTES, file);
    fclose(file);
    return input;
}

static uint64_t points(void)
{
    return &engine_points ? engine_points : 0;
}

/* One round: programs a second, and scheduling points of each where there are any. */
static void measure(const struct input *inputs, size_t count)
{
    const double start = cpu_seconds();
    const uint64_t points_before = points();
    double passed;
    size_t next = 0, run = 0;

    do {
        for (int i = 0; i < PROGRAMS_PER_LOOK; i++, run++) {
            LLVMFuzzerTestOneInput(inputs[next].bytes, inputs[next].length);
            next = next + 1 < count ? next + 1 : 0;
        }
        passed = cpu_seconds() - start;
    } while (passed < seconds_per_round);
    printf("%.0f programs a second", (double)run / passed);
    if (points() > points_before)
        printf(", %.0f scheduling points each", (double)(points() - points_before) / (double)run);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const size_t count = (size_t)argc - 1;
    struct input *inputs = calloc(count + 1, sizeof(*inputs));

    if (argc < 2 || !inputs) {
        fprintf(stderr, "usage: throughput PROGRAM...\n");
        return 2;
    }
    for (size_t i = 0; i < count; i++)
        inputs[i] = read_input(argv[i + 1]);
    for (int round = 0; round < ROUNDS; round++)
        measure(inputs, count);
    for (size_t i = 0; i < count; i++)
        free(inputs[i].bytes);
    free(inputs);
    return 0;
}
