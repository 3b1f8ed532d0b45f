/* Of <errno.h>: one CPU, one number. */
#ifndef BOOT_ERRNO_H
#define BOOT_ERRNO_H

extern int errno;

#endif
