#include "detect/batch.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>

#include "base/threads.h"

namespace yagura::detect {
namespace {

constexpr size_t kRunBuffer = 4096;  // signals read from a run at a time

bool sorts_before(const Signal& a, const Signal& b) {
    return is_before(a, b);
}

// One sorted source of signals: a collector's memory, or a run in its file.
class Source {
  public:
    explicit Source(std::span<const Signal> sorted) : view_(sorted) {}
    Source(const SignalCollector& collector, const SignalCollector::Run& run)
        : collector_(&collector), offset_(run.offset), left_(run.count) {}

    // The next signal, or null at the end.
    Result<const Signal*> peek() {
        if (at_ == view_.size() && left_ > 0) YAGURA_CHECK(refill());
        return at_ == view_.size() ? nullptr : &view_[at_];
    }
    void pop() { ++at_; }

  private:
    Result<void> refill() {
        buffer_.resize(std::min<uint64_t>(left_, kRunBuffer));
        YAGURA_CHECK(collector_->read_run(offset_, buffer_));
        offset_ += buffer_.size() * sizeof(Signal);
        left_ -= buffer_.size();
        view_ = buffer_;
        at_ = 0;
        return {};
    }

    std::span<const Signal> view_;
    size_t at_ = 0;
    const SignalCollector* collector_ = nullptr;
    std::vector<Signal> buffer_;
    uint64_t offset_ = 0;
    uint64_t left_ = 0;
};

// Calls `visit` with all signals in order. Few sources, so a heap of their heads.
template <class Visit>
Result<void> merge(std::vector<Source>& sources, const Visit& visit) {
    struct Head {
        const Signal* signal;
        Source* source;
    };
    const auto after = [](const Head& a, const Head& b) {
        return sorts_before(*b.signal, *a.signal);
    };
    std::vector<Head> heap;
    for (Source& source : sources) {
        YAGURA_TRY(const Signal* signal, source.peek());
        if (signal) heap.push_back({signal, &source});
    }
    std::make_heap(heap.begin(), heap.end(), after);
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), after);
        Head& head = heap.back();
        visit(*head.signal);
        head.source->pop();
        YAGURA_TRY(head.signal, head.source->peek());
        if (head.signal) {
            std::push_heap(heap.begin(), heap.end(), after);
        } else {
            heap.pop_back();
        }
    }
    return {};
}

}  // namespace

Batch::Batch(const Targets& targets, FirstSeenMemory& memory, const BatchOptions& options)
    : targets_(targets), memory_(memory), options_(options), groups_(targets.correlation_count()) {}

SignalCollector& Batch::new_collector() {
    collectors_.push_back(std::make_unique<SignalCollector>(
        targets_, static_cast<uint32_t>(collectors_.size()), options_.max_signals));
    return *collectors_.back();
}

Result<void> Batch::decide_shard(uint32_t level,
                                 uint32_t shard,
                                 int64_t last_event,
                                 std::vector<Decided>& out,
                                 WindowCounts& counts,
                                 GroupStates& groups) {
    std::vector<Source> sources;
    for (const auto& collector : collectors_) {
        Signals& signals = collector->bucket(level, shard);
        std::sort(signals.begin(), signals.end(), sorts_before);
        if (!signals.empty()) sources.emplace_back(signals);
        for (const SignalCollector::Run& run : collector->runs(level, shard))
            sources.emplace_back(*collector, run);
    }
    Engine engine(targets_, options_.limits, memory_);
    if (pasts_) engine.resume(level, shard, *pasts_);
    YAGURA_CHECK(merge(sources, [&](const Signal& signal) { engine.add(signal, out); }));
    engine.advance(level, last_event, out);
    counts = engine.counts(level);
    if (options_.keeps_groups) engine.states(level, last_event, groups);
    for (const auto& collector : collectors_) Signals().swap(collector->bucket(level, shard));
    return {};
}

Result<std::vector<Decided>> Batch::decide_level(uint32_t level, int64_t last_event) {
    std::array<std::vector<Decided>, kShards> decided;
    std::array<WindowCounts, kShards> counts;
    std::array<GroupStates, kShards> groups;
    groups.fill(GroupStates(targets_.correlation_count()));
    std::optional<Error> error;
    std::mutex mutex;
    share_out(kShards, options_.threads, [&](size_t i) {
        const auto shard = static_cast<uint32_t>(i);
        auto done =
            decide_shard(level, shard, last_event, decided[shard], counts[shard], groups[shard]);
        if (done) return;
        const std::lock_guard lock(mutex);
        if (!error) error = done.error();
    });
    if (error) return *error;
    std::vector<Decided> all;
    for (uint32_t shard = 0; shard < kShards; ++shard) {
        all.insert(all.end(), decided[shard].begin(), decided[shard].end());
        counts_.windows.add(counts[shard]);
        for (uint32_t target = 0; target < groups_.size(); ++target)
            groups_[target].insert(
                groups_[target].end(), groups[shard][target].begin(), groups[shard][target].end());
    }
    std::sort(
        all.begin(), all.end(), [](const Decided& a, const Decided& b) { return is_before(a, b); });
    return all;
}

Result<CorrelationCounts> Batch::decide(int64_t last_event, const FiringSink& sink) {
    SignalCollector& derived = new_collector();  // firings as signals
    std::vector<const EvidenceLog*> logs;
    for (const auto& collector : collectors_) {
        if (collector->error()) return *collector->error();
        logs.push_back(&collector->evidence());
    }
    FiringReader evidence(targets_, std::move(logs));
    for (uint32_t level = 0; level < targets_.level_count(); ++level) {
        YAGURA_TRY(std::vector<Decided> decided, decide_level(level, last_event));
        if (options_.prepare) YAGURA_CHECK(options_.prepare(decided));
        for (const Decided& one : decided) {
            const Firing firing = evidence.read(one);
            ++counts_.firings;
            sink(firing);
            if (targets_.is_correlation(one.target)) derived.add_firing(firing);
        }
    }
    if (evidence.error()) return *evidence.error();
    if (derived.error()) return *derived.error();
    for (const auto& collector : collectors_) counts_.signals += collector->count();
    counts_.signals -= derived.count();
    counts_.forgotten = memory_.forgotten();
    return counts_;
}

}  // namespace yagura::detect
