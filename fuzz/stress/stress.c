/*
 * `stress`: concurrent programs on real threads, one for each CPU, until time is up. Every owner writes into its frames;
 * whenever all threads rest everything is freed and must be as after the start. For TSan, and for what simulated CPUs
 * cannot show: that the compiler's atomics are the ones that were simulated. Exit status 0: nothing found; 1: found; 2:
 * a file could not be read; TSan's own 66.
 */
#define _POSIX_C_SOURCE 200809L
#include "stress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../run/input.h"
#include "../run/run.h"

enum { PASSES = 200, PROGRAMS = 4096 };

static struct program *programs[PROGRAMS];
static const char *names[PROGRAMS];
static size_t program_count;

static struct world world;
static struct worker workers[PROGRAM_CPUS];
static pthread_barrier_t barrier; /* of all workers and who commands them */
static bool over;
static const char *running = "";

void stress_fail(const char *what, uint64_t address)
{
    fprintf(stderr, "FAIL stress %s: 0x%" PRIx64 " %s: run it again: real threads do not repeat\n", running, address,
            what);
    _Exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- one program ---- */

static void *work(void *argument)
{
    struct worker *worker = argument;

    for (;;) {
        pthread_barrier_wait(&barrier);
        if (over)
            return NULL;
        for (unsigned pass = 0; worker->cpu < world.program->cpus && pass < PASSES; pass++) {
            stress_run(worker, LIST_CPU + worker->cpu);
            stress_give_some(worker);
        }
        pthread_barrier_wait(&barrier);
    }
}

static void begin_world(const struct program *program)
{
    struct lists lists = {0};

    world.program = program;
    world.map = run_start_of(program).map;
    world.later_held = 0;
    memset(world.counts, 0, sizeof world.counts);
    for (size_t i = 0; i < program->operation_count; i++) {
        unsigned list;

        if (lists_next(&lists, program->cpus, &program->operations[i], &list) && list != LIST_NONE)
            world.lists[list][world.counts[list]++] = &program->operations[i];
    }
}

static uint64_t free_frames(void)
{
    struct counts zones[ZONE_COUNT] = {{0}};
    uint64_t free = 0;

    if (world.allocator->counts)
        world.allocator->counts(world.self, zones);
    for (unsigned zone = 0; zone < ZONE_COUNT; zone++)
        free += zones[zone].free;
    return free;
}

/* All threads rest, and nothing is held. */
static void audit(uint64_t free, uint64_t whole)
{
    const char *wrong = world.allocator->check ? world.allocator->check(world.self) : NULL;

    if (wrong)
        stress_fail(wrong, 0);
    if (free_frames() != free + world.later_held)
        stress_fail("frames free when all are freed", free_frames());
    if (world.later_held == 0 && world.allocator->whole_blocks && world.allocator->whole_blocks(world.self) != whole)
        stress_fail("whole blocks when all are freed", world.allocator->whole_blocks(world.self));
}

static void stress_program(const struct program *program)
{
    const struct start start = run_start_of(program);
    enum answer answer;
    uint64_t free, whole;

    if (program->raw || program->placed || !shadow_begin(program))
        return;
    world.self = world.allocator->start(&start, &answer);
    if (!world.self)
        return;
    free = free_frames();
    whole = world.allocator->whole_blocks ? world.allocator->whole_blocks(world.self) : 0;
    begin_world(program);
    stress_run(&workers[0], LIST_SETUP);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    for (unsigned cpu = 0; cpu < PROGRAM_CPUS; cpu++)
        if (cpu < program->cpus)
            stress_give_all(&workers[cpu]);
    audit(free, whole);
    world.allocator->stop(world.self);
}

/* ---- all of them ---- */

static void read_programs(char **paths, int count)
{
    for (int i = 0; i < count && program_count < PROGRAMS; i++) {
        struct program *program = malloc(sizeof *program);
        struct memory_map map = {0};

        if (!program || input_read(paths[i], program, &map) != INPUT_PROGRAM) {
            fprintf(stderr, "stress: %s: name concurrent programs, such as corpus/smp/*.ops\n", paths[i]);
            exit(2);
        }
        if (program->concurrent) {
            names[program_count] = paths[i];
            programs[program_count++] = program;
        } else {
            free(program);
        }
    }
}

int main(int argc, char **argv)
{
    const int first = argc > 1 && strcmp(argv[1], "--disordered") == 0 ? 2 : 1;
    const double seconds = argc > first ? strtod(argv[first], NULL) : 0;
    pthread_t threads[PROGRAM_CPUS];
    uint64_t calls = 0, runs = 0;
    double begun;

    if (argc < first + 2 || seconds <= 0) {
        fprintf(stderr, "usage: stress [--disordered] SECONDS PROGRAM...\n"
                        "  --disordered  makes a race, for the test that it is seen\n");
        return 2;
    }
    world.disordered = first > 1;
    read_programs(argv + first + 1, argc - first - 1);
    world.allocator = &allocator_under_test;
    pthread_barrier_init(&barrier, NULL, PROGRAM_CPUS + 1);
    for (unsigned cpu = 0; cpu < PROGRAM_CPUS; cpu++) {
        workers[cpu] = (struct worker){.world = &world, .cpu = cpu, .random = cpu};
        pthread_create(&threads[cpu], NULL, work, &workers[cpu]);
    }
    begun = now();
    while (program_count > 0 && now() - begun < seconds) {
        running = names[runs % program_count];
        stress_program(programs[runs++ % program_count]);
    }
    over = true;
    pthread_barrier_wait(&barrier);
    for (unsigned cpu = 0; cpu < PROGRAM_CPUS; cpu++) {
        pthread_join(threads[cpu], NULL);
        calls += workers[cpu].calls;
    }
    if (calls == 0) {
        fprintf(stderr, "stress: no call in %.0f s: give it more time, or other programs\n", seconds);
        return 2;
    }
    printf("%" PRIu64 " runs of %zu programs, %" PRIu64 " calls, %.0f calls a second, nothing found\n", runs,
           program_count, calls, (double)calls / (now() - begun));
    return 0;
}
