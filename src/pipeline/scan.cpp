#include "pipeline/scan.h"

#include <utility>

#include "finding/throttle.h"
#include "pipeline/firing_judge.h"
#include "pipeline/identity_set.h"

namespace yagura::pipeline {
namespace {

using decode::RecordOrigin;

class ScanConsumer final : public ObjectConsumer {
  public:
    ScanConsumer(const TypePlans& plans,
                 const ScanOptions& options,
                 IdentitySet& seen,
                 std::atomic<uint64_t>& printed_count,
                 std::shared_ptr<finding::HitLimits> limits,
                 detect::SignalCollector* signals)
        : options_(options),
          seen_(seen),
          printed_count_(printed_count),
          signals_(signals),
          sink_(options.new_sink ? options.new_sink() : nullptr),
          exceptions_(options.policy ? options.policy->exceptions.size() : 0),
          unreported_(exceptions_),
          hits_(std::move(limits)) {
        for (const TypePlan& plan : plans.all())
            evaluators_.emplace_back(plan.program, plan.fields);
    }

    Result<bool> begin(const source::Object&, source::Input& input) override {
        input_ = &input;
        content_.reset();
        return true;
    }

    void consume(event::Event& event, const TypePlan& plan, const RecordOrigin& origin) override {
        ++totals_.records;
        const Hash128 identity = identity_of(event, *plan.type);
        if (!seen_.insert(identity)) {
            ++totals_.records_duplicate;
            return;
        }
        if (event.oddities & event::kRepaired) ++totals_.records_repaired;
        if (!options_.range.contains(event.time)) {
            ++totals_.records_outside_range;
            return;
        }
        totals_.count_event(event, *plan.type);
        if (sink_) sink_->add(event, *plan.type);
        matches_.clear();
        evaluators_[plan.index].match(event, matches_);
        if (options_.falco_first_wins) keep_first_falco(plan);
        std::erase_if(matches_, [&](uint32_t i) { return !tell(i, event, plan, origin); });
        if (signals_ && !matches_.empty()) {
            signals_->add(plan.signals,
                          matches_,
                          event,
                          *plan.type,
                          origin.object,
                          origin.ordinal,
                          identity.low);
        }
    }

    void fault(const Fault& fault, const RecordOrigin& origin, std::string_view) override {
        if (fault.code == FaultCode::not_a_log) return;  // a digest: recognised, and no log
        if (origin.ordinal == decode::kNoOrdinal) {
            totals_.quarantine.add_object(origin.object, fault);
        } else {
            totals_.quarantine.add_record(origin.object, fault);
        }
    }

    Result<void> end(const source::Object&, const decode::ReadStats& stats) override {
        ++totals_.objects;
        totals_.bytes_in += stats.bytes_in;
        totals_.bytes_inflated += stats.bytes_inflated;
        return {};
    }

    void unreadable(const source::Object& object, const Error&) override {
        ++totals_.objects;
        totals_.quarantine.add_object(object.path, {FaultCode::unreadable, 0});
    }

    bool stop() const override {
        return options_.workers.stop && options_.workers.stop->load(std::memory_order_relaxed);
    }

    finding::ScanTotals& totals() { return totals_; }
    std::vector<finding::Printed>& printed() { return printed_; }
    finding::HitCollector& hits() { return hits_; }
    const match::ExceptionTally& exceptions() const { return exceptions_; }

  private:
    // Matches come in the order of the files.
    void keep_first_falco(const TypePlan& plan) {
        bool met = false;
        std::erase_if(matches_, [&](uint32_t i) {
            return !plan.rules[i]->info.priority.empty() && std::exchange(met, true);
        });
    }

    void print(const match::Rule& rule, const event::Event& event, const RecordOrigin& origin) {
        if (rule.info.level < options_.keep_from ||
            printed_count_.fetch_add(1) >= finding::kMaxPrinted)
            return;
        if (auto line = finding::print(rule, event, origin.object, origin.ordinal))
            printed_.push_back(std::move(*line));
    }

    // Collects one match; false when an exception holds it back.
    bool tell(uint32_t i, event::Event& event, const TypePlan& plan, const RecordOrigin& origin) {
        const match::Rule& rule = *plan.rules[i];
        const match::RuleInfo* info = &rule.info;
        if (plan.judge) {
            // What an exception holds back of a mere tag is no match that a person misses.
            match::ExceptionTally& tally = rule.reports ? exceptions_ : unreported_;
            const match::Verdict verdict = plan.judge->look(i, event, tally);
            if (verdict.exception) return false;
            info = verdict.info;
        }
        if (rule.reports) {
            hits_.add(*info, event, *plan.type, origin.object, origin.ordinal);
        } else {
            hits_.tag(rule.info, event.time);
        }
        if (options_.print && !rule.output.empty()) print(rule, event, origin);
        return true;
    }

    // Log types without ids: the same object content at the same place is the same record.
    Hash128 identity_of(event::Event& event, const logtype::LogType& type) {
        if (const auto own = logtype::event_identity(type, event)) return *own;
        if (!content_) {
            auto id = input_->content_id();
            content_ = id ? hash128({reinterpret_cast<const char*>(id->data()), id->size()})
                          : hash128(input_->object().path);
        }
        const uint64_t key[3] = {content_->low, content_->high, event.ordinal};
        return hash128({reinterpret_cast<const char*>(key), sizeof key});
    }

