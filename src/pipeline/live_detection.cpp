#include "pipeline/live_detection.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "pipeline/firing_record.h"
#include "pipeline/lake_signals.h"
#include "pipeline/moments.h"

namespace yagura::pipeline {
namespace {

// Event times of live logs are near the clock; those of old files say nothing about now.
constexpr std::chrono::hours kLive{1};

}  // namespace

// Reads the lake's rows of before, aside.
struct LiveDetection::WarmUp {
    WarmUp(std::shared_ptr<const CompiledRules> asked, const LakeRows& wanted)
        : rules(std::move(asked)),
          rows(wanted),
          collected(std::make_unique<detect::SignalCollector>(rules->targets, 1, UINT64_MAX)) {
        rows.interrupted = &interrupted;
    }
    ~WarmUp() { interrupted = true; }

    void start(int64_t from, int64_t reach, detect::FirstSeenMemory& memory) {
        thread = std::jthread([this, from, reach, &memory] {
            result = read(from, reach, memory);
            is_done.store(true, std::memory_order_release);
        });
    }

    Result<void> read(int64_t from, int64_t reach, detect::FirstSeenMemory& memory) {
        const auto is_new = [&](size_t rule) { return !memory.knows(rule); };
        rows.range = {{}, from_micros(from)};
        YAGURA_CHECK(learn_from_lake(rows, rules->view, rules->targets, is_new, memory));
        YAGURA_TRY(
            earlier,
            EarlierSignals::open(rows, rules->view, rules->targets, rules->streams, *collected));
        // First-seen rules remember what was decided.
        const detect::Targets& targets = rules->targets;
        YAGURA_CHECK(earlier->add(
            {.range = {from_micros(plus(from, -reach)), {}},
             .is_waiting = [&](uint32_t target) { return targets.is_correlation(target); }}));
        YAGURA_CHECK(
            earlier->add({.range = {from_micros(from), {}}, .is_waiting = [&](uint32_t target) {
                              return !targets.is_correlation(target);
                          }}));
        earlier->end_adding();
        return {};
    }

