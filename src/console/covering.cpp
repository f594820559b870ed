#include "console/covering.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "match/value_match.h"

namespace yagura::console {
namespace {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;

enum class Truth : uint8_t { no, unknown, yes };

Truth truth_of(bool holds) {
    return holds ? Truth::yes : Truth::no;
}

// What a finding knows of its events, by the words exceptions use; null: nothing.
const std::string* text_of(const store::KeptFinding& finding, std::string_view field) {
    if (field == "account") return &finding.account;
    if (field == "principal") return &finding.principal;
    if (field == "source_ip") return &finding.source_ip;
    return nullptr;
}

// Texts of findings are cut at 1 KiB (store/findings.h): of a longer one only its beginning is
// known.
constexpr size_t kMaybeCut = 1021;

bool any_operand(const Predicate& predicate, const std::string& text) {
    if (predicate.op == Op::empty) return text.empty();
    match::ValueText value;
    value.read(event::ValueView::of_string(text));
    return std::any_of(
        predicate.operands.begin(), predicate.operands.end(), [&](const Operand& operand) {
            return match::value_matches(predicate, operand, value);
        });
}

Truth ask(const Predicate& predicate, const store::KeptFinding& finding) {
    const std::string* text = text_of(finding, predicate.field);
    const bool is_plain = predicate.terms.empty() && !match::is_field_op(predicate.op) &&
                          predicate.op != Op::keyword && predicate.part == match::TimePart::none;
    if (text == nullptr || !is_plain) return Truth::unknown;
    const bool has_one = !text->empty();
    if (predicate.op == Op::exists || predicate.op == Op::present) return truth_of(has_one);
    if (predicate.op == Op::null) return truth_of(!has_one);
    if (!has_one) return Truth::no;
    const bool holds = any_operand(predicate, *text);
    if (text->size() < kMaybeCut) return truth_of(holds);
    return holds && predicate.op == Op::starts_with ? Truth::yes : Truth::unknown;
}

Truth decide(const match::Rule& scope,
             const Condition& condition,
             const store::KeptFinding& finding,
             uint32_t depth) {
    if (depth > match::kMaxConditionDepth) return Truth::unknown;
    const auto of_child = [&](const Condition& child) {
        return decide(scope, child, finding, depth + 1);
    };
    switch (condition.kind) {
        case Condition::Kind::constant:
            return truth_of(condition.constant);
        case Condition::Kind::predicate:
            if (condition.predicate >= scope.predicates.size()) return Truth::no;
            return ask(scope.predicates[condition.predicate], finding);
        case Condition::Kind::negation: {
            if (condition.children.size() != 1) return Truth::no;
            const Truth truth = of_child(condition.children[0]);
            if (truth == Truth::unknown) return truth;
            return truth_of(truth == Truth::no);
        }
        case Condition::Kind::all: {
            Truth least = Truth::yes;
            for (const Condition& child : condition.children)
                least = std::min(least, of_child(child));
            return least;
        }
        case Condition::Kind::any: {
            Truth most = Truth::no;
            for (const Condition& child : condition.children)
                most = std::max(most, of_child(child));
            return most;
        }
    }
    return Truth::unknown;
}

using Accounts = std::optional<std::vector<std::string>>;  // sorted; nullopt: any

Accounts accounts_in(const Predicate& predicate) {
    if (predicate.field != "account" || predicate.op != Op::equals || !predicate.terms.empty())
        return std::nullopt;
    std::vector<std::string> accounts;
    for (const Operand& operand : predicate.operands) {
        if (operand.kind != Operand::Kind::text && operand.kind != Operand::Kind::number)
            return std::nullopt;
        accounts.push_back(operand.text);
    }
    std::sort(accounts.begin(), accounts.end());
    return accounts;
}

Accounts accounts_in(const match::Rule& scope, const Condition& condition, uint32_t depth) {
    if (depth > match::kMaxConditionDepth) return std::nullopt;
    Accounts out;
    switch (condition.kind) {
        case Condition::Kind::predicate:
            if (condition.predicate >= scope.predicates.size()) return std::nullopt;
            return accounts_in(scope.predicates[condition.predicate]);
        case Condition::Kind::all:
            for (const Condition& child : condition.children) {
                Accounts part = accounts_in(scope, child, depth + 1);
                if (part && (!out || part->size() < out->size())) out = std::move(part);
            }
            return out;
        case Condition::Kind::any:
            out.emplace();
            for (const Condition& child : condition.children) {
                const Accounts part = accounts_in(scope, child, depth + 1);
                if (!part) return std::nullopt;
                std::vector<std::string> both;
                std::set_union(
                    out->begin(), out->end(), part->begin(), part->end(), std::back_inserter(both));
                out = std::move(both);
            }
            return out;
        case Condition::Kind::negation:
        case Condition::Kind::constant:
            return std::nullopt;
    }
    return std::nullopt;
}

// What RuleChoice looks at, from what a finding keeps of its rule.
match::RuleInfo rule_of(const store::KeptFinding& finding) {
    match::RuleInfo rule;
    rule.id = finding.rule_id;
    rule.title = finding.title;
    for (const std::string_view tag : split(finding.tags, ' '))
        if (!tag.empty()) rule.tags.emplace_back(tag);
    return rule;
}

}  // namespace

bool covers_rule(const match::Exception& exception, const store::KeptFinding& finding) {
    return exception.choice.covers(rule_of(finding));
}

bool covers_entities(const match::Exception& exception, const store::KeptFinding& finding) {
    if (!exception.during.contains(finding.first) || !exception.during.contains(finding.last))
        return false;
    return decide(exception.scope, exception.scope.condition, finding, 0) == Truth::yes;
}

bool covers(const match::Exception& exception, const store::KeptFinding& finding) {
    return covers_rule(exception, finding) && covers_entities(exception, finding);
}

std::optional<std::vector<std::string>> accounts_of(const match::Exception& exception) {
    return accounts_in(exception.scope, exception.scope.condition, 0);
}

}  // namespace yagura::console
