/* The floors. */
#include "floors.hpp"

#include <cstring>
#include <memory>
#include <stdexcept>

namespace bench
{

template <class Pair> static Figure pairs(Team &team, Pair pair)
{
    const std::size_t count = 100;
    std::vector<Meter> of_cpus = meters(team);

    team.run([&](unsigned cpu) {
        of_cpus[cpu].time_enough(10, count, [&] {
            for (std::size_t i = 0; i < count; i++)
                pair(cpu, i);
        });
    });
    return figure_of(of_cpus);
}

Figure locked_rmw_pair(Team &team, bool shared)
{
    struct alignas(128) Line {
        std::uint64_t word;
    };
    std::vector<Line> lines(team.size());

    return pairs(team, [&](unsigned cpu, std::size_t i) {
        std::uint64_t *word = &lines[shared ? 0 : cpu].word;
        const std::uint64_t bit = UINT64_C(1) << (i % 64);

        __atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST);
        __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST);
    });
}

namespace
{
struct alignas(128) Stack {
    std::size_t count;
    std::uint64_t frames[512];
};
} // namespace

__attribute__((noinline)) static bool pop(Stack *stack, std::uint64_t *frame)
{
    if (stack->count == 0)
        return false;
    *frame = stack->frames[--stack->count];
    return true;
}

__attribute__((noinline)) static bool push(Stack *stack, std::uint64_t frame)
{
    if (stack->count == 512)
        return false;
    stack->frames[stack->count++] = frame;
    return true;
}

Figure array_stack_pair(Team &team)
{
    std::vector<Stack> stacks(team.size());

    for (Stack &stack : stacks)
        while (push(&stack, stack.count))
            ;
    return pairs(team, [&](unsigned cpu, std::size_t) {
        std::uint64_t frame = 0;

        if (!pop(&stacks[cpu], &frame) || !push(&stacks[cpu], frame))
            throw std::runtime_error("the stack lost count");
        keep(frame);
    });
}

Figure memset_metadata(Team &team, std::size_t bytes)
{
    std::vector<Meter> of_cpus = meters(team);
    const std::unique_ptr<char[]> memory(new char[bytes]);

    team.run([&](unsigned cpu) {
        of_cpus[cpu].time_enough(1, 1, [&] {
            std::memset(memory.get(), 0xff, bytes);
            keep(memory.get());
        });
    });
    Figure figure = figure_of(of_cpus);
    figure.counters["bytes"] = static_cast<double>(bytes);
    return figure;
}

} // namespace bench