    const ScanOptions& options_;
    IdentitySet& seen_;
    std::atomic<uint64_t>& printed_count_;  // of all workers
    detect::SignalCollector* signals_;      // null: nothing waits for matches
    EventSink* sink_;
    source::Input* input_ = nullptr;
    std::optional<Hash128> content_;
    std::vector<match::Evaluator> evaluators_;
    std::vector<uint32_t> matches_;
    std::vector<finding::Printed> printed_;
    match::ExceptionTally exceptions_;
    match::ExceptionTally unreported_;
    finding::ScanTotals totals_;
    finding::HitCollector hits_;
};

// Decides what is asked about several events, now that all are known.
Result<void> correlate(const detect::Targets& targets,
                       detect::Batch& batch,
                       detect::FirstSeenMemory& memory,
                       const ScanOptions& options,
                       ScanResult& result) {
    if (targets.is_empty()) return {};
    std::shared_ptr<FiringJudge> judge;
    if (options.policy && !options.policy->is_empty())
        judge = std::make_shared<FiringJudge>(*options.policy, targets, current_time());
    YAGURA_TRY(result.correlations,
               batch.decide(result.totals.last, [&](const detect::Firing& firing) {
                   if (!judge) return detect::add_to(result.hits, firing, targets);
                   const match::Verdict verdict = judge->look(firing, result.exceptions);
                   if (verdict.exception) return;
                   detect::Firing judged = firing;
                   judged.rule = verdict.info;
                   detect::add_to(result.hits, judged, targets);
               }));
    const detect::CorrelationCounts& counts = result.correlations;
    result.totals.undecided = {
        counts.windows.open_windows,
        counts.windows.evicted_groups + counts.windows.evicted_events + counts.forgotten};
    result.owners.push_back(std::move(judge));
    if (!options.first_seen_state.empty()) YAGURA_CHECK(memory.save(options.first_seen_state));
    return {};
}

void throttle(const match::Policy& policy, ScanResult& result) {
    finding::Throttler throttler(policy.throttles);
    result.hits.retain([&](const finding::HitView& hit) { return throttler.tells(hit); });
    result.throttled = throttler.held_back();
}

}  // namespace

Result<ScanResult> scan(const detect::RulesView& rules, const ScanOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    YAGURA_TRY(const source::Listing listing, source::list_objects(options.paths));
    const detect::Targets targets(rules);
    const auto plans_owner =
        std::make_shared<const TypePlans>(rules.rules,
                                          TypePlans::Options{.collect_extra = false,
                                                             .targets = &targets,
                                                             .policy = options.policy,
                                                             .now = current_time()});
    const TypePlans& plans = *plans_owner;
    detect::FirstSeenMemory memory(targets);
    if (!options.first_seen_state.empty()) YAGURA_CHECK(memory.load(options.first_seen_state));
    IdentitySet seen;
    std::atomic<uint64_t> printed_count = 0;
    auto limits = std::make_shared<finding::HitLimits>(options.keep_from);

    std::vector<std::unique_ptr<ScanConsumer>> consumers;
    std::vector<ObjectConsumer*> pointers;
    detect::BatchOptions correlation = options.correlation;
    correlation.threads = core_count(options.workers);
    detect::Batch batch(targets, memory, correlation);
    for (uint32_t i = 0; i < worker_count(options.workers, listing.objects.size()); ++i) {
        consumers.push_back(
            std::make_unique<ScanConsumer>(plans,
                                           options,
                                           seen,
                                           printed_count,
                                           limits,
                                           targets.is_empty() ? nullptr : &batch.new_collector()));
        pointers.push_back(consumers.back().get());
    }
    YAGURA_CHECK(run_workers(listing.objects, plans, options.workers, pointers));

    ScanResult result{.hits = finding::HitCollector(limits), .totals = {}};
    result.owners.push_back(plans_owner);
    result.exceptions.resize(options.policy ? options.policy->exceptions.size() : 0);
    for (const auto& consumer : consumers) {
        result.hits.merge(std::move(consumer->hits()));
        result.totals.merge(consumer->totals());
        auto& printed = consumer->printed();
        std::move(printed.begin(), printed.end(), std::back_inserter(result.printed));
        for (size_t i = 0; i < result.exceptions.size(); ++i)
            result.exceptions[i] += consumer->exceptions()[i];
    }
    finding::sort_printed(result.printed);
    result.printed_left_out = printed_count - result.printed.size();
    for (const source::Skipped& skipped : listing.skipped) {
        result.totals.quarantine.add_object(skipped.path, {skipped.code, 0});
    }
    YAGURA_CHECK(correlate(targets, batch, memory, options, result));
    result.hits.finish(static_cast<uint32_t>(consumers.size()));
    if (options.policy) throttle(*options.policy, result);
    result.identities_forgotten = seen.forgotten();
    result.stopped = options.workers.stop && options.workers.stop->load();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace yagura::pipeline
