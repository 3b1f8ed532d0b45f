/* What the shared words of our metadata are called in traces. The one place of the suite that knows the layout. */
#ifndef FUZZ_PMM_LOCATION_H
#define FUZZ_PMM_LOCATION_H

#include <stdio.h>

#include "../../core/pmm_layout.h"

static inline bool pmm_cpu_location(const struct pmm *pmm, size_t offset, char *name, size_t size)
{
    const size_t cpu = offset / sizeof(struct pmm_cpu), within = offset % sizeof(struct pmm_cpu);
    const size_t zone = within / sizeof(struct pmm_work), member = within % sizeof(struct pmm_work);
    const char *name_of = member == offsetof(struct pmm_work, own)        ? "own"
                          : member == offsetof(struct pmm_work, taken)    ? "taken"
                          : member == offsetof(struct pmm_work, returned) ? "returned"
                                                                          : 0;

    if (cpu < pmm->cpus && within == offsetof(struct pmm_cpu, hint_changes)) {
        snprintf(name, size, "cpu%zu.hint_changes", cpu);
        return true;
    }
    if (cpu >= pmm->cpus || zone >= PMM_ZONES || !name_of)
        return false;
    snprintf(name, size, "cpu%zu.%s[%zu]", cpu, name_of, zone);
    return true;
}

static inline bool pmm_index_location(const struct pmm *pmm, const struct pmm_index *index, const char *what,
                                      size_t offset, char *name, size_t size)
{
    uint64_t words = pmm->blocks;

    for (uint32_t level = 0; level < index->levels; level++) {
        words = (words + 63) / 64;
        if (offset < index->at[level] || offset >= index->at[level] + words * sizeof(pmm_atomic))
            continue;
        snprintf(name, size, "%s.level%u[%zu]", what, (unsigned)level,
                 (offset - (size_t)index->at[level]) / sizeof(pmm_atomic));
        return true;
    }
    return false;
}

static inline bool pmm_location_name(const struct pmm *pmm, const void *at, char *name, size_t size)
{
    const size_t offset = (size_t)((const char *)at - (const char *)pmm);

    if (offset == offsetof(struct pmm, hints_raised)) {
        snprintf(name, size, "hints_raised");
        return true;
    }
    if (offset >= pmm->bitmap_at && offset < pmm->bitmap_at + (uint64_t)pmm->blocks * 64) {
        const size_t word = (offset - (size_t)pmm->bitmap_at) / sizeof(pmm_atomic);

        snprintf(name, size, "block[%zu].word[%zu]", word / PMM_BLOCK_WORDS, word % PMM_BLOCK_WORDS);
        return true;
    }
    if (offset >= pmm->states_at && offset < pmm->states_at + (uint64_t)pmm->blocks * sizeof(pmm_atomic)) {
        snprintf(name, size, "block[%zu].state", (offset - (size_t)pmm->states_at) / sizeof(pmm_atomic));
        return true;
    }
    if (offset >= sizeof *pmm && pmm_cpu_location(pmm, offset - sizeof *pmm, name, size))
        return true;
    return pmm_index_location(pmm, &pmm->whole, "whole", offset, name, size) ||
           pmm_index_location(pmm, &pmm->partial, "partial", offset, name, size);
}

#endif
