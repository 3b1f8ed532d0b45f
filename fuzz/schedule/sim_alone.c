/* Outside a run an access is no step. What must not go on for ever there is told how many it may make, and is left. */
#include "sim_state.h"

#include <setjmp.h>

uint64_t sim_alone_left = UINT64_MAX;
static jmp_buf left;

void sim_alone_ends(void)
{
    longjmp(left, 1);
}

bool sim_bounded(uint64_t accesses, void (*work)(void *context), void *context)
{
    if (setjmp(left)) {
        sim_alone_left = UINT64_MAX;
        return false;
    }
    sim_alone_left = accesses;
    work(context);
    sim_alone_left = UINT64_MAX;
    return true;
}
