#include "pipeline/scan_consumer.h"

#include <utility>

#include "pipeline/match_reasons.h"

namespace yagura::pipeline {

using decode::RecordOrigin;

ScanConsumer::ScanConsumer(const TypePlans& plans,
                           const ScanOptions& options,
                           IdentitySet& seen,
                           finding::PrintLimit& print_limit,
                           std::shared_ptr<finding::HitLimits> limits,
                           detect::SignalCollector* signals)
    : options_(options),
      seen_(seen),
      signals_(signals),
      sink_(options.new_sink ? options.new_sink() : nullptr),
      printed_(print_limit),
      exceptions_(options.policy ? options.policy->exceptions.size() : 0),
      unreported_(exceptions_),
      hits_(std::move(limits)) {
    for (const TypePlan& plan : plans.all()) evaluators_.emplace_back(plan.program, plan.fields);
}

Result<bool> ScanConsumer::begin(const source::Object&, source::Input& input) {
    input_ = &input;
    content_.reset();
    return true;
}

void ScanConsumer::consume(event::Event& event, const TypePlan& plan, const RecordOrigin& origin) {
    ++totals_.records;
    const Hash128 identity = identity_of(event, *plan.type);
    // Hardly any event is a duplicate: rules are asked while the memory of the set answers.
    seen_.expect(identity);
    const bool in_range = options_.range.contains(event.time);
    matches_.clear();
    if (in_range) evaluators_[plan.index].match(event, matches_);
    if (!seen_.insert(identity)) {
        ++totals_.records_duplicate;
        return;
    }
    if (event.oddities & event::kRepaired) ++totals_.records_repaired;
    if (!in_range) {
        ++totals_.records_outside_range;
        return;
    }
    totals_.count_event(event, *plan.type);
    if (sink_) sink_->add(event, *plan.type);
    if (options_.falco_first_wins) keep_first_falco(plan);
    std::erase_if(matches_, [&](uint32_t i) { return !tell(i, event, plan, origin); });
    if (signals_ && !matches_.empty()) {
        signals_->add(
            plan.signals, matches_, event, *plan.type, origin.object, origin.ordinal, identity.low);
    }
}

void ScanConsumer::fault(const Fault& fault, const RecordOrigin& origin, std::string_view) {
    if (fault.code == FaultCode::not_a_log) {  // recognised, and no log
        ++totals_.digests;
        return;
    }
    if (origin.ordinal == decode::kNoOrdinal) {
        totals_.quarantine.add_object(origin.object, fault);
    } else {
        totals_.quarantine.add_record(origin.object, fault);
    }
}

Result<void> ScanConsumer::end(const source::Object&, const decode::ReadStats& stats) {
    ++totals_.objects;
    totals_.bytes_in += stats.bytes_in;
    totals_.bytes_inflated += stats.bytes_inflated;
    return {};
}

void ScanConsumer::unreadable(const source::Object& object, const Error& error) {
    ++totals_.objects;
    totals_.quarantine.add_object(
        object.path, {FaultCode::unreadable, 0}, source::reason_of(error, object.path));
}

// Matches come in the order of the files.
void ScanConsumer::keep_first_falco(const TypePlan& plan) {
    bool met = false;
    std::erase_if(matches_, [&](uint32_t i) {
        return !plan.rules[i]->info.priority.empty() && std::exchange(met, true);
    });
}

void ScanConsumer::print(const match::Rule& rule,
                         const event::Event& event,
                         const RecordOrigin& origin) {
    if (rule.info.level < options_.keep_from || !printed_.wants(event.time)) return;
    if (auto line = finding::print(rule, event, origin.object, origin.ordinal))
        printed_.add(std::move(*line));
}

// Collects one match; false when an exception holds it back.
bool ScanConsumer::tell(uint32_t i,
                        event::Event& event,
                        const TypePlan& plan,
                        const RecordOrigin& origin) {
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
        if (options_.explain && info->level >= options_.keep_from && whys_.has_room())
            whys_.add(*info, origin.object, origin.ordinal, match_reasons(rule, event, *plan.type));
    } else {
        hits_.tag(rule.info, event.time);
    }
    if (options_.print && !rule.output.empty()) print(rule, event, origin);
    return true;
}

// Log types without ids: the same object content at the same place is the same record.
Hash128 ScanConsumer::identity_of(event::Event& event, const logtype::LogType& type) {
    if (const auto own = logtype::event_identity(type, event)) return *own;
    if (!content_) {
        auto id = input_->content_id();
        content_ = id ? hash128({reinterpret_cast<const char*>(id->data()), id->size()})
                      : hash128(input_->object().path);
    }
    const uint64_t key[3] = {content_->low, content_->high, event.ordinal};
    return hash128({reinterpret_cast<const char*>(key), sizeof key});
}

}  // namespace yagura::pipeline
