/* Starting allocators on a map. */
#include "allocators.hpp"

#include <stdexcept>
#include <string>

#include "meter.hpp"

namespace bench
{

static constexpr std::size_t huge_page = 2 << 20; /* as a kernel maps its memory */

Pmm::Pmm(const Map &map, unsigned cpus) : config_{}, metadata_(nullptr, &std::free)
{
    for (const region &entry : map.regions)
        regions_.push_back({entry.base, entry.length, entry.type});
    config_.cpus = cpus;
    const pmm_map view = pmm_map_from_regions(regions_.data(), regions_.size());

    if (pmm_metadata_size(&view, &config_, &bytes_) != PMM_OK)
        throw std::runtime_error("pmm_metadata_size refuses the map " + map.name);
    metadata_.reset(std::aligned_alloc(huge_page, (bytes_ + huge_page) / huge_page * huge_page));
    if (!metadata_ || !restart())
        throw std::runtime_error("pmm_init refuses the map " + map.name);
}

bool Pmm::restart()
{
    const pmm_map view = pmm_map_from_regions(regions_.data(), regions_.size());

    return pmm_init(metadata_.get(), bytes_, &view, &config_, &pmm_) == PMM_OK;
}

bool Pmm::place_and_start()
{
    const pmm_map view = pmm_map_from_regions(regions_.data(), regions_.size());
    pmm_config config = config_;

    return pmm_place_metadata(&view, &config) == PMM_OK &&
           pmm_init(metadata_.get(), config.metadata.length, &view, &config, &pmm_) == PMM_OK;
}

std::uint64_t Pmm::metadata_budget() const
{
    struct pmm_stats stats;

    pmm_stats(pmm_, &stats);
    return 80 * stats.blocks + 512 * config_.cpus + 32 * regions_.size() + 4096;
}

Table::Table(const allocator &table, const Map &map, unsigned cpus) : table_(table), map_(map), cpus_(cpus)
{
    if (!restart())
        throw Skipped("refuses the map");
}

struct start Table::start() const
{
    struct start start = {};

    start.map.regions = map_.regions.data();
    start.map.count = map_.regions.size();
    start.cpus = cpus_;
    return start;
}

bool Table::restart()
{
    const struct start start = this->start();
    enum answer answer = ANSWER_OK;

    if (self_ && table_.restart)
        return table_.restart(self_, &start, &answer);
    if (self_)
        table_.stop(self_);
    self_ = table_.start(&start, &answer);
    return self_ != nullptr;
}

std::vector<const allocator *> &adapters()
{
    static std::vector<const allocator *> all;
    return all;
}

} // namespace bench
