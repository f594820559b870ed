#include "pipeline/ingest.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "pipeline/lake_detection.h"
#include "pipeline/lake_signals.h"
#include "store/object_file.h"

namespace yagura::pipeline {
namespace {

using decode::RecordOrigin;
using ReplayablesByFile = std::unordered_map<std::string, store::Replayable>;

class IngestConsumer final : public ObjectConsumer {
  public:
    // With `again`, objects (by their path) are read once more instead of as new ones.
    IngestConsumer(const TypePlans& plans,
                   const WorkerOptions& options,
                   std::unique_ptr<store::LakeWorker> worker,
                   detect::SignalCollector* signals,
                   size_t exceptions,
                   const ReplayablesByFile* again = nullptr)
        : options_(options),
          worker_(std::move(worker)),
          signals_(signals),
          again_(again),
          exceptions_(exceptions),
          unreported_(exceptions) {
        for (const TypePlan& plan : plans.all())
            evaluators_.emplace_back(plan.program, plan.fields);
    }

    Result<bool> begin(const source::Object& object, source::Input& input) override {
        if (again_) {
            YAGURA_CHECK(worker_->begin_again(again_->at(object.path)));
            is_begun_ = true;
            return true;
        }
        YAGURA_TRY(const store::Admission admission, worker_->begin(input));
        is_begun_ = store::is_wanted(admission);
        return is_begun_;
    }

    void consume(event::Event& event, const TypePlan& plan, const RecordOrigin&) override {
        if (error_) return;
        if (auto stored = store_event(event, plan); !stored) error_ = stored.error();
    }

    void fault(const Fault& fault, const RecordOrigin& origin, std::string_view bytes) override {
        if (fault.code == FaultCode::not_a_log) return;  // a digest: recognised, and no log
        worker_->quarantine(fault, origin.ordinal, bytes);
        if (origin.ordinal == decode::kNoOrdinal) {
            quarantine_.add_object(origin.object, fault);
        } else {
            quarantine_.add_record(origin.object, fault);
        }
    }

    Result<void> end(const source::Object&, const decode::ReadStats& stats) override {
        is_begun_ = false;
        if (error_) return *error_;
        bytes_in_ += stats.bytes_in;
        bytes_inflated_ += stats.bytes_inflated;
        return stats.stopped ? worker_->leave() : worker_->end();
    }

    void unreadable(const source::Object& object, const Error&) override {
        quarantine_.add_object(object.path, {FaultCode::unreadable, 0});
        if (!std::exchange(is_begun_, false)) return;
        if (auto left = worker_->leave(); !left) error_ = left.error();
    }

    Result<void> finish() override {
        if (error_) return *error_;
        return worker_->finish();
    }

    // A lake that cannot be written is no reason to read on.
    bool stop() const override {
        return error_ || (options_.stop && options_.stop->load(std::memory_order_relaxed));
    }

    const EventSpan& span() const { return span_; }
    const match::ExceptionTally& exceptions() const { return exceptions_; }
    const finding::Quarantine& quarantine() const { return quarantine_; }
    uint64_t bytes_in() const { return bytes_in_; }
    uint64_t bytes_inflated() const { return bytes_inflated_; }

  private:
    Result<void> store_event(event::Event& event, const TypePlan& plan) {
        YAGURA_TRY(const bool is_new, worker_->admit(*plan.type, event));
        if (!is_new) return {};
        matches_.clear();
        evaluators_[plan.index].match(event, matches_);
        detections_.clear();
        auto level = match::Level::informational;
        for (const uint32_t i : matches_) {
            if (!detections_.empty()) detections_ += ' ';
            detections_ += plan.rules[i]->info.id;
        }
        const bool is_tagged = !matches_.empty();
        std::erase_if(matches_, [&](uint32_t i) { return !note(i, event, plan, level); });
        collect_signals(event, plan);
        const std::string_view level_name =
            is_tagged ? match::level_name(level) : std::string_view();
        return worker_->append(*plan.type, event, detections_, level_name);
    }

    // Notes one match for the findings; false when an exception holds it back.
    bool note(uint32_t i, event::Event& event, const TypePlan& plan, match::Level& level) {
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
            worker_->note(*rule, *plan.type, event);
        return true;
    }

    void collect_signals(event::Event& event, const TypePlan& plan) {
        if (!signals_) return;
        const int64_t time = to_micros(event.time);
        if (!(event.oddities & event::kTimeMissing))
            span_.last = std::max(span_.last.value_or(time), time);
        if (matches_.empty()) return;
        const uint64_t before = signals_->count();
        const std::string_view object = worker_->object_path();
        const uint64_t identity = signal_identity(*plan.type, event, object);
        signals_->add(plan.signals, matches_, event, *plan.type, object, event.ordinal, identity);
        if (signals_->count() != before)
            span_.first_signal = std::min(span_.first_signal.value_or(time), time);
    }

