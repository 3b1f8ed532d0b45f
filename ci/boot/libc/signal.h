/* Of <signal.h>: no signals come; a processor's exceptions end the boot with a line of their own. */
#ifndef BOOT_SIGNAL_H
#define BOOT_SIGNAL_H

enum { SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGSEGV = 11 };
#define SIG_DFL ((void (*)(int))0)

void (*signal(int number, void (*handler)(int)))(int);
int raise(int number);

#endif
