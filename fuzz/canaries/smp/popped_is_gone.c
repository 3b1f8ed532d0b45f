/* A CPU holds the only block off its list for a moment, and another says that there is no memory. (D2, M7) */
/* expect: L02 */
#include "list.h"

static const enum list_fault list_fault = LIST_POPPED_IS_GONE;
