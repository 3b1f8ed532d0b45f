/*
 * What the workloads call. Two kinds with the same members, chosen when compiled:
 *
 *   Pmm     our core/ as it ships (-ffreestanding -mgeneral-regs-only), called directly through core/pmm.h
 *   Table   any other, through the table of functions of fuzz/allocators/allocator.h: an indirect call and the
 *           adapter's own work more (some 1 to 3 ns), which its figures contain
 */
#ifndef BENCH_ALLOCATORS_HPP
#define BENCH_ALLOCATORS_HPP

#include <cstdlib>
#include <memory>
#include <vector>

#include "../core/pmm.h"
#include "maps.hpp"

extern "C" {
#include "../fuzz/allocators/allocator.h"
}

namespace bench
{

class Pmm
{
  public:
    static constexpr bool keeps_cpus_apart = true; /* as long as there are blocks enough */

    Pmm(const Map &map, unsigned cpus);

    bool alloc(unsigned, unsigned order, std::uint64_t *address)
    {
        return pmm_alloc(pmm_, order, PMM_ANY, address) == PMM_OK;
    }
    bool free(unsigned, std::uint64_t address, unsigned order)
    {
        return pmm_free(pmm_, address, order) == PMM_OK;
    }
    /* The same again in the same memory: what start-up costs. */
    bool restart();
    /* From a map alone: sizes, places the metadata in it and starts. */
    bool place_and_start();
    std::uint64_t metadata_bytes() const
    {
        return bytes_;
    }
    /* As much as the contract allows for this map. */
    std::uint64_t metadata_budget() const;

  private:
    std::vector<pmm_region> regions_;
    pmm_config config_;
    std::uint64_t bytes_ = 0;
    std::unique_ptr<void, decltype(&std::free)> metadata_;
    struct pmm *pmm_ = nullptr;
};

class Table
{
  public:
    static constexpr bool keeps_cpus_apart = false;

    Table(const allocator &table, const Map &map, unsigned cpus);
    Table(const Table &) = delete;
    Table &operator=(const Table &) = delete;
    ~Table()
    {
        if (self_)
            table_.stop(self_);
    }

    bool alloc(unsigned cpu, unsigned order, std::uint64_t *address)
    {
        return table_.alloc(self_, cpu, order, ZONE_NORMAL, address) == ANSWER_OK;
    }
    bool free(unsigned cpu, std::uint64_t address, unsigned order)
    {
        return table_.free(self_, cpu, address, order) == ANSWER_OK;
    }
    bool restart();
    std::uint64_t metadata_bytes() const
    {
        return table_.metadata_bytes ? table_.metadata_bytes(self_) : 0;
    }
    std::uint64_t metadata_budget() const
    {
        return 0; /* promised by ours alone */
    }

  private:
    struct start start() const;

    const allocator &table_;
    const Map map_;
    const unsigned cpus_;
    void *self_ = nullptr;
};

/* The adapters linked into this program, in order. */
std::vector<const allocator *> &adapters();

} // namespace bench

#endif
