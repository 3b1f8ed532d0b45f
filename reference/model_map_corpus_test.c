/*
 * The memory maps of real machines in corpus/maps: each can be read, and its totals are plausible. Knows the
 * few words of their format by itself. Run it from the top folder.
 */
#include <dirent.h>
#include <inttypes.h>

#include "../ci/tests/test.h"
#include "model.h"

enum { MOST_REGIONS = 256 };

static const char *const maps_folder = "corpus/maps";

static bool type_from_word(const char *word, uint32_t *type)
{
    static const struct {
        const char *word;
        uint32_t type;
    } words[] = {
        {"usable", REGION_USABLE},     {"reserved", REGION_RESERVED}, {"acpi-reclaim", REGION_ACPI_RECLAIM},
        {"acpi-nvs", REGION_ACPI_NVS}, {"unusable", REGION_UNUSABLE}, {"pmem", REGION_PMEM},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i].word) == 0) {
            *type = words[i].type;
            return true;
        }
    }
    return sscanf(word, "other:%" SCNu32, type) == 1;
}

/* False when a line is neither empty, a comment, nor an entry. */
static bool read_map(const char *path, struct region *regions, size_t *count)
{
    FILE *file = fopen(path, "r");
    char line[512];
    bool readable = file != NULL;

    *count = 0;
    while (readable && fgets(line, sizeof(line), file)) {
        struct region *region = &regions[*count];
        char word[64];

        line[strcspn(line, "#\r\n")] = 0;
        if (line[strspn(line, " \t")] == 0)
            continue;
        readable = *count < MOST_REGIONS &&
                   sscanf(line, "%" SCNx64 " %" SCNx64 " %63s", &region->base, &region->length, word) == 3 &&
                   type_from_word(word, &region->type);
        *count += 1;
    }
    if (file)
        fclose(file);
    return readable;
}

static bool is_plausible(const struct memory_map *map)
{
    const struct map_totals totals = map_totals(map);
    uint64_t usable = 0;
    uint64_t walked = 0;

    for (size_t i = 0; i < map->count; i++)
        usable += map->regions[i].type == REGION_USABLE ? map->regions[i].length : 0;
    for (uint64_t frame = 0, next; frame << FRAME_SHIFT < ADDRESS_LIMIT; frame = next) {
        next = map_next_change(map, frame);
        walked += map_frame(map, frame) == FRAME_FREE ? next - frame : 0;
        if (map_frame(map, frame) != map_frame(map, next - 1))
            return false;
    }
    for (int zone = 0; zone < ZONE_COUNT; zone++)
        walked -= totals.zone_managed[zone];
    if (totals.managed == 0) /* of some machines only a part of the map is known */
        return totals.end == 0 && totals.blocks == 0 && walked == 0;
    return walked == 0 && totals.managed << FRAME_SHIFT <= usable && totals.managed << FRAME_SHIFT < totals.end &&
           totals.whole_blocks <= totals.blocks && totals.whole_blocks * BLOCK_FRAMES <= totals.managed &&
           totals.managed <= totals.blocks * BLOCK_FRAMES &&
           map_frame(map, (totals.end >> FRAME_SHIFT) - 1) == FRAME_FREE;
}

static void real_maps_have_plausible_totals(void)
{
    DIR *folder = opendir(maps_folder);
    size_t maps = 0;

    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        const size_t length = strlen(entry->d_name);
        struct region regions[MOST_REGIONS + 1];
        char path[512];
        size_t count;

        if (length < 4 || strcmp(entry->d_name + length - 4, ".map") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", maps_folder, entry->d_name);
        maps++;

        const bool readable = read_map(path, regions, &count);
        const struct memory_map map = {.regions = regions, .count = count};
        const bool plausible = readable && is_plausible(&map);
        CHECK(readable);
        CHECK(plausible);
        if (!plausible)
            fprintf(stderr, "%s: %s\n", path, readable ? "its totals contradict each other" : "cannot be read");
    }
    if (folder)
        closedir(folder);
    CHECK(maps > 0); /* none: not run from the top folder, or corpus/maps is empty */
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"map: real maps have plausible totals", real_maps_have_plausible_totals},
    };

    return test_main(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
