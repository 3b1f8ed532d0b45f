/*
 * Which workloads run on which allocator and how large. Names: allocator/workload/size/cpus:N, then fill:PERCENT, and
 * `shared` where all CPUs are forced into one block (2 MiB: into two blocks a CPU).
 */
#include "cases.hpp"

#include "allocators.hpp"
#include "floors.hpp"
#include "workloads.hpp"
#include "workloads_full.hpp"

namespace bench
{

static constexpr std::uint64_t memory_gibibytes = 8, frag_gibibytes = 4; /* of pretended memory */

/* 1, 2, 4 and so on, as many as the machine has. */
static std::vector<unsigned> cpu_counts()
{
    std::vector<unsigned> counts;

    for (unsigned count = 1; count <= cpus_available(); count *= 2)
        counts.push_back(count);
    return counts;
}

static std::vector<Map> init_maps()
{
    return {pc_map(8), pc_map(64), pc_map(1024), sparse_map()};
}

static std::string size_name(unsigned order)
{
    return order == 0 ? "4k" : "2m";
}

/* Adds the cases of one allocator, made anew for each measurement by `Make`: (map, cpus) -> unique_ptr<Allocator>. */
template <class Make> class Cases
{
  public:
    Cases(std::vector<Case> &cases, std::string name, Make make, bool ours)
        : cases_(cases), name_(std::move(name)), make_(make), ours_(ours)
    {
    }

    template <unsigned order> void add_size()
    {
        for (const unsigned cpus : cpu_counts()) {
            add_bulk<order>("bulk_alloc", Bulk::alloc, cpus);
            add_bulk<order>("bulk_free", Bulk::free, cpus);
            add_bulk<order>("rand", Bulk::rand, cpus);
            if (cpus > 1)
                add_bulk<order>("rand_all", Bulk::rand_all, cpus, false);
            add_repeat<order>(cpus);
            add_filling<order>("filling", cpus, false);
            add_filling<order>("scattered", cpus, true);
            add<order>("oom", cpus, "", pc_map(memory_gibibytes),
                       [](auto &allocator, Team &team) { return oom<order>(allocator, team); });
        }
    }

    void add_frag()
    {
        for (const unsigned cpus : cpu_counts()) {
            add<0>("frag", cpus, "", pc_map(frag_gibibytes),
                   [](auto &allocator, Team &team) { return frag(allocator, team, 8); });
            cases_.back().once = true;
        }
    }

    void add_init()
    {
        for (const Map &map : init_maps())
            cases_.push_back({name_ + "/init/" + map.name, [make = make_, map] {
                                  const auto allocator = make(map, 1);
                                  Team team(1);
                                  return init(*allocator, team, [](auto &its) { return its.restart(); });
                              }});
    }

    /* From maps of many entries: sizing, placing and starting. */
    void add_entries()
    {
        for (const std::uint64_t entries : {256, 4096})
            for (const Shape shape : {Shape::ordered, Shape::shuffled, Shape::reversed, Shape::nested}) {
                const Map map = entries_map(entries, shape);

                cases_.push_back({name_ + "/init/entries/" + map.name, [make = make_, map] {
                                      const auto allocator = make(map, 1);
                                      Team team(1);
                                      return init(*allocator, team, [](auto &its) { return its.place_and_start(); });
                                  }});
            }
    }

  private:
    template <unsigned order, class Body>
    void add(const std::string &workload, unsigned cpus, const std::string &suffix, const Map &map, Body body)
    {
        const std::string name =
            name_ + "/" + workload + "/" + size_name(order) + "/cpus:" + std::to_string(cpus) + suffix;

        cases_.push_back({name, [make = make_, map, cpus, body] {
                              const auto allocator = make(map, cpus);
                              Team team(cpus);
                              return body(*allocator, team);
                          }});
    }

    template <unsigned order>
    void add_bulk(const std::string &workload, Bulk what, unsigned cpus, bool with_shared = true)
    {
        const std::size_t room = memory_gibibytes << (30 - FRAME_SHIFT - order), step = order == 0 ? 256 : 16;
        const std::size_t count = std::min<std::size_t>(room / (2 * cpus), order == 0 ? 1 << 18 : 1 << 10);

        add<order>(workload, cpus, "", pc_map(memory_gibibytes), [what, count, step](auto &allocator, Team &team) {
            return bulk<order>(allocator, team, what, count / step, step, true);
        });
        if (order == 0 && cpus > 1 && with_shared)
            add<order>(workload, cpus, "/shared", block_map(1), [what, cpus](auto &allocator, Team &team) {
                return bulk<order>(allocator, team, what, 8, BLOCK_FRAMES / (2 * cpus) / 8, false);
            });
    }

    template <unsigned order> void add_repeat(unsigned cpus)
    {
        add<order>("repeat", cpus, "", pc_map(memory_gibibytes), [](auto &allocator, Team &team) {
            return repeat<order>(allocator, team, order == 0 ? 1000 : 16, true);
        });
        if (cpus > 1)
            add<order>("repeat", cpus, "/shared", block_map(order == 0 ? 1 : 2 * cpus),
                       [cpus](auto &allocator, Team &team) {
                           return repeat<order>(allocator, team, order == 0 ? BLOCK_FRAMES / (4 * cpus) : 0, false);
                       });
    }

    template <unsigned order> void add_filling(const std::string &workload, unsigned cpus, bool scattered)
    {
        const std::vector<unsigned> all = {0, 10, 25, 50, 75, 90, 95, 99, 100}, few = {0, 50, 90, 99};

        for (const unsigned percent : ours_ ? all : few)
            if (cpus <= 2 && (ours_ || cpus == 1))
                add<order>(workload, cpus, "/fill:" + std::to_string(percent), pc_map(memory_gibibytes),
                           [percent, scattered](auto &allocator, Team &team) {
                               return filling<order>(allocator, team, percent, scattered);
                           });
    }

    std::vector<Case> &cases_;
    const std::string name_;
    const Make make_;
    const bool ours_;
};

static void add_floors(std::vector<Case> &cases)
{
    for (const unsigned cpus : cpu_counts()) {
        const std::string suffix = cpus == 1 ? "" : "/cpus:" + std::to_string(cpus);
        const auto pair = [cpus](bool shared) {
            return [cpus, shared] {
                Team team(cpus);
                return locked_rmw_pair(team, shared);
            };
        };

        cases.push_back({"floor/locked_rmw_pair" + suffix, pair(false)});
        if (cpus > 1)
            cases.push_back({"floor/locked_rmw_pair" + suffix + "/shared", pair(true)});
        cases.push_back({"floor/array_stack_pair" + suffix, [cpus] {
                             Team team(cpus);
                             return array_stack_pair(team);
                         }});
    }
    for (const Map &map : init_maps())
        cases.push_back({"floor/memset_metadata/" + map.name, [map] {
                             Team team(1);
                             return memset_metadata(team, Pmm(map, 1).metadata_bytes());
                         }});
}

std::vector<Case> all_cases()
{
    std::vector<Case> cases;
    Cases ours(
        cases, "pmm", [](const Map &map, unsigned cpus) { return std::make_unique<Pmm>(map, cpus); }, true);

    add_floors(cases);
    ours.add_size<0>();
    ours.add_size<BLOCK_ORDER>();
    ours.add_frag();
    ours.add_init();
    ours.add_entries();
    for (const allocator *table : adapters()) {
        const auto make = [table](const Map &map, unsigned cpus) {
            return std::make_unique<Table>(*table, map, cpus);
        };
        Cases other(cases, table->name, make, false);

        other.add_size<0>();
        if (table->promises & PROMISE_LARGE)
            other.add_size<BLOCK_ORDER>();
        other.add_frag();
        other.add_init();
    }
    return cases;
}

} // namespace bench
