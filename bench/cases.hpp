/* Every benchmark by its name, such as pmm/repeat/4k/cpus:1. */
#ifndef BENCH_CASES_HPP
#define BENCH_CASES_HPP

#include <functional>
#include <string>
#include <vector>

#include "meter.hpp"

namespace bench
{

struct Case {
    std::string name;
    std::function<Figure()> run;
    bool once = false; /* long, and its counters are the same each time: one repetition */
};

std::vector<Case> all_cases();

} // namespace bench

#endif