    const WorkerOptions& options_;
    std::unique_ptr<store::LakeWorker> worker_;
    detect::SignalCollector* signals_;  // null: nothing waits for matches
    EventSpan span_;
    const ReplayablesByFile* again_;
    match::ExceptionTally exceptions_;
    match::ExceptionTally unreported_;  // of rules that only others look at
    std::vector<match::Evaluator> evaluators_;
    std::vector<uint32_t> matches_;
    std::string detections_;
    std::optional<Error> error_;
    bool is_begun_ = false;  // the worker has an object open
    finding::Quarantine quarantine_;
    uint64_t bytes_in_ = 0;
    uint64_t bytes_inflated_ = 0;
};

void add(IngestResult& result, const IngestConsumer& consumer) {
    result.quarantine.merge(consumer.quarantine());
    result.bytes_in += consumer.bytes_in();
    result.bytes_inflated += consumer.bytes_inflated();
    result.exceptions.resize(consumer.exceptions().size());
    for (size_t i = 0; i < result.exceptions.size(); ++i)
        result.exceptions[i] += consumer.exceptions()[i];
}

TypePlans plans_for(const detect::RulesView& rules,
                    const detect::Targets& targets,
                    const match::Policy* policy) {
    return TypePlans(
        rules.rules,
        {.collect_extra = true, .targets = &targets, .policy = policy, .now = current_time()});
}

size_t exception_count(const match::Policy* policy) {
    return policy ? policy->exceptions.size() : 0;
}

// Rules over several events, once all rows are in the lake.
Result<void> decide(LakeDetection& detection, const EventSpan& span, IngestResult& result) {
    if (result.stopped) return {};
    YAGURA_TRY(result.correlations, detection.decide(span, result.exceptions));
    return {};
}

}  // namespace

Result<IngestResult> ingest(const detect::RulesView& rules, const IngestOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    YAGURA_TRY(const source::Listing listing, source::list_objects(options.paths));
    const uint32_t workers = worker_count(options.workers, listing.objects.size());
    store::WriterOptions writer_options = options.writer;
    writer_options.workers = workers;
    YAGURA_TRY(auto writer, store::Writer::open(options.lake, writer_options));
    const detect::Targets targets(rules);
    const TypePlans plans = plans_for(rules, targets, options.policy);
    YAGURA_TRY(
        auto detection,
        LakeDetection::open(
            rules, targets, options.policy, options.lake, *writer, core_count(options.workers)));

    std::vector<std::unique_ptr<IngestConsumer>> consumers;
    std::vector<ObjectConsumer*> pointers;
    for (uint32_t i = 0; i < workers; ++i) {
        consumers.push_back(std::make_unique<IngestConsumer>(plans,
                                                             options.workers,
                                                             writer->worker(),
                                                             detection->new_collector(),
                                                             exception_count(options.policy)));
        pointers.push_back(consumers.back().get());
    }
    YAGURA_CHECK(run_workers(listing.objects, plans, options.workers, pointers));

    IngestResult result;
    result.objects_found = listing.objects.size();
    EventSpan span;
    for (const auto& consumer : consumers) {
        add(result, *consumer);
        span.merge(consumer->span());
    }
    for (const source::Skipped& skipped : listing.skipped) {
        result.quarantine.add_object(skipped.path, {skipped.code, 0});
    }
    result.totals = writer->totals();
    result.stopped = options.workers.stop && options.workers.stop->load();
    YAGURA_CHECK(decide(*detection, span, result));
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

Result<ReplayResult> replay(const detect::RulesView& rules, const ReplayOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    store::WriterOptions writer_options = options.writer;
    writer_options.workers = 1;
    YAGURA_TRY(auto writer, store::Writer::open(options.lake, writer_options));
    YAGURA_TRY(auto replayables, writer->quarantined());
    ReplayResult result;
    ReplayablesByFile by_file;
    std::vector<source::Object> objects;
    for (store::Replayable& replayable : replayables) {
        std::string file = store::readable_file(options.lake, replayable.object);
        if (file.empty()) {
            ++result.objects_gone;
            continue;
        }
        objects.push_back({.path = file, .size = replayable.object.size});
        by_file.emplace(std::move(file), std::move(replayable));
    }
    const detect::Targets targets(rules);
    const TypePlans plans = plans_for(rules, targets, options.policy);
    YAGURA_TRY(auto detection,
               LakeDetection::open(rules, targets, options.policy, options.lake, *writer, 1));
    IngestConsumer consumer(plans,
                            options.workers,
                            writer->worker(),
                            detection->new_collector(),
                            exception_count(options.policy),
                            &by_file);
    ObjectConsumer* const pointer = &consumer;
    YAGURA_CHECK(run_workers(objects, plans, options.workers, {&pointer, 1}));
    result.read.objects_found = objects.size();
    add(result.read, consumer);
    result.read.totals = writer->totals();
    result.read.stopped = options.workers.stop && options.workers.stop->load();
    YAGURA_CHECK(decide(*detection, consumer.span(), result.read));
    result.read.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace yagura::pipeline
