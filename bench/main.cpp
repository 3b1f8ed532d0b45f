/*
 * The benchmarks as Google Benchmark runs them: each repetition is one measurement, which has its own median of many
 * chunks (sample.hpp), so that real_time is nanoseconds for one operation and cpu_time means nothing.
 *
 *   pmm-bench [--only=REGEX] [--list] [--benchmark_...]
 */
#include <benchmark/benchmark.h>

#include <cstring>
#include <iostream>
#include <regex>

#include "cases.hpp"

namespace
{

/* Names as we give them: without the words that Google Benchmark adds for how it was told to measure. */
template <class Base> class Plain : public Base
{
  public:
    void ReportRuns(const std::vector<benchmark::BenchmarkReporter::Run> &runs) override
    {
        std::vector<benchmark::BenchmarkReporter::Run> plain = runs;

        for (auto &run : plain)
            run.run_name = {run.run_name.function_name, "", "", "", "", "", "", ""};
        Base::ReportRuns(plain);
    }
};

void measure(benchmark::State &state, const bench::Case &measured)
{
    std::cerr << "run " << measured.name << std::endl;
    while (state.KeepRunning()) {
        try {
            const bench::Figure figure = measured.run();

            state.SetIterationTime(figure.median * 1e-9);
            state.counters["mean"] = figure.mean;
            state.counters["chunks"] = figure.chunks;
            for (const auto &[name, value] : figure.counters)
                state.counters[name] = value;
        } catch (const bench::Skipped &reason) {
            state.SkipWithError((std::string("skipped: ") + reason.what()).c_str());
        } catch (const bench::Busy &reason) {
            state.SkipWithError((std::string("busy: ") + reason.what()).c_str());
        } catch (const std::exception &error) {
            state.SkipWithError(error.what());
        }
    }
}

struct Options {
    std::string only = "";
    bool list = false;
    bool to_file = false;
};

/* Ours are taken out of argv; the others are Google Benchmark's. */
Options read_options(int *argc, char **argv)
{
    Options options;
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        if (std::strncmp(argv[i], "--only=", 7) == 0)
            options.only = argv[i] + 7;
        else if (std::strcmp(argv[i], "--list") == 0)
            options.list = true;
        else
            argv[kept++] = argv[i];
        options.to_file |= std::strncmp(argv[i], "--benchmark_out=", 16) == 0;
    }
    *argc = kept;
    return options;
}

/* Floors always: without them there is no ratio. */
std::vector<bench::Case> chosen_cases(const std::string &only)
{
    const std::regex wanted(only);
    std::vector<bench::Case> chosen;
    bool any = false;

    for (const bench::Case &measured : bench::all_cases()) {
        const bool matches = std::regex_search(measured.name, wanted);

        any |= matches;
        if (matches || measured.name.rfind("floor/", 0) == 0)
            chosen.push_back(measured);
    }
    return any ? chosen : std::vector<bench::Case>();
}

} // namespace

int main(int argc, char **argv)
{
    const Options options = read_options(&argc, argv);
    std::vector<bench::Case> cases;

    try {
        cases = chosen_cases(options.only);
    } catch (const std::exception &error) {
        std::cerr << "bench: ONLY=" << options.only << " is no regular expression: " << error.what() << "\n";
        return 2;
    }
    if (cases.empty()) {
        std::cerr << "bench: no benchmark has a name that matches ONLY=" << options.only
                  << "; pmm-bench --list names them\n";
        return 2;
    }
    for (const bench::Case &measured : cases) {
        if (options.list)
            std::cout << measured.name << " " << measured.once << "\n";
        auto *registered = benchmark::RegisterBenchmark(
            measured.name.c_str(), [&measured](benchmark::State &state) { measure(state, measured); });
        registered->UseManualTime()->Iterations(1)->Unit(benchmark::kNanosecond);
        if (measured.once)
            registered->Repetitions(1);
    }
    if (options.list)
        return 0;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    Plain<benchmark::ConsoleReporter> console;
    Plain<benchmark::JSONReporter> json;
    benchmark::RunSpecifiedBenchmarks(&console, options.to_file ? &json : nullptr);
    return 0;
}
