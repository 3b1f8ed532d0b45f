/* Names the operation under way when the process dies: for the replayer, not for engines (they have their own). */
#ifndef FUZZ_CRASH_H
#define FUZZ_CRASH_H

void crash_report_position(void); /* "during op=7 alloc s3" on stderr, from now on */

#endif
