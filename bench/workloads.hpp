/*
 * What is measured of an allocator, as templates over it and the order, so that ours is called without detours.
 * Every workload starts on a fresh instance, checks every answer, and gives the cost of one operation.
 */
#ifndef BENCH_WORKLOADS_HPP
#define BENCH_WORKLOADS_HPP

#include "frames.hpp"
#include "meter.hpp"

namespace bench
{

/* What a CPU took first, or all it took, and whether that kept the CPUs apart where it should have. */
template <class Allocator> void judge_sharing(Figure &figure, const std::vector<Addresses> &held, bool apart)
{
    const double shared = blocks_shared(held);

    if (apart && Allocator::keeps_cpus_apart && shared > 0)
        throw std::runtime_error("the CPUs were to work in blocks of their own, and did not");
    figure.counters["blocks_shared"] = shared;
}

/* ---- bulk: many taken, then all given back, in the order taken or in a random one ---- */

enum class Bulk { alloc, free, rand, rand_all };

/* `steps` times `step` frames a CPU. Of the first round nothing is kept: its caches were cold. */
template <unsigned order, class Allocator>
Figure bulk(Allocator &allocator, Team &team, Bulk what, std::size_t steps, std::size_t step, bool apart)
{
    const std::size_t chunk = std::min<std::size_t>(steps, 16);
    std::vector<Meter> of_cpus = meters(team);
    std::vector<Addresses> held(team.size(), Addresses(steps * step));
    Figure sharing;

    /* All of `held` in chunks, `step` frames at a time. */
    const auto in_chunks = [&](unsigned cpu, bool timed, auto one_step) {
        for (std::size_t done = 0; done < steps; done += chunk) {
            std::uint64_t *next = &held[cpu][done * step];
            const auto body = [&] {
                one_step(next);
                next += step;
            };

            if (timed)
                of_cpus[cpu].time(chunk, step, body);
            else
                of_cpus[cpu].run(chunk, body);
        }
    };

    team.run([&](unsigned cpu) {
        Random random(cpu + 1);

        for (unsigned round = 0;; round++) {
            team.wait();
            in_chunks(cpu, what == Bulk::alloc,
                      [&](std::uint64_t *frames) { take<order>(allocator, cpu, frames, step); });
            team.wait();
            if (cpu == 0 && round == 0)
                judge_sharing<Allocator>(sharing, held, apart);
            if (cpu == 0 && what == Bulk::rand_all)
                shuffle_all(held, random);
            if (what == Bulk::rand)
                shuffle(held[cpu], random);
            team.wait();
            in_chunks(cpu, what != Bulk::alloc,
                      [&](std::uint64_t *frames) { give<order>(allocator, cpu, frames, step); });
            if (round == 0)
                of_cpus[cpu].forget();
            else if (!team.agree(cpu, !of_cpus[cpu].enough()))
                return;
        }
    });
    Figure figure = figure_of(of_cpus);
    figure.counters = sharing.counters;
    return figure;
}

/* ---- repeat: one taken, the same given back, with `others` held all the while ---- */

template <unsigned order, class Allocator>
Figure repeat(Allocator &allocator, Team &team, std::size_t others, bool apart)
{
    const std::size_t pairs = 100;
    std::vector<Meter> of_cpus = meters(team);
    std::vector<Addresses> homes(team.size(), Addresses(1));

    team.run([&](unsigned cpu) {
        Addresses held(others);

        take<order>(allocator, cpu, held.data(), others);
        take<order>(allocator, cpu, homes[cpu].data(), 1);
        team.wait();
        give<order>(allocator, cpu, homes[cpu].data(), 1);
        of_cpus[cpu].time_enough(10, pairs, [&] {
            for (std::size_t i = 0; i < pairs; i++) {
                std::uint64_t address = 0;

                take<order>(allocator, cpu, &address, 1);
                keep(address);
                give<order>(allocator, cpu, &address, 1);
            }
        });
    });
    Figure figure = figure_of(of_cpus);
    judge_sharing<Allocator>(figure, homes, apart);
    return figure;
}

} // namespace bench

#endif
