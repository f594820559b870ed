// The condition is walked with its negations pushed down to the predicates, carrying the predicates
// that hold for sure where we stand (the literals). Literals exclude each other when they are a
// predicate and its negation, or when a field that has one value would need two: each value that an
// `equals` lists is tried against all other literals on the field. What cannot be decided counts as
// possible, so what is reported is so; not everything that is so is reported.

#include "rule/sigma/meaning.h"

#include <algorithm>
#include <set>

#include "event/value.h"
#include "match/value_match.h"
#include "rule/readable.h"

namespace yagura::rule::sigma {
namespace {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;

constexpr size_t kMaxLiterals = 200;  // beyond, what a machine wrote is left alone
constexpr size_t kMaxValues = 500;    // of one list
constexpr size_t kMaxSteps = 20'000;

// Fields that hold one of few values in very many events.
constexpr std::string_view kCommon[] = {"eventSource",
                                        "eventVersion",
                                        "eventType",
                                        "eventCategory",
                                        "awsRegion",
                                        "recipientAccountId",
                                        "managementEvent",
                                        "readOnly",
                                        "apiVersion"};

struct Literal {
    uint32_t predicate;
    bool negated;
    friend bool operator==(const Literal&, const Literal&) = default;
};

// A field with at most one value in every log the rule is about.
bool is_single(std::string_view field, const match::RuleSource& source) {
    bool covered = false;
    for (const logtype::LogType* type : logtype::all()) {
        if (!source.covers(type->logsource)) continue;
        const auto id = type->dictionary().find(field);
        if (!id || type->dictionary()[*id].type == event::Type::json) return false;
        covered = true;
    }
    return covered;
}

class Examiner {
  public:
    explicit Examiner(const match::Rule& rule) : rule_(rule) {}

    // Can `condition` (negated: its opposite) never hold together with the literals?
    bool is_impossible(const Condition& condition, bool negated, std::vector<Literal> literals) {
        if (++steps_ > kMaxSteps || literals.size() > kMaxLiterals) return false;
        std::vector<Alternatives> open;
        if (!gather(condition, negated, literals, open)) return true;
        if (exclude_each_other(literals)) return true;
        for (const Alternatives& any : open) {
            const auto is_dead = [&](const Condition& child) {
                return is_impossible(child, any.negated, literals);
            };
            if (std::all_of(any.of->children.begin(), any.of->children.end(), is_dead)) return true;
        }
        return false;
    }

    // Alternatives that cannot be, in a condition that can.
    std::vector<const Condition*> dead_alternatives() {
        std::vector<Literal> literals;
        std::vector<Alternatives> open;
        std::vector<const Condition*> dead;
        gather(rule_.condition, false, literals, open);
        if (literals.empty()) return dead;
        for (const Alternatives& any : open) {
            if (any.negated) continue;
            for (const Condition& child : any.of->children) {
                if (is_impossible(child, false, literals)) dead.push_back(&child);
            }
        }
        return dead;
    }

    struct Value {
        const Predicate* predicate;
        const Operand* operand;
        friend bool operator<(const Value& a, const Value& b) {
            return std::tie(a.predicate->field, a.operand->text) <
                   std::tie(b.predicate->field, b.operand->text);
        }
    };

    // Listed values that nothing else on their field leaves room for, in a condition that can hold.
    std::set<Value> dead_values() {
        std::vector<Literal> literals;
        std::vector<Alternatives> open;
        std::set<Value> dead;
        gather(rule_.condition, false, literals, open);
        if (literals.size() > kMaxLiterals) return dead;
        for (const Literal& literal : literals) {
            const Predicate& predicate = predicate_of(literal);
            if (literal.negated || !lists_values(predicate) || predicate.operands.size() < 2)
                continue;
            for (const Operand& operand : predicate.operands) {
                if (!may_be(predicate, operand, literals)) dead.insert({&predicate, &operand});
            }
        }
        return dead;
    }

  private:
    // An `any`, or an `all` that is negated: one of its children (negated alike) must hold.
    struct Alternatives {
        const Condition* of;
        bool negated;
    };

    const Predicate& predicate_of(const Literal& literal) const {
        return rule_.predicates[literal.predicate];
    }

    // Splits what must hold into literals and alternatives; false when a part is constantly false.
    // Conditions are no deeper than match::kMaxConditionDepth.
    bool gather(const Condition& condition,
                bool negated,
                std::vector<Literal>& literals,
                std::vector<Alternatives>& open) {
        switch (condition.kind) {
            case Condition::Kind::constant:
                return condition.constant != negated;
            case Condition::Kind::predicate: {
                const Literal literal{condition.predicate, negated};
                if (std::find(literals.begin(), literals.end(), literal) == literals.end())
                    literals.push_back(literal);
                return true;
            }
            case Condition::Kind::negation:
                return gather(condition.children[0], !negated, literals, open);
            case Condition::Kind::all:
            case Condition::Kind::any:
                break;
        }
        if ((condition.kind == Condition::Kind::any) != negated) {
            open.push_back({&condition, negated});
            return true;
        }
        return std::all_of(
            condition.children.begin(), condition.children.end(), [&](const Condition& child) {
                return gather(child, negated, literals, open);
            });
    }

    bool exclude_each_other(const std::vector<Literal>& literals) {
        for (const Literal& literal : literals) {
            const Literal opposite{literal.predicate, !literal.negated};
            if (std::find(literals.begin(), literals.end(), opposite) != literals.end())
                return true;
            const Predicate& predicate = predicate_of(literal);
            if (literal.negated || !lists_values(predicate)) continue;
            const auto is_out = [&](const Operand& operand) {
                return !may_be(predicate, operand, literals);
            };
            if (std::all_of(predicate.operands.begin(), predicate.operands.end(), is_out))
                return true;
        }
        return false;
    }

