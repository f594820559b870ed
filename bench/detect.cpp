// What one signal costs when a million groups are alive, and what a group weighs.
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "detect/windows.h"

namespace {

using namespace yagura;
using namespace yagura::detect;

constexpr uint64_t kGroups = 1'000'000;
constexpr size_t kSignals = 4'000'000;

match::Correlation correlation(match::CorrelationType type, double count) {
    match::Correlation made;
    made.type = type;
    made.timespan = int64_t{3600} * 1'000'000;
    made.thresholds = {{match::Threshold::Kind::greater_equal, count}};
    made.references.resize(1);
    return made;
}

// In order of time: all groups stay alive, each has about four events in its window.
std::vector<Signal> signals_of(uint64_t values) {
    std::mt19937_64 random(1);
    std::vector<Signal> signals(kSignals);
    for (size_t i = 0; i < kSignals; ++i) {
        signals[i].time = static_cast<int64_t>(i) * 800;  // 3,200 s in all
        signals[i].identity = i;
        signals[i].group = (random() % kGroups) * 0x9E3779B97F4A7C15ull;
        signals[i].value = random() % values;
    }
    return signals;
}

void run(benchmark::State& state, match::CorrelationType type, double count) {
    const auto rule = correlation(type, count);
    const auto signals = signals_of(100);
    std::vector<Decided> decided;
    for (auto _ : state) {
        const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
        Windows windows(rule, 0, {.groups = 2'000'000, .entries = 32'000'000});
        for (const Signal& signal : signals) windows.add(signal, decided);
        const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
        state.counters["MiB"] = static_cast<double>(after - before) / (1 << 20);
        state.counters["groups"] = static_cast<double>(windows.groups());
        benchmark::DoNotOptimize(decided.data());
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kSignals));
}

void event_count(benchmark::State& state) {
    run(state, match::CorrelationType::event_count, 20);
}
void value_count(benchmark::State& state) {
    run(state, match::CorrelationType::value_count, 20);
}
void value_sum(benchmark::State& state) {
    run(state, match::CorrelationType::value_sum, 1e12);
}

}  // namespace

BENCHMARK(event_count)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(value_count)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(value_sum)->Unit(benchmark::kMillisecond)->Iterations(1);
