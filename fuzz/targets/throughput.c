/*
 * How many programs a second a target runs, without an engine: for the figure in the README. Programs are the files
 * named, run in turn from memory for a few seconds of this process's own CPU time; everything a fuzzing run does to a
 * program is done, only nobody mutates or reads the coverage.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../program/program.h"

static const double seconds_per_round = 2;

enum { ROUNDS = 3, PROGRAMS_PER_LOOK = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

/* Programs a second over one round. */
static double measure(const struct input *inputs, size_t count)
{
    const double start = cpu_seconds();
    double passed;
    size_t next = 0, run = 0;

    do {
        for (int i = 0; i < PROGRAMS_PER_LOOK; i++, run++) {
            LLVMFuzzerTestOneInput(inputs[next].bytes, inputs[next].length);
            next = next + 1 < count ? next + 1 : 0;
        }
        passed = cpu_seconds() - start;
    } while (passed < seconds_per_round);
    return (double)run / passed;
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
        printf("%.0f programs a second\n", measure(inputs, count));
    for (size_t i = 0; i < count; i++)
        free(inputs[i].bytes);
    free(inputs);
    return 0;
}
