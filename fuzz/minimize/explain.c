/*
 * Runs a failing program twice, each time in a process of its own: once to learn where it fails, once more to write down
 * what happens on the way there. What a process that dies has written by then stays.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "explain.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MOST = 20 };

struct explanation {
    struct unit_test test; /* in shared memory: what the process found out outlives it */
    const char *folder;
    bool searching; /* the first of the two runs */
};

static void write_moment(const struct explanation *explanation, const struct run *run)
{
    char path[4096];
    FILE *out;

    snprintf(path, sizeof(path), "%s/moment.json", explanation->folder);
    out = fopen(path, "w");
    if (!out)
        return;
    moment_write(run, explanation->test.failure, out);
    fclose(out);
}

static void before(void *context, const struct run *run)
{
    struct explanation *explanation = context;
    struct unit_test *test = &explanation->test;
    const bool fails_here = !explanation->searching && run->position == test->position;

    if (explanation->searching) {
        test->position = run->position;
        return;
    }
    if (fails_here)
        write_moment(explanation, run); /* in case it dies here */
    if (run->position == AT_START) {
        write_start(test, run);
    } else if (run->position == AT_END) {
        if (fails_here)
            write_free_everything(test, run);
    } else {
        if (fails_here)
            write_check_before(test, run);
        write_call(test, run);
    }
    fflush(test->out);
}

static void failed(void *context, const struct run *run)
{
    struct explanation *explanation = context;
    struct unit_test *test = &explanation->test;

    if (explanation->searching || run->failure == FAIL_T01) /* then the allocator is in the middle of a call */
        return;
    write_moment(explanation, run);
    if (run->model) {
        const bool idle = run->position == AT_START || run->position == AT_END;

        if (idle && strchr("ACE", failure_infos[test->failure].id[0]) && test->failure != FAIL_E01 &&
            test->failure != FAIL_C04)
            write_take_and_give_all(test, run); /* it failed while everything was taken to see if it was there */
        else
            write_check_after(test, run);
    }
    fflush(test->out);
}

/* One run of the program in a process of its own; what it failed with. */
static struct named_failure run_apart(struct explanation *explanation, const struct program *program,
                                      const struct allocator *allocator)
{
    const struct run_watcher watcher = {explanation, before, failed};
    static char log[1 << 16];
    FILE *output = tmpfile();
    int status = 0;
    size_t length;
    pid_t child;

    if (!output)
        return (struct named_failure){FAIL_NONE, ""};
    fflush(NULL);
    child = fork();
    if (child == 0) {
        const struct run_options options = {
            .frame_limit = RUN_FRAMES_REPLAY, .report = stderr, .thorough = true, .watcher = &watcher};

        alarm(SECONDS_MOST);
        dup2(fileno(output), STDERR_FILENO);
        run_program(program, allocator, &options);
        fflush(NULL);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return (struct named_failure){FAIL_NONE, ""};
    rewind(output);
    length = fread(log, 1, sizeof(log) - 1, output);
    log[length] = '\0';
    fclose(output);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        return (struct named_failure){FAIL_X11, ""};
    return failure_of_log(log, status);
}

static bool can_be_tested(const struct program *program, enum failure_id failure)
{
    return !program->concurrent && failure != FAIL_S05; /* steps are counted by instrumentation alone */
}

static void write_test(struct explanation *explanation, const struct program *program, FILE *body)
{
    char path[4096];
    FILE *out;

    snprintf(path, sizeof(path), "%s/test.c", explanation->folder);
    out = can_be_tested(program, explanation->test.failure) ? fopen(path, "w") : NULL;
    if (!out)
        return;
    rewind(body);
    unit_test_compose(&explanation->test, program, body, out);
    fclose(out);
}

bool explain(const struct program *program, const struct allocator *allocator, enum failure_id wanted,
             const char *folder)
{
    struct explanation *explanation =
        mmap(NULL, sizeof(*explanation), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *body = tmpfile();
    struct named_failure failure;

    if (explanation == MAP_FAILED || !body) {
        fprintf(stderr, "minimize: no memory, or no room for a temporary file: %s\n", strerror(errno));
        return false;
    }
    *explanation = (struct explanation){.folder = folder, .searching = true};
    failure = run_apart(explanation, program, allocator);
    if (failure.id == FAIL_NONE || (wanted != FAIL_NONE && wanted != failure.id)) {
        printf("does not fail%s%s\n", wanted ? " with " : "", wanted ? failure_infos[wanted].id : "");
        return false;
    }
    explanation->searching = false;
    explanation->test.failure = failure.id;
    explanation->test.out = body;
    run_apart(explanation, program, allocator);
    write_test(explanation, program, body);
    printf("%s %s: explained in %s/\n", failure_infos[failure.id].id, failure_infos[failure.id].name, folder);
    munmap(explanation, sizeof(*explanation));
    fclose(body);
    return true;
}
