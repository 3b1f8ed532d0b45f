/* Of <assert.h>: a failed assertion is a line and the end of the boot. */
#include "../kernel/console.h"

#undef assert
#define assert(condition) ((condition) ? (void)0 : fail("assert", #condition, 1, 0))
