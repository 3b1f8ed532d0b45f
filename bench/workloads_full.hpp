/*
 * What is measured of an allocator whose memory is nearly full, or starts again: as in workloads.hpp, templates over
 * the allocator and the order.
 */
#ifndef BENCH_WORKLOADS_FULL_HPP
#define BENCH_WORKLOADS_FULL_HPP

#include "frames.hpp"
#include "meter.hpp"

namespace bench
{

/* ---- filling: pairs in memory that is full to some percentage ---- */

/* The free frames are those taken last (`scattered`: any, at random). Each CPU takes up to 256, then gives them back. */
template <unsigned order, class Allocator>
Figure filling(Allocator &allocator, Team &team, unsigned percent, bool scattered)
{
    std::vector<Meter> of_cpus = meters(team);
    Addresses all = take_all<order>(allocator);
    const std::size_t least = 2 * team.size(), wanted = all.size() - all.size() * percent / 100;
    const std::size_t free = std::min(all.size(), std::max(least, wanted));
    const std::size_t few = std::min<std::size_t>(256, free / least), times = 256 / few;
    Random random(1);

    if (scattered)
        shuffle(all, random);
    for (std::size_t i = 0; i < free; i++, all.pop_back())
        give<order>(allocator, 0, &all.back(), 1);
    team.run([&](unsigned cpu) {
        Addresses mine(few);

        of_cpus[cpu].time_enough(8, times * few, [&] {
            for (std::size_t i = 0; i < times; i++) {
                take<order>(allocator, cpu, mine.data(), few);
                give<order>(allocator, cpu, mine.data(), few);
            }
        });
    });
    return figure_of(of_cpus);
}

/* ---- frag: one in ten frames given back at random; then, many times, a random one given back and one taken ---- */

/* What whole blocks are left is counted from the addresses held, whatever the allocator says of itself. */
template <class Allocator> Figure frag(Allocator &allocator, Team &team, std::size_t rounds)
{
    const std::size_t step = 100, steps = 10;
    std::vector<Meter> of_cpus = meters(team);
    Random random(1);
    Addresses all = take_all<0>(allocator);
    const Blocks blocks(all);
    const std::size_t free = all.size() / 10;

    shuffle(all, random);
    give<0>(allocator, 0, &all[all.size() - free], free);
    all.resize(all.size() - free);
    std::vector<Addresses> held(team.size());
    for (std::size_t i = 0; i < all.size(); i++)
        held[i % team.size()].push_back(all[i]);
    const double before = blocks.whole(held);

    team.run([&](unsigned cpu) {
        Addresses &mine = held[cpu];
        Random choice(cpu + 2);

        for (std::size_t done = 0; done < rounds * mine.size(); done += steps * step) {
            of_cpus[cpu].time(steps, step, [&] {
                for (std::size_t i = 0; i < step; i++) {
                    std::uint64_t *address = &mine[choice.below(mine.size())];

                    give<0>(allocator, cpu, address, 1);
                    take<0>(allocator, cpu, address, 1);
                }
            });
        }
    });
    Figure figure = figure_of(of_cpus);
    figure.counters = {{"whole_before", before},
                       {"whole_after", blocks.whole(held)},
                       {"whole_at_best", static_cast<double>(free / BLOCK_FRAMES)}};
    return figure;
}

/* ---- oom: a refusal; for 2 MiB, one frame of each block is held ---- */

template <unsigned order, class Allocator> Figure oom(Allocator &allocator, Team &team)
{
    const std::size_t calls = 20;
    std::vector<Meter> of_cpus = meters(team);
    const Addresses all = take_all<0>(allocator);

    if (order != 0)
        give_all_but_one_of_each_block(allocator, all);
    team.run([&](unsigned cpu) {
        of_cpus[cpu].time_enough(5, calls, [&] {
            for (std::size_t i = 0; i < calls; i++) {
                std::uint64_t address;

                if (allocator.alloc(cpu, order, &address))
                    throw std::runtime_error("allocated where nothing was left");
            }
        });
    });
    return figure_of(of_cpus);
}

/* ---- init: starting again in the same memory ---- */

template <class Allocator, class Start> Figure init(Allocator &allocator, Team &team, Start start)
{
    std::vector<Meter> of_cpus = meters(team);

    team.run([&](unsigned cpu) {
        of_cpus[cpu].time_enough(1, 1, [&] {
            if (!start(allocator))
                throw std::runtime_error("does not start again");
        });
    });
    Figure figure = figure_of(of_cpus);
    if (allocator.metadata_bytes() > 0)
        figure.counters["metadata_bytes"] = static_cast<double>(allocator.metadata_bytes());
    if (allocator.metadata_budget() > 0)
        figure.counters["metadata_budget"] = static_cast<double>(allocator.metadata_budget());
    return figure;
}

} // namespace bench

#endif
