/*
 * Looking: the state of a frame, of a block, the statistics, the names of the codes. Writes nothing. The full
 * self-check is pmm_check.c.
 */
#include "pmm_layout.h"

const char *pmm_status_name(enum pmm_status status)
{
    switch (status) {
    case PMM_OK:
        return "ok";
    case PMM_ERR_NO_MEMORY:
        return "no memory";
    case PMM_ERR_ARGUMENT:
        return "bad argument";
    case PMM_ERR_MISALIGNED:
        return "misaligned address";
    case PMM_ERR_RANGE:
        return "address out of range";
    case PMM_ERR_HOLE:
        return "address in a hole";
    case PMM_ERR_RESERVED:
        return "frame is reserved";
    case PMM_ERR_DOUBLE_FREE:
        return "double free";
    case PMM_ERR_SIZE:
        return "freed with another size";
    case PMM_ERR_METADATA:
        return "metadata too small";
    case PMM_ERR_MAP:
        return "broken memory map";
    case PMM_ERR_CORRUPT:
        return "corrupt metadata";
    }
    return "unknown status";
}

enum pmm_frame_state pmm_query(const struct pmm *pmm, uint64_t address)
{
    const unsigned frame = (unsigned)(address >> PMM_FRAME_SHIFT) % PMM_BLOCK_FRAMES;
    pmm_block block;
    bool large, is_free;

    if (address >= PMM_ADDRESS_LIMIT)
        return PMM_FRAME_HOLE;
    switch (pmm_edge_kind_of(pmm, address >> PMM_FRAME_SHIFT)) {
    case PMM_EDGE_HOLE:
        return PMM_FRAME_HOLE;
    case PMM_EDGE_RESERVED:
        return PMM_FRAME_RESERVED;
    case PMM_EDGE_MANAGED:
        break;
    }
    if (!pmm_find_block(pmm, address, &block))
        return PMM_FRAME_HOLE;
    is_free = pmm_free_frames(pmm, block, frame / PMM_WORD_FRAMES, &large) >> (frame % PMM_WORD_FRAMES) & 1;
    if (large)
        return PMM_FRAME_LARGE;
    return is_free ? PMM_FRAME_FREE : PMM_FRAME_SMALL;
}

bool pmm_query_block(const struct pmm *pmm, uint64_t address, uint64_t free[8], bool *large)
{
    pmm_block block;

    if (!pmm_find_block(pmm, address >> PMM_BLOCK_SHIFT << PMM_BLOCK_SHIFT, &block)) /* its first frame is in range */
        return false;
    for (unsigned i = 0; i < PMM_BLOCK_WORDS; i++)
        free[i] = pmm_free_frames(pmm, block, i, large);
    return true;
}

void pmm_stats(const struct pmm *pmm, struct pmm_stats *stats)
{
    stats->total.managed = stats->total.free = 0;
    for (unsigned zone = 0; zone < PMM_ZONES; zone++) {
        uint64_t used = 0; /* of calls in flight only one half may be seen: below 0 or above all for a moment */

        for (unsigned cpu = 0; cpu < pmm->cpus; cpu++) {
            used -= pmm_load(&pmm_cpu_of(pmm, cpu)->zone[zone].returned);
            used += pmm_load(&pmm_cpu_of(pmm, cpu)->zone[zone].taken);
        }
        if (used >> 63)
            used = 0;
        if (used > pmm->managed[zone])
            used = pmm->managed[zone];
        stats->zone[zone].managed = pmm->managed[zone];
        stats->zone[zone].free = pmm->managed[zone] - used;
        stats->total.managed += stats->zone[zone].managed;
        stats->total.free += stats->zone[zone].free;
    }
    stats->end = pmm->end;
    stats->blocks = pmm->blocks;
    stats->metadata = pmm->bytes;
}

uint64_t pmm_whole_blocks(const struct pmm *pmm)
{
    uint64_t count = 0;

    for (pmm_block block = {0}; block.number < pmm->blocks; block.number++) {
        const uint64_t state = pmm_load(pmm_state(pmm, block));

        if (pmm_state_kind(state) == PMM_BLOCK_WHOLE ||
            (pmm_state_is_open(state) && pmm_block_is_full(pmm, block, state)))
            count++;
    }
    return count;
}
