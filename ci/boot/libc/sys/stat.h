/* Of <sys/stat.h>, what fuzz/run/input.c asks. */
#ifndef BOOT_SYS_STAT_H
#define BOOT_SYS_STAT_H

struct stat {
    unsigned st_mode;
};
#define S_ISDIR(mode) ((mode) != 0)

int stat(const char *path, struct stat *status);

#endif
