// What every event pays in base: its time, its addresses, its hashes.
#include <string>

#include <benchmark/benchmark.h>

#include "base/hash.h"
#include "base/ip.h"
#include "base/text.h"
#include "base/time.h"

namespace {

using namespace yagura;

void parse_event_time(benchmark::State& state) {
    const std::string text = "2024-07-31T12:29:16Z";
    for (auto _ : state) benchmark::DoNotOptimize(parse_iso8601(text));
}
BENCHMARK(parse_event_time);

void parse_address(benchmark::State& state) {
    const std::string text = "203.0.113.157";
    for (auto _ : state) benchmark::DoNotOptimize(IpAddress::parse(text));
}
BENCHMARK(parse_address);

void hash_event_id(benchmark::State& state) {
    const std::string text = "0d6a3dc4-32b4-4ad8-a4d9-9e1ed1ef3b1a";
    for (auto _ : state) benchmark::DoNotOptimize(hash128(text));
}
BENCHMARK(hash_event_id);

void fold_user_agent(benchmark::State& state) {
    const std::string text =
        "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0-18-amd64 exe/x86_64.debian.12";
    for (auto _ : state) benchmark::DoNotOptimize(fold_case(text));
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(fold_user_agent);

}  // namespace
