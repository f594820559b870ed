// A small log type of our own and one-line ways to ask both evaluators about one event.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/text.h"
#include "event/json_document.h"
#include "logtype/log_type.h"
#include "match/cost.h"
#include "match/program.h"
#include "match/slow.h"

namespace yagura::match {

constexpr Text kNoText{"", ""};

inline constexpr event::Field kFields[] = {
    {"eventName", "event_action", event::Type::text, "event.action", "api.operation", kNoText},
    {"eventSource", "event_source", event::Type::text, "event.provider", "", kNoText},
    {"eventTime", "time", event::Type::time, "@timestamp", "time", kNoText},
    {"sourceIPAddress", "source_ip", event::Type::ip, "source.ip", "src_endpoint.ip", kNoText},
    {"requestParameters", "request_parameters", event::Type::json, "", "", kNoText},
    {"userIdentity.type", "identity_type", event::Type::text, "", "", kNoText},
    {"userIdentity.arn", "identity_arn", event::Type::text, "user.id", "", kNoText},
};

inline logtype::LogType small_log_type(logtype::Shape shape) {
    logtype::LogType type{};
    type.name = "small";
    type.shape = shape;
    type.logsource = {"aws", "small", "trail"};
    type.fields = kFields;
    type.roles.event_name = 0;
    type.roles.event_source = 1;
    return type;
}

// Rules ready to be asked about records. Owns everything the evaluators point into.
class Bench {
  public:
    explicit Bench(std::vector<Rule> rules,
                   logtype::Shape shape = logtype::Shape::json,
                   const Tuning& tuning = {})
        : shape_(shape),
          type_(small_log_type(shape)),
          dictionary_(kFields),
          rules_(std::move(rules)) {
        for (const Rule& rule : rules_) views_.push_back(&rule);
        program_ = std::make_unique<Program>(type_, views_, tuning);
        plan_ = std::make_unique<event::FieldPlan>(dictionary_);
        program_->want_fields(*plan_);
        plan_->freeze();
        evaluator_ = std::make_unique<Evaluator>(*program_, *plan_);
    }

    // Returns false when the record is no JSON object.
    bool read(std::string_view json) {
        text_ = event::PaddedText(json);
        event_.reset(*plan_);
        uint32_t at = 0;
        return !document_.index(text_.view()) && document_.size() > 0 &&
               !walk_record(document_, at, event_);
    }

    // A line of "name=value" pairs parted by blanks, as a text log type would fill it.
    void read_line(std::string_view line) {
        text_ = event::PaddedText(line);
        event_.reset(*plan_);
        event_.record = text_.view();
        for (const std::string_view part : split(text_.view(), ' ')) {
            const size_t equals = part.find('=');
            if (equals == std::string_view::npos) continue;
            const event::SlotId slot = plan_->find(part.substr(0, equals));
            if (slot != event::kNoSlot)
                event_.set(slot, event::ValueView::of_string(part.substr(equals + 1)));
        }
    }

    std::vector<uint32_t> fast(std::vector<uint32_t> hits = {}) {
        evaluator_->match(event_, hits);
        return hits;
    }

    std::vector<uint32_t> measured(CostMeter& meter) {
        std::vector<uint32_t> hits;
        evaluator_->match(event_, hits, meter);
        return hits;
    }

    void fast_into(std::vector<uint32_t>& hits) { evaluator_->match(event_, hits); }

    std::vector<uint32_t> slow() {
        std::vector<uint32_t> hits;
        for (uint32_t i = 0; i < rules_.size(); ++i) {
            if (rules_[i].source.covers(type_.logsource) &&
                matches_slowly(rules_[i], event_, shape_))
                hits.push_back(i);
        }
        return hits;
    }

    const std::vector<Rule>& rules() const { return rules_; }
    const Program& program() const { return *program_; }

  private:
    logtype::Shape shape_;
    logtype::LogType type_;
    event::Dictionary dictionary_;
    std::vector<Rule> rules_;
    std::vector<const Rule*> views_;
    std::unique_ptr<Program> program_;
    std::unique_ptr<event::FieldPlan> plan_;
    std::unique_ptr<Evaluator> evaluator_;
    event::JsonDocument document_;
    event::PaddedText text_;
    event::Event event_;
};

inline Operand text(std::string_view value) {
    return {Operand::Kind::text, std::string(value), 0};
}
inline Operand field(std::string_view name) {
    return {Operand::Kind::field, std::string(name), 0};
}
inline Operand boolean(bool value) {
    return {Operand::Kind::boolean, value ? "true" : "false", value ? 1.0 : 0.0};
}
inline Operand number(std::string_view spelling) {
    return {Operand::Kind::number, std::string(spelling), std::stod(std::string(spelling))};
}

inline Predicate ask(std::string_view name, Op op, std::vector<Operand> operands = {}) {
    Predicate predicate;
    predicate.field = name;
    predicate.op = op;
    predicate.operands = std::move(operands);
    return predicate;
}
inline Predicate cased(Predicate predicate) {
    predicate.cased = true;
    return predicate;
}
inline Predicate part(TimePart part, Predicate predicate) {
    predicate.part = part;
    return predicate;
}

inline Condition holds(uint32_t predicate) {
    Condition condition;
    condition.kind = Condition::Kind::predicate;
    condition.predicate = predicate;
    return condition;
}
inline Condition constant(bool value) {
    Condition condition;
    condition.constant = value;
    return condition;
}
inline Condition join(Condition::Kind kind, std::vector<Condition> children) {
    Condition condition;
    condition.kind = kind;
    condition.children = std::move(children);
    return condition;
}
inline Condition all(std::vector<Condition> children) {
    return join(Condition::Kind::all, std::move(children));
}
inline Condition any(std::vector<Condition> children) {
    return join(Condition::Kind::any, std::move(children));
}
inline Condition negation(Condition child) {
    return join(Condition::Kind::negation, {std::move(child)});
}

inline Rule rule_of(std::vector<Predicate> predicates, Condition condition) {
    Rule rule;
    rule.predicates = std::move(predicates);
    rule.condition = std::move(condition);
    return rule;
}

// Whether one predicate holds for one record; both evaluators must say the same, asked twice
// (memo).
inline bool matches(std::string_view json, const Predicate& predicate) {
    Bench bench({rule_of({predicate}, holds(0))});
    if (!bench.read(json)) throw std::runtime_error("not a record: " + std::string(json));
    const auto slow = bench.slow();
    for (int round = 0; round < 2; ++round) {
        if (bench.fast() != slow)
            throw std::runtime_error("fast and slow differ on " + std::string(json));
    }
    return !slow.empty();
}

}  // namespace yagura::match
