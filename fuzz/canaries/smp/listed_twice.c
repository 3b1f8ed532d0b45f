/* Two CPUs find a block not listed, and both list it: a loop, and the blocks behind it are lost. (D3, M4) */
/* expect: K01 L06 L07 */
#include "list.h"

static const enum list_fault list_fault = LIST_LISTED_TWICE;
