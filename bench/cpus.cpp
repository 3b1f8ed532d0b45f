/* Pinned threads and their barrier. A CPU that fails breaks the barrier, so that the others do not wait for it. */
#include "cpus.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include "this_cpu.h"
}

__thread unsigned bench_this_cpu;

namespace bench
{

namespace
{
struct GaveUp : std::runtime_error { /* because another CPU failed, whose failure is the one to tell */
    GaveUp() : std::runtime_error("another CPU failed")
    {
    }
};
} // namespace

/* The CPUs this process may use, however many the machine has. */
static std::vector<int> allowed_cpus()
{
    static const std::vector<int> allowed = [] {
        std::vector<int> found;
        cpu_set_t set;

        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof(set), &set);
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &set))
                found.push_back(cpu);
        return found;
    }();
    return allowed;
}

unsigned cpus_available()
{
    return static_cast<unsigned>(allowed_cpus().size());
}

static void become_cpu(unsigned number)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(allowed_cpus().at(number), &set);
    if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set) != 0)
        throw std::runtime_error("a thread cannot be pinned to CPU " + std::to_string(number));
    bench_this_cpu = number;
}

void Team::wait()
{
    const unsigned turn = turn_.load();
    unsigned spins = 0;

    if (waiting_.fetch_add(1) + 1 == size_) {
        waiting_.store(0);
        turn_.store(turn + 1);
        return;
    }
    while (turn_.load() == turn) {
        if (broken_.load())
            throw GaveUp();
        if (++spins % 10000000 == 0) /* not sooner: whoever yields is late when the others go on */
            sched_yield();
    }
}

bool Team::agree(unsigned cpu, bool wish)
{
    if (cpu == 0)
        wish_.store(wish);
    wait();
    const bool agreed = wish_.load();
    wait(); /* nobody may overwrite it yet */
    return agreed;
}

/* How often the machine gave this thread's CPU to others. */
static std::uint64_t times_interrupted()
{
    struct rusage usage = {};

    getrusage(RUSAGE_THREAD, &usage);
    return static_cast<std::uint64_t>(usage.ru_nivcsw + usage.ru_nvcsw);
}

std::vector<std::uint64_t> Team::pulses() const
{
    std::vector<std::uint64_t> counts;

    if (size_ == 1)
        return counts;
    for (const Pulse &pulse : pulses_)
        counts.push_back(pulse.count.load(std::memory_order_relaxed));
    counts.push_back(times_interrupted());
    return counts;
}

bool Team::together_since(const std::vector<std::uint64_t> &before, unsigned cpu) const
{
    const std::vector<std::uint64_t> now = pulses();

    if (size_ == 1)
        return true;
    if (now.back() != before.back())
        return false;
    for (unsigned other = 0; other < size_; other++)
        if ((now[other] - before[other]) * 3 < now[cpu] - before[cpu])
            return false;
    return true;
}

void Team::run(const std::function<void(unsigned cpu)> &body)
{
    std::vector<std::exception_ptr> failures(size_);
    std::vector<std::thread> threads;

    for (unsigned cpu = 0; cpu < size_; cpu++) {
        threads.emplace_back([this, cpu, &body, &failures] {
            try {
                become_cpu(cpu);
                wait();
                body(cpu);
            } catch (const GaveUp &) {
            } catch (...) {
                failures[cpu] = std::current_exception();
                broken_.store(true);
                finished_.store(size_);
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    for (const std::exception_ptr &failure : failures)
        if (failure)
            std::rethrow_exception(failure);
}

} // namespace bench
