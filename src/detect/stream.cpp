#include "detect/stream.h"

#include <algorithm>

namespace yagura::detect {
namespace {

int64_t minus(int64_t time, int64_t span) {
    int64_t difference = 0;
    return __builtin_sub_overflow(time, span, &difference) ? INT64_MIN : difference;
}

}  // namespace

Stream::Stream(const Targets& targets, FirstSeenMemory& memory, const StreamOptions& options)
    : targets_(targets), memory_(memory), options_(options), collectors_() {
    collectors_.push_back(std::make_unique<SignalCollector>(targets, 0, UINT64_MAX));
    for (uint32_t shard = 0; shard < kShards; ++shard)
        engines_.push_back(std::make_unique<Engine>(targets, options.limits, memory));
}

void Stream::adopt(std::unique_ptr<SignalCollector> earlier) {
    collectors_.push_back(std::move(earlier));
}

void Stream::resume(const WindowPasts& pasts) {
    for (uint32_t level = 0; level < targets_.level_count(); ++level) {
        for (uint32_t shard = 0; shard < kShards; ++shard)
            engines_[shard]->resume(level, shard, pasts);
    }
}

GroupStates Stream::groups() const {
    GroupStates groups(targets_.correlation_count());
    for (uint32_t level = 0; level < targets_.level_count(); ++level) {
        for (const auto& engine : engines_) engine->states(level, decided_before_ - 1, groups);
    }
    return groups;
}

void Stream::observe(Timestamp time, std::chrono::microseconds lateness) {
    latest_ = std::max(latest_, to_micros(time));
    lateness_ = std::max<int64_t>(lateness_, lateness.count());
}

Result<void> Stream::settle(const FiringSink& sink) {
    const int64_t watermark = minus(latest_, lateness_);
    return decide(std::max(watermark, forced_horizon()), sink);
}

Result<void> Stream::flush(const FiringSink& sink) {
    if (latest_ == INT64_MIN) return {};
    return decide(latest_ == INT64_MAX ? latest_ : latest_ + 1, sink);
}

// Where the older half of what waits ends, when too much waits.
int64_t Stream::forced_horizon() {
    std::vector<int64_t> times;
    uint64_t waiting = 0;
    for (uint32_t level = 0; level < targets_.level_count(); ++level) {
        for (uint32_t shard = 0; shard < kShards; ++shard)
            for (const auto& collector : collectors_)
                waiting += collector->bucket(level, shard).size();
    }
    if (waiting <= options_.max_waiting) return INT64_MIN;
    for (uint32_t level = 0; level < targets_.level_count(); ++level) {
        for (uint32_t shard = 0; shard < kShards; ++shard) {
            for (const auto& collector : collectors_) {
                for (const Signal& signal : collector->bucket(level, shard))
                    times.push_back(signal.time);
            }
        }
    }
    const auto middle = times.begin() + static_cast<ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    if (*middle <= minus(latest_, lateness_)) return INT64_MIN;
    counts_.forced += times.size() / 2;
    return *middle;
}

// Takes what lies before `before` out of a bucket, in order, less what comes too late.
void Stream::take_waiting(uint32_t level,
                          uint32_t shard,
                          int64_t before,
                          std::vector<Signal>& out) {
    out.clear();
    for (const auto& collector : collectors_) {
        Signals& waiting = collector->bucket(level, shard);
        const auto ready = std::partition(
            waiting.begin(), waiting.end(), [&](const Signal& s) { return s.time >= before; });
        out.insert(out.end(), ready, waiting.end());
        waiting.erase(ready, waiting.end());
    }
    const auto late = std::remove_if(
        out.begin(), out.end(), [&](const Signal& s) { return s.time < decided_before_; });
    counts_.late += static_cast<uint64_t>(out.end() - late);
    out.erase(late, out.end());
    std::sort(
        out.begin(), out.end(), [](const Signal& a, const Signal& b) { return is_before(a, b); });
}

Result<void> Stream::decide(int64_t before, const FiringSink& sink) {
    if (before <= decided_before_ || before == INT64_MIN) return {};
    std::vector<const EvidenceLog*> logs;
    for (const auto& collector : collectors_) logs.push_back(&collector->evidence());
    FiringReader evidence(targets_, std::move(logs));
    std::vector<Signal> ready;
    std::vector<Decided> decided;
    uint64_t derived = 0;
    for (uint32_t level = 0; level < targets_.level_count(); ++level) {
        decided.clear();
        for (uint32_t shard = 0; shard < kShards; ++shard) {
            take_waiting(level, shard, before, ready);
            for (const Signal& signal : ready) engines_[shard]->add(signal, decided);
            engines_[shard]->advance(level, before - 1, decided);
        }
        std::sort(decided.begin(), decided.end(), [](const Decided& a, const Decided& b) {
            return is_before(a, b);
        });
        if (options_.prepare) YAGURA_CHECK(options_.prepare(decided));
        for (const Decided& one : decided) {
            const Firing firing = evidence.read(one);
            ++counts_.firings;
            sink(firing);
            if (!targets_.is_correlation(one.target)) continue;
            const uint64_t had = signals().count();
            signals().add_firing(firing);
            derived += signals().count() - had;
        }
    }
    derived_ += derived;
    decided_before_ = before;
    forget_evidence();
    if (!error_) error_ = evidence.error();
    if (error_) return *error_;
    for (const auto& collector : collectors_) {
        if (collector->error()) return *collector->error();
    }
    return {};
}

// A group lives for at most two timespans after its last event, and a signal waits no longer than
// the lateness; evidence older than that is nobody's.
void Stream::forget_evidence() {
    marks_.push_back({latest_, signals().evidence().end()});
    const int64_t needed =
        minus(minus(decided_before_, lateness_), 3 * targets_.longest_timespan());
    while (!marks_.empty() && marks_.front().time < needed) {
        signals().evidence().forget_before(marks_.front().place);
        marks_.pop_front();
    }
}

const CorrelationCounts& Stream::counts() {
    counts_.windows = {};
    for (const auto& engine : engines_) {
        for (uint32_t level = 0; level < targets_.level_count(); ++level)
            counts_.windows.add(engine->counts(level));
    }
    counts_.signals = signals().count() - derived_;
    counts_.forgotten = memory_.forgotten();
    return counts_;
}

}  // namespace yagura::detect
