/* Of <limits.h>, what libfdt's headers ask. */
#ifndef BOOT_LIMITS_H
#define BOOT_LIMITS_H

#define INT_MAX  0x7fffffff
#define UINT_MAX 0xffffffffu

#endif
