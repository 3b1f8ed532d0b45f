/* The lists of a concurrent program: whose each operation is, and how many there may be. */
#include "program.h"

unsigned list_room(unsigned list)
{
    return list == LIST_NONE ? LIST_DIRECTIONS : list >= LIST_HANDLER ? LIST_INTERRUPT : LIST_OPERATIONS;
}

bool lists_next(struct lists *lists, unsigned cpus, const struct operation *operation, unsigned *list)
{
    unsigned *used;

    *list = LIST_NONE;
    if (operation->kind == OPERATION_CPU)
        lists->current = LIST_CPU + (unsigned)(operation->operands[0] % cpus);
    else if (operation->kind == OPERATION_HANDLER)
        lists->current = LIST_HANDLER + (unsigned)(operation->operands[0] % SCHEDULE_HANDLERS);
    else
        *list = lists->current;
    used = *list == LIST_NONE ? &lists->directions : &lists->used[*list];
    return (*used)++ < list_room(*list);
}
