/* The memory that is pretended: maps by size, one of few blocks, and a real sparse one from corpus/maps. */
#ifndef BENCH_MAPS_HPP
#define BENCH_MAPS_HPP

#include <cstdint>
#include <string>
#include <vector>

extern "C" {
#include "../reference/contract.h"
}

namespace bench
{

struct Map {
    std::string name;
    std::vector<region> regions;

    std::uint64_t usable_bytes() const;
};

/* As a PC has it: a hole below 1 MiB, another from 3 to 4 GiB. */
Map pc_map(std::uint64_t gibibytes);
/* Nothing but whole blocks, above 4 GiB. */
Map block_map(std::uint64_t blocks);
/* As many entries, most usable: beside each other in order, shuffled, from the highest down, or each over all others. */
enum class Shape { ordered, shuffled, reversed, nested };
Map entries_map(std::uint64_t entries, Shape shape);
/* 25 TiB of addresses with half a TiB of memory. */
Map sparse_map();

} // namespace bench

#endif
