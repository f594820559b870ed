#include "pipeline/run_log.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "detect/batch.h"
#include "pipeline/event_reader.h"
#include "pipeline/identity_set.h"

namespace yagura::pipeline {
namespace {

using decode::RecordOrigin;

// A rule set, ready to run.
struct Prepared {
    explicit Prepared(const rule::RuleSet& rules)
        : set(&rules),
          targets({rules.rules, rules.correlations, rules.first_seen}),
          plans(rules.rules, {.collect_extra = false, .targets = &targets}) {
        for (const TypePlan& plan : plans.all()) evaluators.emplace_back(plan.program, plan.fields);
    }
    const rule::RuleSet* set;
    detect::Targets targets;
    TypePlans plans;
    std::vector<match::Evaluator> evaluators;
};

// Gives the signals of one log to a batch.
class LogConsumer final : public EventConsumer {
  public:
    LogConsumer(Prepared& prepared, detect::SignalCollector& signals)
        : prepared_(prepared), signals_(signals), seen_(1024) {}

    void consume(event::Event& event, const TypePlan& plan, const RecordOrigin& origin) override {
        const uint64_t place[] = {event.ordinal};
        const Hash128 identity =
            logtype::event_identity(*plan.type, event)
                .value_or(hash128({reinterpret_cast<const char*>(place), sizeof place}));
        if (!seen_.insert(identity)) return;
        last_ = std::max(last_, to_micros(event.time));
        matches_.clear();
        prepared_.evaluators[plan.index].match(event, matches_);
        signals_.add(
            plan.signals, matches_, event, *plan.type, origin.object, origin.ordinal, identity.low);
    }
    void fault(const Fault& fault, const RecordOrigin&, std::string_view) override {
        if (!fault_) fault_ = fault;
    }

    int64_t last() const { return last_; }
    const std::optional<Fault>& first_fault() const { return fault_; }

  private:
    Prepared& prepared_;
    detect::SignalCollector& signals_;
    IdentitySet seen_;
    std::vector<uint32_t> matches_;
    int64_t last_ = INT64_MIN;
    std::optional<Fault> fault_;
};

// One record as a sample writes it: a JSON object, or lines of a text log.
std::optional<Fault> read(std::string_view record,
                          uint64_t ordinal,
                          event::JsonDocument& document,
                          EventReader& reader) {
    RecordOrigin origin;
    origin.object = "sample";
    origin.ordinal = ordinal;
    if (!trim(record).starts_with('{')) {
        for (const std::string_view line : split(record, '\n')) {
            if (line.empty()) continue;
            if (const auto fault = reader.line(line, origin)) return fault;
        }
        return std::nullopt;
    }
    const event::PaddedText text(record);
    if (const auto fault = document.index(text.view())) return fault;
    uint32_t at = 0;
    return reader.json(document, at, origin);
}

Result<std::vector<std::string>> run(Prepared& prepared, std::span<const std::string> records) {
    detect::FirstSeenMemory memory(prepared.targets);
    detect::Batch batch(prepared.targets, memory, {});
    LogConsumer consumer(prepared, batch.new_collector());
    EventReader reader(prepared.plans, consumer);
    event::JsonDocument document;
    reader.begin_object();
    std::optional<Fault> fault;
    for (size_t i = 0; i < records.size() && !fault; ++i)
        fault = read(records[i], i, document, reader);
    reader.end_object();
    if (!fault) fault = consumer.first_fault();
    if (fault) return fail(Code::invalid, std::string(fault_sentence(fault->code, language())));
    std::vector<std::string> ids;
    YAGURA_CHECK(batch.decide(consumer.last(), [&](const detect::Firing& firing) {
        if (prepared.targets.reports(firing.target)) ids.push_back(firing.rule->id);
    }));
    return ids;
}

}  // namespace

rule::RunLog log_runner() {
    // Shared by the copies of the function, of which one is called at a time.
    auto prepared = std::make_shared<std::unique_ptr<Prepared>>();
    return [prepared](const rule::RuleSet& rules, std::span<const std::string> records) {
        if (!*prepared || (*prepared)->set != &rules) *prepared = std::make_unique<Prepared>(rules);
        return run(**prepared, records);
    };
}

}  // namespace yagura::pipeline
