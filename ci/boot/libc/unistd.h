/* Of <unistd.h>: what the replayer calls for concurrent programs, and what is written when it crashes. */
#ifndef BOOT_UNISTD_H
#define BOOT_UNISTD_H

#include <stddef.h>

typedef int pid_t;
typedef long ssize_t;
enum { STDERR_FILENO = 2 };

pid_t fork(void); /* refused */
int execl(const char *path, const char *argument, ...);
ssize_t write(int file, const void *bytes, size_t length);
_Noreturn void _exit(int status);

#endif
