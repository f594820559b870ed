#include "pipeline/ingest_consumer.h"

#include <algorithm>
#include <utility>

#include "pipeline/lake_signals.h"

namespace yagura::pipeline {

using decode::RecordOrigin;

IngestConsumer::IngestConsumer(const TypePlans& plans,
                               const WorkerOptions& options,
                               store::LakeWorker& worker,
                               detect::SignalCollector* signals,
                               size_t exceptions,
                               const ReplayablesByFile* again,
                               uint32_t measure_one_in)
    : options_(options),
      worker_(worker),
      signals_(signals),
      again_(again),
      exceptions_(exceptions),
      unreported_(exceptions),
      costs_(plans, measure_one_in) {
    for (const TypePlan& plan : plans.all()) evaluators_.emplace_back(plan.program, plan.fields);
}

Result<bool> IngestConsumer::begin(const source::Object& object, source::Input& input) {
    is_part_ = input.part().has_value();
    if (again_) {
        YAGURA_CHECK(worker_.begin_again(again_->at(object.path)));
        is_begun_ = true;
        return true;
    }
    if (const auto ready = worker_.prepare(input); !ready) {
        unreadable(object, ready.error());
        return false;
    }
    YAGURA_TRY(const store::Admission admission, worker_.begin(input));
    is_begun_ = store::is_wanted(admission);
    return is_begun_;
}

void IngestConsumer::consume(event::Event& event, const TypePlan& plan, const RecordOrigin&) {
    if (error_) return;
    event.ordinal += worker_.first_ordinal();
    if (auto stored = store_event(event, plan); !stored) error_ = stored.error();
}

void IngestConsumer::fault(const Fault& fault, const RecordOrigin& origin, std::string_view bytes) {
    if (fault.code == FaultCode::not_a_log) return;  // a digest: recognised, and no log
    const bool is_record = origin.ordinal != decode::kNoOrdinal;
    worker_.quarantine(
        fault, is_record ? origin.ordinal + worker_.first_ordinal() : origin.ordinal, bytes);
    if (is_record) {
        quarantine_.add_record(origin.object, fault);
    } else {
        quarantine_.add_object(origin.object, fault);
    }
}

Result<void> IngestConsumer::end(const source::Object&, const decode::ReadStats& stats) {
    is_begun_ = false;
    if (error_) return *error_;
    bytes_in_ += stats.bytes_in;
    bytes_inflated_ += stats.bytes_inflated;
    if (stats.stopped) return worker_.leave();
    return is_part_ ? worker_.end_part(stats.records + stats.record_faults) : worker_.end();
}

void IngestConsumer::unreadable(const source::Object& object, const Error& error) {
    quarantine_.add_object(
        object.path, {FaultCode::unreadable, 0}, source::reason_of(error, object.path));
    if (!std::exchange(is_begun_, false)) return;
    if (auto left = worker_.leave(); !left) error_ = left.error();
}

Result<void> IngestConsumer::finish() {
    if (error_) return *error_;
    return worker_.finish();
}

Result<void> IngestConsumer::store_event(event::Event& event, const TypePlan& plan) {
    YAGURA_TRY(const bool is_new, worker_.admit(*plan.type, event));
    if (!is_new) return {};
    matches_.clear();
    costs_.match(evaluators_[plan.index], event, plan, matches_);
    detections_.clear();
    auto level = match::Level::informational;
    for (const uint32_t i : matches_) {
        if (!detections_.empty()) detections_ += ' ';
        detections_ += plan.rules[i]->info.id;
    }
    const bool is_tagged = !matches_.empty();
    std::erase_if(matches_, [&](uint32_t i) { return !note(i, event, plan, level); });
    collect_signals(event, plan);
    const std::string_view level_name = is_tagged ? match::level_name(level) : std::string_view();
    return worker_.append(*plan.type, event, detections_, level_name);
}

// Notes one match for the findings; false when an exception holds it back.
bool IngestConsumer::note(uint32_t i,
                          event::Event& event,
                          const TypePlan& plan,
                          match::Level& level) {
    const bool reports = plan.rules[i]->reports;
    const match::RuleInfo* rule = &plan.rules[i]->info;
    if (plan.judge) {
        const match::Verdict verdict =
            plan.judge->look(i, event, reports ? exceptions_ : unreported_);
        if (verdict.exception) return false;
        rule = verdict.info;
    }
    level = std::max(level, rule->level);
    // Informational matches are tags on the row; so are those only other rules look at.
    if (rule->level > match::Level::informational && reports)
        worker_.note(*rule, *plan.type, event);
    return true;
}

void IngestConsumer::collect_signals(event::Event& event, const TypePlan& plan) {
    if (!signals_) return;
    const int64_t time = to_micros(event.time);
    if (!(event.oddities & event::kTimeMissing))
        span_.last = std::max(span_.last.value_or(time), time);
    if (matches_.empty()) return;
    const uint64_t before = signals_->count();
    const std::string_view object = worker_.object_path();
    const uint64_t identity = signal_identity(*plan.type, event, object);
    signals_->add(plan.signals, matches_, event, *plan.type, object, event.ordinal, identity);
    if (signals_->count() == before) return;
    span_.first_signal = std::min(span_.first_signal.value_or(time), time);
    if (streams_) keep_latest(identity, event, plan);
}

void IngestConsumer::keep_latest(uint64_t identity, event::Event& event, const TypePlan& plan) {
    kept_.clear();
    for (const detect::Signal& signal : signals_->latest()) {
        if (const auto stream = streams_->keeper_of({signal.target, signal.reference}))
            kept_.push_back({*stream, signal.group, signal.value});
    }
    worker_.keep(*plan.type, event.time, identity, kept_);
}

}  // namespace yagura::pipeline
