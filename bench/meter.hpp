/*
 * How time is taken: a chunk of operations between two readings of the clock, many chunks, their median. A chunk is
 * short (some 50 us), so that on a machine with other work most chunks run undisturbed; it is long beside the two
 * readings (some 50 ns). The mean is kept too.
 *
 * With several CPUs only those chunks count during which all were at work: one that the machine let stand would make
 * the others look as if sharing cost nothing.
 */
#ifndef BENCH_METER_HPP
#define BENCH_METER_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "cpus.hpp"

namespace bench
{

using Clock = std::chrono::steady_clock;

/* The compiler must believe that `value` is used. */
template <class T> inline void keep(const T &value)
{
    asm volatile("" : : "r,m"(value) : "memory");
}

/* An allocator that does not take part: no fault. */
struct Skipped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/* Nothing could be measured this time. */
struct Busy : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/* Of one CPU. */
class Meter
{
  public:
    Meter(Team &team, unsigned cpu) : team_(team), cpu_(cpu)
    {
        nanoseconds_.reserve(4096);
    }

    /* One chunk: `steps` times `body`, which does `operations` of what is measured. */
    template <class Body> void time(std::size_t steps, std::size_t operations, Body body)
    {
        const std::vector<std::uint64_t> before = team_.pulses();
        const Clock::time_point begin = Clock::now();
        run(steps, body);
        const std::chrono::duration<double, std::nano> passed = Clock::now() - begin;

        if (!team_.together_since(before, cpu_))
            return;
        nanoseconds_.push_back(passed.count() / static_cast<double>(steps * operations));
        total_ += passed.count();
    }
    /* The same unmeasured. */
    template <class Body> void run(std::size_t steps, Body body)
    {
        for (std::size_t step = 0; step < steps; step++) {
            body();
            team_.beat(cpu_);
        }
    }
    /* Chunks until there are enough; and on, unmeasured, until the last CPU has enough. */
    template <class Body> void time_enough(std::size_t steps, std::size_t operations, Body body)
    {
        run(steps, body); /* cold */
        team_.wait();
        while (!enough())
            time(steps, operations, body);
        team_.finish();
        while (!team_.all_finished())
            run(steps, body);
    }

    /* Enough measured, or enough tried. */
    bool enough() const
    {
        return total_ >= enough_milliseconds * 1e6 || Clock::now() - begin_ > std::chrono::seconds(10);
    }
    /* What came first had cold caches. */
    void forget()
    {
        nanoseconds_.clear();
        total_ = 0;
    }

    std::size_t count() const
    {
        return nanoseconds_.size();
    }
    double median() const
    {
        std::vector<double> sorted = nanoseconds_;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);

        if (sorted.empty())
            throw Busy("the CPUs were never at work at the same time: the machine has other work");
        std::nth_element(sorted.begin(), middle, sorted.end());
        return *middle;
    }
    double mean() const
    {
        return std::accumulate(nanoseconds_.begin(), nanoseconds_.end(), 0.0) / static_cast<double>(count());
    }

  private:
    static constexpr double enough_milliseconds = 10;

    Team &team_;
    const unsigned cpu_;
    const Clock::time_point begin_ = Clock::now();
    std::vector<double> nanoseconds_{}; /* for one operation, of each chunk */
    double total_ = 0;                  /* nanoseconds */
};

struct Figure {
    double median = 0; /* nanoseconds for one operation, the mean over the CPUs */
    double mean = 0;
    double chunks = 0; /* that counted, on all CPUs */
    std::map<std::string, double> counters{};
};

inline std::vector<Meter> meters(Team &team)
{
    std::vector<Meter> made;

    for (unsigned cpu = 0; cpu < team.size(); cpu++)
        made.emplace_back(team, cpu);
    return made;
}

inline Figure figure_of(const std::vector<Meter> &meters)
{
    Figure figure;

    for (const Meter &meter : meters) {
        figure.median += meter.median() / static_cast<double>(meters.size());
        figure.mean += meter.mean() / static_cast<double>(meters.size());
        figure.chunks += static_cast<double>(meter.count());
    }
    return figure;
}

} // namespace bench

#endif
