/*
 * The process and its parent: a byte each way on a pipe, the program and the answer in shared memory, the log in a
 * file without a name. The parent never runs a program itself.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG_MOST = 1 << 16 };

struct shared {
    enum failure_id failure;
    struct program program;
    _Alignas(16) uint8_t extra[];
};

struct worker {
    struct worker_job job;
    struct shared *shared;
    size_t shared_size;
    FILE *log;
    pid_t child; /* 0: none is running */
    int ask, answer;
    char *text; /* of the log, LOG_MOST and an end */
};

struct worker *worker_open(const struct worker_job *job)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    if (!worker)
        return NULL;
    worker->job = *job;
    worker->shared_size = sizeof(struct shared) + job->extra;
    worker->shared = mmap(NULL, worker->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    worker->log = tmpfile();
    worker->text = malloc(LOG_MOST + 1);
    if (worker->shared != MAP_FAILED && worker->log && worker->text)
        return worker;
    worker_close(worker);
    return NULL;
}

struct program *worker_program(struct worker *worker)
{
    return &worker->shared->program;
}

void *worker_extra(struct worker *worker)
{
    return worker->shared->extra;
}

/* ---- in the child ---- */

static void empty_log(void)
{
    if (lseek(STDERR_FILENO, 0, SEEK_CUR) <= 0)
        return;
    if (ftruncate(STDERR_FILENO, 0) != 0 || lseek(STDERR_FILENO, 0, SEEK_SET) != 0)
        _exit(2);
}

_Noreturn static void serve(const struct worker *worker, int ask, int answer)
{
    static char buffer[1 << 16]; /* a report is dozens of small writes */
    char byte;

    dup2(fileno(worker->log), STDERR_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));
    while (read(ask, &byte, 1) == 1) {
        empty_log();
        worker->shared->failure =
            worker->job.judge(worker->job.context, &worker->shared->program, stderr, worker->shared->extra);
        fflush(stderr);
        if (write(answer, &byte, 1) != 1)
            break;
    }
    _exit(0);
}

/* ---- in the parent ---- */

static void start(struct worker *worker)
{
    int ask[2], answer[2];

    if (pipe(ask) != 0 || pipe(answer) != 0) {
        fprintf(stderr, "minimize: no pipe: %s\n", strerror(errno));
        exit(2);
    }
    if (ftruncate(fileno(worker->log), 0) != 0 || lseek(fileno(worker->log), 0, SEEK_SET) != 0)
        exit(2);
    fflush(NULL);
    worker->child = fork();
    if (worker->child == 0) {
        close(ask[1]);
        close(answer[0]);
        serve(worker, ask[0], answer[1]);
    }
    close(ask[0]);
    close(answer[1]);
    worker->ask = ask[1];
    worker->answer = answer[0];
    if (worker->child < 0) {
        fprintf(stderr, "minimize: no process: %s\n", strerror(errno));
        exit(2);
    }
}

static int end(struct worker *worker)
{
    int status = 0;

    close(worker->ask);
    close(worker->answer);
    while (waitpid(worker->child, &status, 0) < 0 && errno == EINTR)
        continue;
    worker->child = 0;
    return status;
}

void worker_close(struct worker *worker)
{
    if (worker->child)
        end(worker); /* it sees the end of its pipe */
    if (worker->log)
        fclose(worker->log);
    if (worker->shared && worker->shared != MAP_FAILED)
        munmap(worker->shared, worker->shared_size);
    free(worker->text);
    free(worker);
}

static struct named_failure died(struct worker *worker)
{
    const int status = end(worker);
    const ssize_t length = pread(fileno(worker->log), worker->text, LOG_MOST, 0);
    struct named_failure failure;

    worker->text[length > 0 ? length : 0] = '\0';
    failure = failure_of_log(worker->text, status);
    if (failure.id == FAIL_NONE) /* nobody leaves in the middle of a run for a good reason */
        failure = (struct named_failure){FAIL_X10, "exit"};
    return failure;
}

struct named_failure worker_run(struct worker *worker)
{
    struct pollfd answer = {.events = POLLIN};
    char byte = 0;

    if (!worker->child)
        start(worker);
    answer.fd = worker->answer;
    if (write(worker->ask, &byte, 1) != 1)
        return died(worker);
    if (poll(&answer, 1, (int)worker->job.millis) == 0) {
        kill(worker->child, SIGKILL);
        end(worker);
        return (struct named_failure){FAIL_X11, ""};
    }
    if (read(worker->answer, &byte, 1) != 1)
        return died(worker);
    return (struct named_failure){worker->shared->failure, ""};
}
