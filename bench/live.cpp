// How long after a file was moved into a followed folder its record is found by a query and its
// finding told: what a person who watches the screen waits.
#include "pipeline/live.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "query/engine.h"

using namespace yagura;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kRule =
    "title: Users listed\nid: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d01\nlevel: high\nlogsource: "
    "{product: aws, service: cloudtrail}\ndetection:\n    s: {eventName: ListUsers}\n    "
    "condition: s\n";

std::string record_of(uint64_t id) {
    return fmt::format(
        R"({{"eventVersion":"1.09","userIdentity":{{"type":"IAMUser","userName":"ana"}},)"
        R"("eventTime":"2026-03-02T09:{:02}:{:02}Z","eventSource":"iam.amazonaws.com",)"
        R"("eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7",)"
        R"("eventID":"00000000-0000-4000-8000-{:012}","recipientAccountId":"111122223333"}})",
        id / 60 % 60,
        id % 60,
        id);
}

double percentile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1,
                           static_cast<size_t>(share * static_cast<double>(values.size())))];
}

bool is_found(query::Engine& engine, uint64_t id) {
    const std::string text =
        fmt::format("filter eventID = '00000000-0000-4000-8000-{:012}' | stats count(*) as n", id);
    query::Question question;
    question.text = text;
    question.now = current_time();
    bool found = false;
    query::RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> row) {
        const auto* count = std::get_if<int64_t>(&row[0]);
        found = count && *count > 0;
        return true;
    };
    return engine.ask(question, sink).has_value() && found;
}

void file_to_screen(benchmark::State& state) {
    std::string pattern = (fs::temp_directory_path() / "yagura-bench-XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    fs::create_directories(folder / "logs");
    std::ofstream(folder / "rule.yml") << kRule;
    pipeline::LiveOptions options;
    options.lake = folder / "lake";
    options.watch = {(folder / "logs").string()};
    options.rules.added = {folder / "rule.yml"};
    auto live = pipeline::LiveIngest::start(options);
    if (!live) return state.SkipWithError(live.error().sentence().c_str());
    std::mutex mutex;
    std::condition_variable told;
    uint64_t events = 0;
    (*live)->newsroom().subscribe([&](const pipeline::LiveNews& news) {
        const std::lock_guard lock(mutex);
        for (const auto& finding : news.findings) events = std::max(events, finding.count);
        told.notify_all();
    });
    auto engine = query::Engine::open(options.lake, {});
    if (!engine) return state.SkipWithError(engine.error().sentence().c_str());
    std::vector<double> waits;
    uint64_t id = 0;
    for (auto _ : state) {
        const fs::path part = folder / fmt::format("{}.json", ++id);
        std::ofstream(part) << record_of(id) << "\n";
        const auto start = Clock::now();
        fs::rename(part, folder / "logs" / part.filename());
        {
            std::unique_lock lock(mutex);
            told.wait(lock, [&] { return events >= id; });
        }
        while (!is_found(**engine, id)) {
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        state.SetIterationTime(seconds);
        waits.push_back(seconds * 1000);
    }
    state.counters["p50_ms"] = percentile(waits, 0.5);
    state.counters["p99_ms"] = percentile(waits, 0.99);
    live->reset();
    std::error_code ignored;
    fs::remove_all(folder, ignored);
}
BENCHMARK(file_to_screen)->UseManualTime()->Iterations(200)->Unit(benchmark::kMillisecond);

}  // namespace
