/* What a program asks of a system that is not there: other processes and signals. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int errno;

pid_t fork(void)
{
    return -1;
}

int waitpid(int process, int *status, int options)
{
    (void)process;
    (void)options;
    *status = -1;
    return -1;
}

int execl(const char *path, const char *argument, ...)
{
    (void)path;
    (void)argument;
    return -1;
}

ssize_t write(int file, const void *bytes, size_t length)
{
    (void)file;
    return (ssize_t)fwrite(bytes, 1, length, stderr);
}

void _exit(int status)
{
    exit(status);
}

void (*signal(int number, void (*handler)(int)))(int)
{
    (void)number;
    (void)handler;
    return SIG_DFL;
}

int raise(int number)
{
    (void)number;
    abort();
}