    bool lists_values(const Predicate& predicate) const {
        return predicate.op == Op::equals && predicate.part == match::TimePart::none &&
               !predicate.operands.empty() && predicate.operands.size() <= kMaxValues &&
               is_single(predicate.field, rule_.source);
    }

    // Whether the field can have this value of `by` under all literals.
    bool may_be(const Predicate& by, const Operand& value, const std::vector<Literal>& literals) {
        if (++steps_ > kMaxSteps) return true;
        text_.read(event::ValueView::of_string(match::text_of(value)));
        return std::all_of(literals.begin(), literals.end(), [&](const Literal& literal) {
            const Predicate& other = predicate_of(literal);
            return &other == &by || other.field != by.field || allows(other, literal.negated, by);
        });
    }

    // Whether the value in text_, listed by `by`, passes another predicate on the field; true when
    // that cannot be told.
    bool allows(const Predicate& other, bool negated, const Predicate& by) {
        switch (other.op) {
            case Op::exists:
            case Op::present:
                return !negated;
            case Op::null:
                return negated;
            case Op::regex:
            case Op::field_equals:
            case Op::field_contains:
            case Op::field_starts_with:
            case Op::field_ends_with:
            case Op::keyword:
                return true;
            default:
                break;
        }
        if (other.part != match::TimePart::none) return true;
        // A value listed in any case may come in the one that a cased predicate asks for.
        if (other.cased && !by.cased && negated) return true;
        Predicate asked = other;
        asked.cased = other.cased && by.cased;
        if (other.op == Op::empty) return text_.text().empty() != negated;
        const bool holds =
            std::any_of(other.operands.begin(), other.operands.end(), [&](const Operand& operand) {
                return match::value_matches(asked, operand, text_);
            });
        return holds != negated;
    }

    const match::Rule& rule_;
    match::ValueText text_;
    size_t steps_ = 0;
};

// How much a condition demands: nothing that must be there, only common fields, or more.
enum class Demand : uint8_t { nothing, common, telling };

// Names mean what they mean in logs that we know.
bool is_common(std::string_view field, const match::Rule& rule) {
    return std::find(std::begin(kCommon), std::end(kCommon), field) != std::end(kCommon) &&
           is_single(field, rule.source);
}

Demand demand_of(const match::Rule& rule, const Condition& condition, bool negated) {
    switch (condition.kind) {
        case Condition::Kind::constant:
            return Demand::nothing;
        case Condition::Kind::negation:
            return demand_of(rule, condition.children[0], !negated);
        case Condition::Kind::predicate: {
            const Predicate& predicate = rule.predicates[condition.predicate];
            const bool is_absence = predicate.op == Op::null || predicate.op == Op::exists ||
                                    predicate.op == Op::present;
            if (negated || is_absence) return Demand::nothing;
            return is_common(predicate.field, rule) ? Demand::common : Demand::telling;
        }
        case Condition::Kind::all:
        case Condition::Kind::any:
            break;
    }
    if (condition.children.empty()) return Demand::nothing;
    const bool is_all = (condition.kind == Condition::Kind::all) != negated;
    Demand demand = is_all ? Demand::nothing : Demand::telling;
    for (const Condition& child : condition.children) {
        const Demand of_child = demand_of(rule, child, negated);
        demand = is_all ? std::max(demand, of_child) : std::min(demand, of_child);
    }
    return demand;
}

std::string common_fields(const match::Rule& rule) {
    std::set<std::string> names;
    for (const Predicate& predicate : rule.predicates) {
        if (is_common(predicate.field, rule)) names.insert(predicate.field);
    }
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

// The first line of what an alternative asks.
std::string alternative_text(const match::Rule& rule, const Condition& condition) {
    const Condition* at = &condition;
    while (!at->children.empty()) at = &at->children[0];
    return at->kind == Condition::Kind::predicate ? readable(rule.predicates[at->predicate])
                                                  : std::string("…");
}

void warn_of_breadth(const match::Rule& rule, Position at, Problems& problems) {
    const Demand demand = demand_of(rule, rule.condition, false);
    if (demand == Demand::nothing) problems.warn(Lint::too_broad, at, say(message::lint_too_broad));
    if (demand == Demand::common)
        problems.warn(Lint::only_source, at, say(message::lint_only_source, common_fields(rule)));
}

}  // namespace

void warn_of_meaning(const match::Rule& rule, Position at, Problems& problems) {
    Examiner examiner(rule);
    if (examiner.is_impossible(rule.condition, false, {}))
        return problems.warn(Lint::never_matches, at, say(message::lint_never));
    if (examiner.is_impossible(rule.condition, true, {}))
        return problems.warn(Lint::always_matches, at, say(message::lint_always));
    for (const Condition* dead : examiner.dead_alternatives()) {
        problems.warn(Lint::dead_alternative,
                      at,
                      say(message::lint_dead_alternative, alternative_text(rule, *dead)));
    }
    for (const auto& [predicate, operand] : examiner.dead_values()) {
        problems.warn(Lint::dead_value,
                      at,
                      say(message::lint_dead_value, predicate->field, match::text_of(*operand)));
    }
    warn_of_breadth(rule, at, problems);
}

}  // namespace yagura::rule::sigma
