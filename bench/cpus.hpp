/*
 * Threads that stand for CPUs: each pinned to one of this machine's, numbered from 0, and started together. Knows
 * nothing of allocators.
 */
#ifndef BENCH_CPUS_HPP
#define BENCH_CPUS_HPP

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace bench
{

unsigned cpus_available();

/* The CPUs of one measurement. wait() holds each of them until all have come. */
class Team
{
  public:
    explicit Team(unsigned size) : size_(size), pulses_(size)
    {
    }

    unsigned size() const
    {
        return size_;
    }
    void wait();

    /* CPU 0 decides for all, so that they do the same number of rounds. A barrier. */
    bool agree(unsigned cpu, bool wish);

    /*
     * On a machine with other work, a CPU may stand still without knowing it, and the others' figures would show a
     * contention that was not there. So each says that it goes on, and compares how far all came meanwhile.
     */
    void beat(unsigned cpu)
    {
        std::atomic<std::uint64_t> &pulse = pulses_[cpu].count;

        pulse.store(pulse.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    std::vector<std::uint64_t> pulses() const;
    /* True when, since `before`, this CPU was not interrupted and each other did at least a third of what it did. */
    bool together_since(const std::vector<std::uint64_t> &before, unsigned cpu) const;

    /* For loops that must go on, unmeasured, until the last CPU has measured. */
    void finish()
    {
        finished_.fetch_add(1);
    }
    bool all_finished() const
    {
        return finished_.load(std::memory_order_relaxed) >= size_;
    }

    /* Runs `body` on every CPU; an exception of any of them is thrown again here. */
    void run(const std::function<void(unsigned cpu)> &body);

  private:
    struct alignas(128) Pulse {
        std::atomic<std::uint64_t> count{0};
    };

    const unsigned size_;
    std::vector<Pulse> pulses_;
    std::atomic<unsigned> waiting_{0};
    std::atomic<unsigned> turn_{0};
    std::atomic<unsigned> finished_{0};
    std::atomic<bool> wish_{false};
    std::atomic<bool> broken_{false};
};

} // namespace bench

#endif
