/* The lists of a concurrent program: whose each operation is, and how many there may be. */
#include "program.h"

unsigned list_room(unsigned list)
{
    return list == LIST_NONE ? LIST_DIRECTIONS : list >= LIST_HANDLER ? LIST_INTERRUPT : LIST_OPERATIONS;
}

bool lists_next(struct lists *lists, unsigned cpus, const struct operation *operation, unsigned *list)
{
    const bool cpu = operation->kind == OPERATION_CPU, directs = operation_directs(operation);
    unsigned *used = directs ? &lists->directions : &lists->used[lists->current];

    *list = directs ? LIST_NONE : lists->current;
    if (*used == list_room(*list))
        return false;
    *used += 1;
    if (directs)
        lists->current = (unsigned)(cpu ? LIST_CPU + operation->operands[0] % cpus
                                        : LIST_HANDLER + operation->operands[0] % SCHEDULE_HANDLERS);
    return true;
}
