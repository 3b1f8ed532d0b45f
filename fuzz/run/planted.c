/*
 * A fault in any allocator, planted from outside: the very programs that are about to fuzz must find it, or the campaign
 * cannot be trusted. Keeps no state of its own, so that runs repeat.
 */
#include "planted.h"

#include <stdlib.h>

static struct allocator planted;

static enum answer accept_double_free(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    const enum answer answer = allocator_under_test.free(self, cpu, address, order);

    return answer == ANSWER_DOUBLE_FREE || answer == ANSWER_REFUSED ? ANSWER_OK : answer;
}

static void count_one_more(void *self, struct counts zones[ZONE_COUNT])
{
    allocator_under_test.counts(self, zones);
    if (zones[ZONE_DMA].managed > 0 && zones[ZONE_NORMAL].managed > 0)
        zones[ZONE_DMA].managed++;
}

const struct allocator *allocator_to_run(void)
{
    static const struct allocator *chosen;

    if (chosen)
        return chosen;
    chosen = &allocator_under_test;
    if (getenv("PMM_PLANTED_FAULT")) {
        planted = allocator_under_test;
        planted.free = accept_double_free;
        if (planted.counts)
            planted.counts = count_one_more;
        chosen = &planted;
    }
    return chosen;
}
