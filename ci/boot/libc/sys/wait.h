/* Of <sys/wait.h>: there are no other processes. */
#ifndef BOOT_SYS_WAIT_H
#define BOOT_SYS_WAIT_H

#define WIFEXITED(status)   ((status) == 0)
#define WEXITSTATUS(status) (status)

int waitpid(int process, int *status, int options);

#endif
