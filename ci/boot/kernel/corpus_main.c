/*
 * The committed corpus in ring 0: the replayer itself (fuzz/targets/replay.c with model, interpreter and comparison) on the
 * library in ci/boot/libc. Its files are the archive that the loader left as the first module; its heap is the largest
 * usable entry of the map behind image and archive. Prints what `build/replay --quiet` prints, for the runner to compare.
 */
#include "kernel_main.h"

#include <stdio.h>
#include <stdlib.h>

#include "console.h"
#include "machine.h"

enum { FILES_MOST = 512 };

int replay_main(int argc, char **argv); /* `main` of fuzz/targets/replay.c */

void cpu_main(unsigned cpu)
{
    (void)cpu;
}

void cpu_struck(unsigned cpu, enum strike strike, uintptr_t at)
{
    (void)strike;
    fail("corpus", "an interrupt, where none was asked for", cpu, at);
}

void kernel_main(read_handover *reader, uintptr_t structure)
{
    static struct handover handover;
    static char *arguments[FILES_MOST + 2];
    static char program[] = "replay", quiet[] = "--quiet";
    uint64_t heap, bytes;
    int count = 0, status;

    say("\npmm boot\n");
    handover.command_line = "";
    reader((const void *)structure, &handover);
    if (!handover.initrd.length)
        fail("corpus", "the loader left no archive", 1, 0);
    heap = handover.initrd.base + handover.initrd.length;
    bytes = option(&handover, "heap", 256) << 20;
    archive_begin((const void *)(uintptr_t)handover.initrd.base, (size_t)handover.initrd.length);
    heap_begin((void *)(uintptr_t)heap, (size_t)bytes);
    arguments[count++] = program;
    arguments[count++] = quiet;
    for (size_t i = 0; archive_name(i) && count < FILES_MOST; i++)
        arguments[count++] = (char *)(uintptr_t)archive_name(i);
    status = replay_main(count, arguments);
    say(status ? "\nFAIL corpus: a program failed\n" : "\nPASS\n");
    machine_exit(status == 0);
}
