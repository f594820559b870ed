#include "pipeline/live_compaction.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/compact.h"

namespace yagura::pipeline {
namespace {

constexpr size_t kFanIn = 8;
constexpr uint64_t kSmallest = 4'096;     // rows of the lowest class, at most
constexpr uint64_t kLargest = 1'000'000;  // rows; those are left to `lake compact`
constexpr std::chrono::seconds kPeriod{2};
constexpr std::chrono::seconds kRest{10};
constexpr std::chrono::seconds kSweep{60};

int class_of(uint64_t rows) {
    int number = 0;
    for (uint64_t most = kSmallest; rows > most; most *= kFanIn) ++number;
    return number;
}

void lower_priority() {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 19);
}

}  // namespace

std::vector<store::Segment> next_merge(const std::vector<store::Segment>& segments,
                                       Timestamp now,
                                       std::chrono::seconds rest) {
    using Key = std::tuple<std::string, std::string, int>;
    std::map<Key, std::vector<store::Segment>> groups;
    for (const store::Segment& segment : segments) {
        if (!store::may_be_merged(segment) || store::is_large(segment.rows, kLargest)) continue;
        if (segment.changed > now - rest) continue;
        groups[{segment.log_type, segment.day, class_of(segment.rows)}].push_back(segment);
    }
    for (auto& [key, group] : groups) {
        if (group.size() < kFanIn) continue;
        std::sort(
            group.begin(), group.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        uint64_t rows = 0;
        size_t count = 0;
        while (count < group.size() && (count < 2 || rows + group[count].rows <= kLargest))
            rows += group[count++].rows;
        group.resize(count);
        return group;
    }
    return {};
}

LiveCompaction::LiveCompaction(std::filesystem::path lake, store::Writer& writer)
    : lake_(std::move(lake)),
      writer_(writer),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

LiveCompaction::~LiveCompaction() = default;

LiveCompaction::Pause::Pause(LiveCompaction& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    ++owner_.pauses_;
}

LiveCompaction::Pause::~Pause() {
    const std::lock_guard lock(owner_.mutex_);
    --owner_.pauses_;
    owner_.wake_.notify_all();
}

Result<bool> LiveCompaction::merge_once(const std::stop_token& stop) {
    const auto chosen = next_merge(writer_.segments(), current_time(), kRest);
    if (chosen.empty()) return false;
    uint64_t rows = 0;
    std::vector<int64_t> retired;
    for (const store::Segment& segment : chosen) {
        rows += segment.rows;
        retired.push_back(segment.id);
    }
    const store::MergeOptions options{.buffer_bytes = 128u << 20,
                                      .is_thorough = store::is_large(rows, kLargest),
                                      .take_id = [this] { return writer_.take_segment_id(); }};
    YAGURA_TRY(auto merged, store::merge_segments(lake_, chosen, options));
    std::unique_lock lock(mutex_);
    wake_.wait(lock, stop, [this] { return pauses_ == 0; });
    if (pauses_ != 0) return false;  // stopping; the next writer sweeps the files
    YAGURA_CHECK(writer_.replace(std::move(merged), std::move(retired)));
    return true;
}

// Whatever fails here costs files, not rows; it is tried again.
void LiveCompaction::run(const std::stop_token& stop) {
    lower_priority();
    auto swept = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        const auto merged = merge_once(stop);
        if (std::chrono::steady_clock::now() - swept > kSweep) {
            (void)writer_.remove_retired();
            swept = std::chrono::steady_clock::now();
        }
        if (merged && *merged) continue;
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, kPeriod, [] { return false; });
    }
}

}  // namespace yagura::pipeline
