/* The adapter of our own allocator: core/ behind the table of functions. Metadata exactly as long as asked for. */
#include <stdlib.h>

#include "allocator.h"
#include "pmm_answers.h"
#include "pmm_cpu.h"
#include "pmm_location.h"

#ifdef PMM_REAL_THREADS
_Thread_local
#endif
    unsigned pmm_harness_cpu;

enum {
    METADATA_ALIGNMENT = 64,
    METADATA_MOST = 1 << 30, /* bytes, for 29 TiB of memory; more is asked for by a map that is not one */
};

struct instance {
    struct pmm *pmm;
    void *metadata;
    uint64_t bytes;
};

/* Our regions from the suite's, to be freed; NULL when there is no memory for them. */
static struct pmm_region *regions_of(const struct start *start)
{
    struct pmm_region *regions = malloc(start->region_count * sizeof(*regions) + 1);

    for (size_t i = 0; regions && i < start->region_count; i++)
        regions[i] = (struct pmm_region){start->regions[i].base, start->regions[i].length, start->regions[i].type};
    return regions;
}

static enum pmm_status start_on(struct instance *instance, const struct pmm_map *map, const struct start *start)
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
        if (bytes > METADATA_MOST || posix_memalign(&instance->metadata, METADATA_ALIGNMENT, (size_t)bytes) != 0)
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
    *answer = pmm_answer_of(status);
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
    if (PMM_HARNESS_SAYS_CPU)
        pmm_harness_cpu = cpu;
    return ((struct instance *)self)->pmm;
}

static enum answer allocate(void *self, unsigned cpu, unsigned order, enum zone limit, uint64_t *address)
{
    return pmm_answer_of(pmm_alloc(pmm_on(self, cpu), order, (unsigned)(ZONE_NORMAL - limit), address));
}

static enum answer free_frame(void *self, unsigned cpu, uint64_t address, unsigned order)
{
    return pmm_answer_of(pmm_free(pmm_on(self, cpu), address, order));
}

static enum answer release(void *self, unsigned cpu, uint64_t address)
{
    return pmm_answer_of(pmm_release(pmm_on(self, cpu), address));
}

static bool frame(void *self, uint64_t address, enum frame_state *state)
{
    *state = pmm_state_of(pmm_query(((struct instance *)self)->pmm, address));
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

static void *image(void *self, size_t *bytes)
{
    *bytes = (size_t)((struct instance *)self)->bytes;
    return ((struct instance *)self)->metadata;
}

static bool location(void *self, const void *at, char *name, size_t size)
{
    return pmm_location_name(((struct instance *)self)->pmm, at, name, size);
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
    .image = image,
    .location = location,
};
