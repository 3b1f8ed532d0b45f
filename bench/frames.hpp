/*
 * Frames in numbers: taking and giving several, each answer checked; and what a set of addresses says of the blocks
 * they lie in.
 */
#ifndef BENCH_FRAMES_HPP
#define BENCH_FRAMES_HPP

#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "maps.hpp"

namespace bench
{

using Addresses = std::vector<std::uint64_t>;

/* A small generator, the same numbers in every run. */
class Random
{
  public:
    explicit Random(std::uint64_t seed) : state_(seed)
    {
    }
    std::size_t below(std::size_t end)
    {
        state_ += UINT64_C(0x9e3779b97f4a7c15);
        std::uint64_t mixed = (state_ ^ state_ >> 32) * UINT64_C(0xd6e8feb86659fd93);
        mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
        return static_cast<std::size_t>((mixed ^ mixed >> 32) % end);
    }

  private:
    std::uint64_t state_;
};

inline void shuffle(Addresses &values, Random &random)
{
    for (std::size_t i = values.size(); i > 1; i--)
        std::swap(values[i - 1], values[random.below(i)]);
}

/* As if the CPUs had handed their frames to each other. */
inline void shuffle_all(std::vector<Addresses> &held, Random &random)
{
    Addresses all;

    for (const Addresses &of_cpu : held)
        all.insert(all.end(), of_cpu.begin(), of_cpu.end());
    shuffle(all, random);
    auto next = all.begin();
    for (Addresses &of_cpu : held)
        for (std::uint64_t &address : of_cpu)
            address = *next++;
}

template <unsigned order, class Allocator>
inline void take(Allocator &allocator, unsigned cpu, std::uint64_t *addresses, std::size_t count)
{
    for (std::size_t i = 0; i < count; i++)
        if (!allocator.alloc(cpu, order, &addresses[i]))
            throw std::runtime_error("refused to allocate with memory free");
}

template <unsigned order, class Allocator>
inline void give(Allocator &allocator, unsigned cpu, const std::uint64_t *addresses, std::size_t count)
{
    for (std::size_t i = 0; i < count; i++)
        if (!allocator.free(cpu, addresses[i], order))
            throw std::runtime_error("refused to free what was allocated");
}

/* Everything there is, taken by CPU 0. */
template <unsigned order, class Allocator> Addresses take_all(Allocator &allocator)
{
    Addresses all;

    for (std::uint64_t address; allocator.alloc(0, order, &address);)
        all.push_back(address);
    return all;
}

inline std::uint64_t block_of(std::uint64_t address)
{
    return address / BLOCK_BYTES;
}

template <class Allocator> void give_all_but_one_of_each_block(Allocator &allocator, const Addresses &all)
{
    std::set<std::uint64_t> kept;

    for (const std::uint64_t address : all)
        if (!kept.insert(block_of(address)).second)
            give<0>(allocator, 0, &address, 1);
}

/* Blocks in which more than one CPU holds something. */
inline double blocks_shared(const std::vector<Addresses> &held)
{
    std::map<std::uint64_t, std::set<std::size_t>> cpus;
    double shared = 0;

    for (std::size_t cpu = 0; cpu < held.size(); cpu++)
        for (const std::uint64_t address : held[cpu])
            cpus[block_of(address)].insert(cpu);
    for (const auto &[block, of_block] : cpus)
        shared += of_block.size() > 1;
    return shared;
}

/* The blocks that a set of addresses covers in full, and which of them another set leaves untouched. */
class Blocks
{
  public:
    explicit Blocks(const Addresses &all)
    {
        std::map<std::uint64_t, unsigned> frames;

        for (const std::uint64_t address : all)
            frames[block_of(address)]++;
        for (const auto &[block, count] : frames)
            if (count == BLOCK_FRAMES)
                complete_.insert(block);
    }

    double whole(const std::vector<Addresses> &held) const
    {
        std::set<std::uint64_t> untouched = complete_;

        for (const Addresses &of_cpu : held)
            for (const std::uint64_t address : of_cpu)
                untouched.erase(block_of(address));
        return static_cast<double>(untouched.size());
    }

  private:
    std::set<std::uint64_t> complete_{};
};

} // namespace bench

#endif
