/* The adapter of our own allocator: core/ behind the table of functions. Metadata exactly as long as asked for. */
#include <stdlib.h>

#include "allocator.h"
#include "../../core/pmm.h"
#include "pmm_cpu.h"

unsigned pmm_harness_cpu;

enum { METADATA_ALIGNMENT = 64 };

struct instance {
    struct pmm *pmm;
    void *metadata;
    uint64_t bytes;
};

static enum answer answer_of(enum pmm_status status)
{
    static const enum answer answers[] = {
        [PMM_OK] = ANSWER_OK,
        [PMM_ERR_NO_MEMORY] = ANSWER_NO_MEMORY,
        [PMM_ERR_ARGUMENT] = ANSWER_ARGUMENT,
        [PMM_ERR_MISALIGNED] = ANSWER_MISALIGNED,
        [PMM_ERR_RANGE] = ANSWER_RANGE,
        [PMM_ERR_HOLE] = ANSWER_HOLE,
        [PMM_ERR_RESERVED] = ANSWER_RESERVED,
        [PMM_ERR_DOUBLE_FREE] = ANSWER_DOUBLE_FREE,
        [PMM_ERR_SIZE] = ANSWER_SIZE,
        [PMM_ERR_METADATA] = ANSWER_METADATA,
        [PMM_ERR_MAP] = ANSWER_MAP,
        [PMM_ERR_CORRUPT] = ANSWER_CORRUPT,
    };
    return answers[status];
}

/* Our regions from the suite's, to be freed; NULL when there is no memory for them. */
static struct pmm_region *regions_of(const struct start *start)
{
    struct pmm_region *regions = malloc(start->region_count * sizeof(*regions) + 1);

    for (size_t i = 0; regions && i < start->region_count; i++)
        regions[i] =
            (struct pmm_region){start->regions[i].base, start->regions[i].length, start->regions[i].type};
    return regions;
}

static enum pmm_status start_on(struct instance *instance, const struct pmm_map *map,
                                const struct start *start)
{
    const struct pmm_config config = {.cpus = start->cpus, .reserved_below = start->reserved_below};
    uint64_t bytes;
    enum pmm_status status = pmm_metadata_size(map, &config, &bytes);

    if (status != PMM_OK)
        return status;
    if (!instance->metadata || instance->bytes != bytes) {
        free(instance->metadata);
        instance->bytes = bytes;
        instance->metadata = NULL;
        if (posix_memalign(&instance->metadata, METADATA_ALIGNMENT, (size_t)bytes) != 0)
            return PMM_ERR_METADATA;
    }
    return pmm_init(instance->metadata, bytes, map, &config, &instance->pmm);
}

static bool start_again(void *self, const struct start *start, enum answer *answer)
{
    struct pmm_region *regions = NULL;
    struct pmm_map map;
    enum pmm_status status = PMM_OK;

    pmm_harness_cpu = 0;
    if (start->multiboot) {
        status = pmm_map_from_multiboot(start->multiboot, start->multiboot_length, &map);
    } else {
        regions = regions_of(start);
        if (!regions)
            status = PMM_ERR_METADATA;
        map = pmm_map_from_regions(regions, start->region_count);
    }
    if (status == PMM_OK)
        status = start_on(self, &map, start);
    free(regions);
    *answer = answer_of(status);
    return status == PMM_OK;
}

static void stop(void *self)
{
    struct instance *instance = self;

    free(instance->metadata);
    free(instance);
}

static void *start_new(const struct start *start, enum answer *answer)
{
    struct instance *instance = calloc(1, sizeof(*instance));

    *answer = ANSWER_METADATA;
    if (instance && start_again(instance, start, answer))
        return instance;
    if (instance)
        stop(instance);
    return NULL;
}

static struct pmm *pmm_on(void *self, unsigned cpu)
{
    pmm_harness_cpu = cpu;
    return ((struct instance *)self)->pmm;
}

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    return answer_of(pmm_alloc(pmm_on(self, cpu), order, (unsigned)(ZONE_NORMAL - limit), address));
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    return answer_of(pmm_free(pmm_on(self, cpu), address, order));
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    return answer_of(pmm_release(pmm_on(self, cpu), address));
}

static bool frame(void *self, uint64_t address, enum frame_state *state)
{
    static const enum frame_state states[] = {
        [PMM_FRAME_HOLE] = FRAME_HOLE,   [PMM_FRAME_RESERVED] = FRAME_RESERVED, [PMM_FRAME_FREE] = FRAME_FREE,
        [PMM_FRAME_SMALL] = FRAME_SMALL, [PMM_FRAME_LARGE] = FRAME_LARGE,
    };
    *state = states[pmm_query(((struct instance *)self)->pmm, address)];
    return true;
}

static bool block(void *self, uint64_t address, uint64_t words[8], bool *large)
{
    return pmm_query_block(((struct instance *)self)->pmm, address, words, large);
}

static void counts(void *self, struct counts zones[ZONE_COUNT])
{
    struct pmm_stats stats;

    pmm_stats(((struct instance *)self)->pmm, &stats);
    for (int zone = 0; zone < ZONE_COUNT; zone++)
        zones[zone] = (struct counts){stats.zone[zone].managed, stats.zone[zone].free};
}

static uint64_t whole_blocks(void *self)
{
    return pmm_whole_blocks(((struct instance *)self)->pmm);
}

static const char *check(void *self)
{
    struct pmm_fault fault;

    return pmm_check(((struct instance *)self)->pmm, &fault) == PMM_OK ? NULL : fault.what;
}

static const void *metadata(void *self, size_t *bytes)
{
    *bytes = (size_t)((struct instance *)self)->bytes;
    return ((struct instance *)self)->metadata;
}

static uint64_t metadata_bytes(void *self)
{
    return ((struct instance *)self)->bytes;
}

const struct allocator allocator_under_test = {
    .name = "pmm",
    .promises = PROMISE_ALL,
    .start = start_new,
    .stop = stop,
    .alloc = allocate,
    .free = free_frame,
    .release = release,
    .frame = frame,
    .block = block,
    .counts = counts,
    .whole_blocks = whole_blocks,
    .check = check,
    .metadata = metadata,
    .metadata_bytes = metadata_bytes,
    .restart = start_again,
};
