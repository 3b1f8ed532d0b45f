/* The two interfaces of core/ behind one pair of calls: pmm.h's, or the facade's four. */
#ifndef BOOT_CALLS_H
#define BOOT_CALLS_H

#include "../../../core/pmm.h"

struct calls {
    struct pmm *pmm;
    bool facade;
};

bool take(const struct calls *calls, unsigned order, unsigned flags, uint64_t *address); /* the facade has no flags */
void give(const struct calls *calls, uint64_t address, unsigned order);                  /* must succeed */

#endif
