/* The head of the list comes back while a CPU looks away, with another block behind it. (M1, M2) */
/* expect: K01 L06 L07 */
#include "list.h"

static const enum list_fault list_fault = LIST_UNTAGGED;
