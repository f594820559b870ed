// Which rows have a say in what is decided.
//
//        open window        first new event          last new event
//   ──────────┼────────────────────┼────────────────────────┼──────────────────►
//   └─ reach ─┴── rows of the lake and new events, in order of time ──┴─ reach ─┘
//
// `reach` is the longest timespan, times the depth of correlations of correlations. A window that a
// new event falls into began at most that long before it. What reaches back further, a group that
// has not rested since it fired and windows that follow each other, is remembered
// (window_memory.h). Windows that were open when the lake was last decided are decided now, so the
// latest event of that time counts like a new one.
#include "pipeline/lake_detection.h"

#include <algorithm>

#include "pipeline/concerned.h"
#include "pipeline/firing_record.h"
#include "pipeline/lake_signals.h"
#include "pipeline/moments.h"

namespace yagura::pipeline {
namespace {

// Signals in memory; beyond, a temporary file. Rows wait for their commit in the same memory.
constexpr uint64_t kMaxSignals = 1'000'000;

}  // namespace

void EventSpan::merge(const EventSpan& other) {
    first_signal = earlier(first_signal, other.first_signal);
    last = later(last, other.last);
}

LakeDetection::LakeDetection(const detect::RulesView& rules,
                             const detect::Targets& targets,
                             const match::Policy* policy,
                             const std::filesystem::path& lake,
                             store::Writer& writer,
                             uint32_t threads)
    : rules_(rules),
      targets_(targets),
      policy_(policy && !policy->is_empty() ? policy : nullptr),
      lake_(lake),
      writer_(writer),
      threads_(threads),
      memory_(targets),
      streams_(targets, rules, policy_, current_time()),
      windows_(targets, streams_),
      batch_(targets,
             memory_,
             {.threads = threads,
              .limits = {},
              .max_signals = kMaxSignals,
              .prepare = [this](auto& decided) { return prepare(decided); },
              .keeps_groups = true}) {
    if (policy_) judge_.emplace(*policy_, targets, current_time());
}

Result<std::unique_ptr<LakeDetection>> LakeDetection::open(const detect::RulesView& rules,
                                                           const detect::Targets& targets,
                                                           const match::Policy* policy,
                                                           const std::filesystem::path& lake,
                                                           store::Writer& writer,
                                                           uint32_t threads) {
    auto detection = std::unique_ptr<LakeDetection>(
        new LakeDetection(rules, targets, policy, lake, writer, threads));
    if (const auto file = writer.memory_file(); !file.empty()) {
        // What is damaged or of another version is learnt again from the rows.
        auto loaded = detection->memory_.load(file);
        if (!loaded && loaded.error().code() == Code::io) return loaded.error();
    }
    YAGURA_CHECK(detection->windows_.load(writer));
    writer.keep_streams(detection->streams_.ids());
    return detection;
}

detect::SignalCollector* LakeDetection::new_collector() {
    if (targets_.is_empty()) return nullptr;
    detect::SignalCollector& collector = batch_.new_collector();
    collectors_.push_back(&collector);
    return &collector;
}

// Everything but the new events themselves.
Result<void> LakeDetection::warm_up(std::optional<int64_t> first_new, int64_t last) {
    const store::DecidedState& before = writer_.decided();
    from_ = earlier(earlier(first_new, before.until), before.open_from);
    LakeRows rows{.lake = lake_,
                  .range = {},
                  .before_segment = writer_.first_segment(),
                  .threads = threads_,
                  .policy = policy_};
    if (rows.before_segment <= 1 || !from_) return {};
    YAGURA_CHECK(windows_.resume(*from_, writer_));
    batch_.resume(windows_.pasts());
    std::vector<uint8_t> learners(targets_.all_first_seen().size());
    for (size_t i = 0; i < learners.size(); ++i) learners[i] = !memory_.knows(i);
    rows.range = {{}, from_micros(*from_)};
    YAGURA_CHECK(learn_from_lake(
        rows, rules_, targets_, [&](size_t rule) { return learners[rule] != 0; }, memory_));
    detect::SignalCollector& collector = batch_.new_collector();
    collectors_.push_back(&collector);
    YAGURA_TRY(earlier_, EarlierSignals::open(rows, rules_, targets_, streams_, collector));
    const TimeRange range{from_micros(plus(*from_, -targets_.reach())),
                          from_micros(plus(last, targets_.reach()))};
    YAGURA_CHECK(add_undecided(range));
    return add_neighbours(range, learners, last);
}

// What a crash, a stop or an ingest without correlations left is as new as what was read now.
Result<void> LakeDetection::add_undecided(const TimeRange& range) {
    const store::DecidedState& before = writer_.decided();
    if (!before.open_from) return {};
    return earlier_->add({.range = {from_micros(*before.open_from), range.to},
                          .first_segment = before.segment,
                          .is_waiting = {}});
}

// What was decided before, as far as the new signals' windows reach.
Result<void> LakeDetection::add_neighbours(const TimeRange& range,
                                           const std::vector<uint8_t>& learners,
                                           int64_t last) {
    const store::DecidedState& before = writer_.decided();
    Concerned concerned(targets_, !before.until || last > *before.until, [&](uint32_t target) {
        return windows_.knows(target);
    });
    for (const detect::SignalCollector* collector : collectors_)
        YAGURA_CHECK(collector->for_each([&](const auto& signal) { concerned.add(signal); }));
    concerned.close();
    EarlierSignals::Asked asked{
        .range = range,
        .before_segment = before.open_from ? before.segment : INT64_MAX,
        .is_waiting =
            [&](uint32_t target) {
                // First-seen rules remember what was decided.
                if (targets_.is_correlation(target)) return concerned.is_waiting(target);
                return learners[target - targets_.correlation_count()] != 0;
            },
        .is_wanted = [&](uint32_t target,
                         uint64_t group) { return concerned.is_wanted(target, group); }};
    YAGURA_CHECK(earlier_->add(asked));
    if (!before.open_from) return {};
    asked.first_segment = before.segment;
    asked.before_segment = INT64_MAX;
    asked.range.to = from_micros(*before.open_from);
    return earlier_->add(asked);
}

Result<void> LakeDetection::prepare(std::vector<detect::Decided>& decided) {
    if (!earlier_) return {};
    record_->drop_known(decided);
    return earlier_->fetch(decided);
}

Result<std::optional<LakeDetection::Verdict>> LakeDetection::work_out(
    const EventSpan& read, match::ExceptionTally& exceptions) {
    const store::DecidedState& before = writer_.decided();
    if (targets_.is_empty() || (read.is_empty() && !before.open_from))
        return std::optional<Verdict>();
    const bool is_open = before.open_from.has_value();  // rows that nobody decided
    const std::optional<int64_t> last =
        later(read.last, is_open ? writer_.latest_before() : std::nullopt);
    const std::optional<int64_t> until = later(last, before.until);
    if (!until) return std::optional<Verdict>();
    YAGURA_CHECK(warm_up(read.first_signal, last.value_or(*until)));

    FiringRecord record(targets_, judge_ ? &*judge_ : nullptr, writer_, from_, exceptions);
    const int64_t known_until = std::min(*until, plus(last.value_or(*until), targets_.reach()));
    record_ = &record;
    Verdict verdict;
    YAGURA_TRY(verdict.counts, batch_.decide(known_until, [&](const detect::Firing& firing) {
        record.add(firing);
    }));
    if (record.error()) return *record.error();
    for (size_t i = 0; i < targets_.all_first_seen().size(); ++i) memory_.set_known(i);
    verdict.decision = {
        .until = until, .firings = record.take_firings(), .findings = record.take_findings()};
    // Of old logs alone, how windows stand at the end of the lake is not known anew.
    verdict.windows =
        known_until == *until ? windows_.stand(*until, batch_.groups()) : windows_.before();
    return std::optional(std::move(verdict));
}

Result<detect::CorrelationCounts> LakeDetection::settle(Verdict verdict) {
    YAGURA_CHECK(writer_.decide(std::move(verdict.decision), [&](const auto& file) -> Result<void> {
        YAGURA_CHECK(memory_.save(file));
        return verdict.windows.save(detect::WindowStates::beside(file));
    }));
    return verdict.counts;
}

}  // namespace yagura::pipeline