    std::shared_ptr<const CompiledRules> rules;
    LakeRows rows;
    std::unique_ptr<detect::SignalCollector> collected;
    std::unique_ptr<EarlierSignals> earlier;
    std::atomic<bool> interrupted{false};
    std::atomic<bool> is_done{false};
    Result<void> result;
    std::jthread thread;  // last: ends before the rest goes
};

LiveDetection::LiveDetection(std::shared_ptr<const CompiledRules> rules,
                             Options options,
                             store::Writer& writer)
    : rules_(std::move(rules)),
      options_(std::move(options)),
      writer_(writer),
      exceptions_(rules_->policy.exceptions.size()),
      memory_(rules_->targets),
      windows_(rules_->targets, rules_->streams) {
    if (!rules_->policy.is_empty()) judge_.emplace(rules_->policy, rules_->targets, current_time());
}

LiveDetection::~LiveDetection() = default;

Result<void> LiveDetection::begin() {
    if (const auto file = writer_.memory_file(); !file.empty()) {
        // What is damaged or of another version is learnt again from the rows.
        auto loaded = memory_.load(file);
        if (!loaded && loaded.error().code() == Code::io) return loaded.error();
    }
    YAGURA_CHECK(windows_.load(writer_));
    latest_ = std::max(latest_, writer_.latest_before().value_or(INT64_MIN));
    const store::DecidedState& decided = writer_.decided();
    return begin_from(earlier(decided.until, decided.open_from));
}

Result<void> LiveDetection::begin_after(LiveDetection& before) {
    const auto from = before.resume_from();
    has_earlier_rows_ = before.has_earlier_rows_;
    latest_ = before.latest_;
    if (before.is_warming()) {  // its memory is half learnt
        before.warm_up_.reset();
        YAGURA_CHECK(begin());
        if (!from || (from_ && *from_ <= *from)) return {};
        return begin_from(from);
    }
    // Rules that ask the same go on knowing what they have seen.
    YAGURA_CHECK(memory_.decode(before.memory_.encode(), "memory"));
    windows_.take(before.window_states());
    return begin_from(from);
}

detect::WindowStates LiveDetection::window_states() const {
    if (has_earlier_rows_) return {};  // that had a part in them
    const int64_t decided = stream_ ? stream_->decided_before() : INT64_MIN;
    if (decided == INT64_MIN) return windows_.before();
    return windows_.stand(decided - 1, stream_->groups());
}

std::optional<int64_t> LiveDetection::resume_from() const {
    const int64_t decided = stream_ ? stream_->decided_before() : INT64_MIN;
    return earlier(decided == INT64_MIN ? from_ : std::optional(decided), late_from_);
}

Result<void> LiveDetection::begin_from(std::optional<int64_t> from) {
    stream_ = std::make_unique<detect::Stream>(
        rules_->targets,
        memory_,
        detect::StreamOptions{.limits = {},
                              .prepare = [this](auto& decided) { return prepare(decided); }});
    earlier_.reset();
    writer_.keep_streams(rules_->streams.ids());
    late_from_.reset();
    from_ = from;
    warm_up_.reset();
    if (rules_->targets.is_empty() || writer_.next_segment() <= 1) return {};
    has_earlier_rows_ = !from;
    if (!from) return {};
    YAGURA_CHECK(windows_.resume(*from, writer_));
    stream_->resume(windows_.pasts());
    warm_up_ = std::make_unique<WarmUp>(rules_,
                                        LakeRows{.lake = options_.lake,
                                                 .range = {},
                                                 .before_segment = writer_.next_segment(),
                                                 .threads = 1,
                                                 .policy = &rules_->policy});
    warm_up_->start(*from, rules_->targets.reach(), memory_);
    return {};
}

detect::SignalCollector* LiveDetection::signals() {
    return rules_->targets.is_empty() ? nullptr : &stream_->signals();
}

void LiveDetection::note(const EventSpan& read) {
    if (read.last) latest_ = std::max(latest_, *read.last);
    if (!read.first_signal) return;
    const int64_t known_from = std::max(stream_->decided_before(), from_.value_or(INT64_MIN));
    if (*read.first_signal >= known_from && !has_earlier_rows_) return;
    late_from_ = earlier(late_from_, read.first_signal);
}

Result<void> LiveDetection::finish_warm_up() {
    warm_up_->thread.join();
    YAGURA_CHECK(warm_up_->result);
    stream_->adopt(std::move(warm_up_->collected));
    earlier_ = std::move(warm_up_->earlier);
    warm_up_.reset();
    return {};
}

Result<void> LiveDetection::settle(Mode mode) {
    if (rules_->targets.is_empty()) return {};
    if (is_warming() && warm_up_->is_done.load(std::memory_order_acquire))
        YAGURA_CHECK(finish_warm_up());
    if (is_warming() || latest_ == INT64_MIN) return {};
    return tell(mode);
}

Result<void> LiveDetection::prepare(std::vector<detect::Decided>& decided) {
    if (!earlier_) return {};
    record_->drop_known(decided);
    return earlier_->fetch(decided);
}

Result<void> LiveDetection::tell(Mode mode) {
    const Timestamp now = current_time();
    const bool live = now - from_micros(latest_) < kLive;
    // Times from the future would make everything else late.
    const Timestamp observed = live ? now : std::min(from_micros(latest_), now);
    stream_->observe(mode == Mode::all ? std::min(from_micros(latest_), now) : observed,
                     options_.lateness);
    FiringRecord record(rules_->targets, judge_ ? &*judge_ : nullptr, writer_, from_, exceptions_);
    record_ = &record;
    const auto sink = [&](const detect::Firing& firing) { record.add(firing); };
    const bool everything = mode == Mode::all || (mode == Mode::idle && !live);
    YAGURA_CHECK(everything ? stream_->flush(sink) : stream_->settle(sink));
    if (record.error()) return *record.error();
    auto firings = record.take_firings();
    if (firings.empty()) return {};
    return writer_.tell(std::move(firings), record.take_findings());
}

Result<void> LiveDetection::checkpoint() {
    if (rules_->targets.is_empty() || is_warming()) return {};
    const int64_t decided = stream_->decided_before();
    if (decided == INT64_MIN || (decided == checked_ && !late_from_)) return {};
    store::Decision decision{.until = decided - 1, .firings = {}, .findings = {}};
    if (latest_ >= decided) decision.open_from = decided;
    decision.open_from = earlier(decision.open_from, late_from_);
    for (size_t i = 0; i < rules_->targets.all_first_seen().size(); ++i) memory_.set_known(i);
    checked_ = decided;
    return writer_.decide(std::move(decision), [this](const auto& file) -> Result<void> {
        YAGURA_CHECK(memory_.save(file));
        return window_states().save(detect::WindowStates::beside(file));
    });
}

}  // namespace yagura::pipeline
