/* The adapter of our own allocator: core/ behind the table of functions. */
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
    uint64_t bytes;         /* of the memory it was given */
    uint64_t used;          /* of these, by the metadata: the rest is never written */
    struct pmm_range place; /* of the metadata in the map; length 0: elsewhere */
};

/* ---- the start in our words ---- */

/* What the map and the configuration point to. */
struct lent {
    void *table; /* regions, or pointers to entries */
    struct pmm_range *ranges;
};

static const struct pmm_form *const forms[TABLE_FORMS] = {
    [TABLE_MULTIBOOT] = &pmm_form_multiboot,
    [TABLE_MULTIBOOT2] = &pmm_form_multiboot2,
    [TABLE_E820] = &pmm_form_e820,
    [TABLE_PVH] = &pmm_form_pvh,
    [TABLE_EFI] = &pmm_form_efi,
    [TABLE_LIMINE] = &pmm_form_limine,
    [TABLE_REGIONS] = &pmm_form_regions,
};

/* The array of pointers that a loader makes; an entry that is cut short gets half a pointer. */
static enum pmm_status map_from_pointers(const struct table *table, struct pmm_form *form, struct lent *lent,
                                         struct pmm_map *map)
{
    const size_t count = table->length / form->stride, rest = table->length % form->stride;
    const uint8_t **pointers = malloc((count + 1) * sizeof(*pointers));

    for (size_t i = 0; pointers && i < count; i++)
        pointers[i] = table->bytes + i * form->stride;
    lent->table = pointers;
    if (!pointers)
        return PMM_ERR_METADATA;
    return pmm_map_from_table(pointers, count * sizeof(*pointers) + (rest ? sizeof(*pointers) / 2 : 0), form, map);
}

static enum pmm_status map_from_table(const struct table *table, struct lent *lent, struct pmm_map *map)
{
    struct pmm_form form = *forms[table->form];

    if (table->form == TABLE_MULTIBOOT && table->stride == 0)
        return pmm_map_from_multiboot(table->bytes, table->length, map);
    if (table->stride)
        form.stride = table->stride;
    if (form.flags & PMM_FORM_POINTERS)
        return map_from_pointers(table, &form, lent, map);
    return pmm_map_from_table(table->bytes, table->length, &form, map);
}

static enum pmm_status map_of(const struct start *start, struct lent *lent, struct pmm_map *map)
{
    const struct memory_map *given = &start->map;
    struct pmm_region *regions;

    if (start->table.bytes)
        return map_from_table(&start->table, lent, map);
    lent->table = regions = calloc(given->count + 1, sizeof(*regions));
    for (size_t i = 0; regions && i < given->count; i++)
        regions[i] = (struct pmm_region){given->regions[i].base, given->regions[i].length, given->regions[i].type};
    *map = pmm_map_from_regions(regions, given->count);
    return regions ? PMM_OK : PMM_ERR_METADATA;
}

/* Half of the reserved ranges come from an array, the others from a source. */
static bool nth_reserved(void *context, uint64_t number, struct pmm_range *range)
{
    const struct memory_map *map = context;
    const size_t from = map->reserved_count / 2;

    if (number >= map->reserved_count - from)
        return false;
    *range = (struct pmm_range){map->reserved[from + number].base, map->reserved[from + number].length};
    return true;
}

static bool configure(const struct start *start, struct memory_map *map, struct lent *lent, struct pmm_config *config)
{
    const size_t reserved = map->reserved_count / 2, count = reserved + map->later_count;

    lent->ranges = calloc(count + 1, sizeof(struct pmm_range));
    for (size_t i = 0; lent->ranges && i < count; i++) {
        const struct range *range = i < reserved ? &map->reserved[i] : &map->later[i - reserved];

        lent->ranges[i] = (struct pmm_range){range->base, range->length};
    }
    *config = (struct pmm_config){
        .cpus = start->cpus,
        .reserved_below = map->reserved_below,
        .managed_below = map->managed_below,
        .reserved = lent->ranges,
        .reserved_count = reserved,
        .more_reserved = {map, nth_reserved},
        .later = lent->ranges ? lent->ranges + reserved : NULL,
        .later_count = map->later_count,
        .place_above = start->place_above,
        .place_below = start->place_below,
    };
    return lent->ranges;
}

/* ---- starting ---- */

/* As many bytes as it asks for, and not one more. */
static enum pmm_status start_on(struct instance *instance, const struct pmm_map *map, struct pmm_config *config,
                                bool placed)
{
    enum pmm_status status = placed ? pmm_place_metadata(map, config) : PMM_OK;
    uint64_t bytes = config->metadata.length;

    instance->place = config->metadata;
    if (!placed || status == PMM_ERR_NO_MEMORY)
        status = pmm_metadata_size(map, config, &bytes);
    if (status != PMM_OK)
        return status;
    if (!instance->metadata || instance->bytes != bytes) {
        free(instance->metadata);
        instance->bytes = bytes;
        instance->metadata = NULL;
        if (bytes > METADATA_MOST || posix_memalign(&instance->metadata, METADATA_ALIGNMENT, (size_t)bytes) != 0)
            return PMM_ERR_METADATA;
    }
    status = pmm_init(instance->metadata, bytes, map, config, &instance->pmm);
    if (status == PMM_OK) {
        struct pmm_stats stats;

        pmm_stats(instance->pmm, &stats);
        instance->used = stats.metadata;
    }
    return status;
}

static bool start_again(void *self, const struct start *start, enum answer *answer)
{
    struct memory_map given = start->map;
    struct lent lent = {NULL, NULL};
    struct pmm_config config;
    struct pmm_map map;
    enum pmm_status status = map_of(start, &lent, &map);

    pmm_harness_cpu = 0;
    if (status == PMM_OK && !configure(start, &given, &lent, &config))
        status = PMM_ERR_METADATA;
    if (status == PMM_OK)
        status = start_on(self, &map, &config, start->placed);
    free(lent.table);
    free(lent.ranges);
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
    *bytes = (size_t)((struct instance *)self)->used;
    return ((struct instance *)self)->metadata;
}

static uint64_t metadata_bytes(void *self)
{
    return ((struct instance *)self)->bytes;
}

static bool place(void *self, struct range *range)
{
    const struct instance *instance = self;

    *range = (struct range){instance->place.base, instance->place.length};
    return instance->place.length;
}

static void *image(void *self, size_t *bytes)
{
    *bytes = (size_t)((struct instance *)self)->used;
    return ((struct instance *)self)->metadata;
}

static enum answer recover(void *self)
{
    struct instance *instance = self;
    const enum pmm_status status = pmm_attach(instance->metadata, instance->bytes, &instance->pmm);

    return pmm_answer_of(status == PMM_OK ? pmm_check(instance->pmm, NULL) : status);
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
    .place = place,
    .recover = recover,
    .image = image,
    .location = location,
};
