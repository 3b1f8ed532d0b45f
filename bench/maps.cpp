/* Memory maps, made or read. */
#include "maps.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern "C" {
#include "../fuzz/program/program.h"
}

namespace bench
{

static constexpr std::uint64_t kibibyte = 1024, mebibyte = 1024 * kibibyte, gibibyte = 1024 * mebibyte;

std::uint64_t Map::usable_bytes() const
{
    std::uint64_t bytes = 0;

    for (const region &entry : regions)
        bytes += entry.type == REGION_USABLE ? entry.length : 0;
    return bytes;
}

Map pc_map(std::uint64_t gibibytes)
{
    const std::string name =
        gibibytes % 1024 == 0 ? std::to_string(gibibytes / 1024) + "TiB" : std::to_string(gibibytes) + "GiB";
    return {name,
            {{0, 640 * kibibyte, REGION_USABLE},
             {640 * kibibyte, 384 * kibibyte, REGION_RESERVED},
             {mebibyte, 3 * gibibyte - mebibyte, REGION_USABLE},
             {3 * gibibyte, gibibyte, REGION_RESERVED},
             {4 * gibibyte, (gibibytes - 3) * gibibyte, REGION_USABLE}}};
}

Map block_map(std::uint64_t blocks)
{
    return {std::to_string(blocks) + "-blocks", {{4 * gibibyte, blocks * BLOCK_BYTES, REGION_USABLE}}};
}

static region scattered(std::uint64_t number)
{
    const std::uint64_t skew = number % 2 * 2 * kibibyte; /* half a frame */

    return {mebibyte + number * 3 * mebibyte + skew, 2 * mebibyte, number % 7 == 0 ? REGION_RESERVED : REGION_USABLE};
}

Map entries_map(std::uint64_t entries, Shape shape)
{
    static const char *const names[] = {"ordered", "shuffled", "reversed", "nested"};
    constexpr std::uint64_t prime = 2654435761; /* no multiple of it repeats below a power of two */
    Map map{std::to_string(entries) + "-" + names[static_cast<int>(shape)], {}};

    for (std::uint64_t i = 0; i < entries; i++) {
        if (shape == Shape::nested)
            map.regions.push_back({mebibyte + i * FRAME_BYTES, gibibyte + (entries - i) * 2 * FRAME_BYTES,
                                   i % 64 == 63 ? REGION_RESERVED : REGION_USABLE});
        else
            map.regions.push_back(scattered(shape == Shape::ordered    ? i
                                            : shape == Shape::shuffled ? i * prime % entries
                                                                       : entries - 1 - i));
    }
    map.regions.push_back({64 * gibibyte, gibibyte, REGION_USABLE}); /* where the metadata has room */
    return map;
}

Map sparse_map()
{
    const char *const path = "corpus/maps/ami-9008-it91smub-8node-25tib-sparse.map";
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    region *regions = nullptr;
    std::size_t count = 0;
    char error[200] = "cannot be read; run from the top of the tree";

    if (!file || !map_parse(text.data(), text.size(), &regions, &count, error, sizeof error))
        throw std::runtime_error(std::string(path) + ": " + error);
    Map map{"25TiB-sparse", {regions, regions + count}};
    std::free(regions);
    return map;
}

} // namespace bench
