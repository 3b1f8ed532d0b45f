/* Keeps AFL++ from feeling what runs in between: a set-up that is run once and then kept would look like a program
 * that behaves differently each time. Nothing happens where AFL++ is not linked in. */
#ifndef FUZZ_UNFELT_H
#define FUZZ_UNFELT_H

void unfelt_begin(void);
void unfelt_end(void);

#endif
