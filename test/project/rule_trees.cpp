// Prints what Sigma files mean to us, for tools/sigma_conformance.py to compare with pySigma.
//
//   rule_trees < names-of-files      one JSON object a line and document: rule (one line for each
//                                    of its conditions), correlation, filter or refused
//
// Every placeholder of `expand` is filled: %name% becomes <name>. Texts are bytes, not characters
// (UTF-16 values, the wildcards of match/ir.h), so each byte is written as the character of that
// number.
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "rule/lists.h"
#include "rule/sigma/sigma.h"

namespace {

using namespace yagura;
using match::Condition;
using match::Op;

constexpr std::pair<Op, std::string_view> kOps[] = {
    {Op::equals, "equals"},
    {Op::contains, "contains"},
    {Op::starts_with, "starts_with"},
    {Op::ends_with, "ends_with"},
    {Op::glob, "glob"},
    {Op::regex, "regex"},
    {Op::cidr, "cidr"},
    {Op::exists, "exists"},
    {Op::null, "null"},
    {Op::empty, "empty"},
    {Op::present, "present"},
    {Op::less, "lt"},
    {Op::less_equal, "lte"},
    {Op::greater, "gt"},
    {Op::greater_equal, "gte"},
    {Op::field_equals, "field_equals"},
    {Op::field_contains, "field_contains"},
    {Op::field_starts_with, "field_starts_with"},
    {Op::field_ends_with, "field_ends_with"},
    {Op::keyword, "keyword"},
};
constexpr std::string_view kParts[] = {"", "minute", "hour", "day", "week", "month", "year"};
constexpr std::string_view kBounds[] = {"lt", "lte", "gt", "gte", "eq", "neq"};
constexpr std::string_view kTypes[] = {"event_count",
                                       "value_count",
                                       "temporal",
                                       "temporal_ordered",
                                       "value_sum",
                                       "value_avg",
                                       "value_percentile",
                                       "value_median"};

std::string quote(std::string_view bytes) {
    std::string out = "\"";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
        plain ? out += c : out += fmt::format("\\u{:04x}", byte);
    }
    return out + '"';
}

template <class List, class Write>
std::string list_of(const List& list, Write write) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ",") + write(item);
    return "[" + out + "]";
}

std::string texts_of(const std::vector<rule::sigma::Mention>& mentions) {
    return list_of(mentions, [](const auto& mention) { return quote(mention.text); });
}

std::string name_of(Op op) {
    for (const auto& [each, name] : kOps) {
        if (each == op) return std::string(name);
    }
    return "?";
}

std::string json(const match::Operand& operand) {
    switch (operand.kind) {
        case match::Operand::Kind::number:
            return fmt::format(R"({{"number":{}}})", operand.number);
        case match::Operand::Kind::boolean:
            return fmt::format(R"({{"boolean":{}}})", operand.number != 0);
        case match::Operand::Kind::field:
            return fmt::format(R"({{"field":{}}})", quote(operand.text));
        case match::Operand::Kind::text:
            break;
    }
    return fmt::format(R"({{"text":{}}})", quote(operand.text));
}

std::string json(const match::Predicate& predicate) {
    return fmt::format(R"({{"field":{},"op":"{}","cased":{},"part":"{}","values":{}}})",
                       quote(predicate.field),
                       name_of(predicate.op),
                       predicate.cased,
                       kParts[static_cast<size_t>(predicate.part)],
                       list_of(predicate.operands, [](const auto& o) { return json(o); }));
}

// `leaf` says what a predicate is. Conditions are no deeper than match::kMaxConditionDepth.
template <class Leaf>
std::string json(const Condition& condition, const Leaf& leaf) {
    switch (condition.kind) {
        case Condition::Kind::predicate:
            return leaf(condition.predicate);
        case Condition::Kind::constant:
            return condition.constant ? "true" : "false";
        case Condition::Kind::negation:
            return fmt::format(R"({{"not":{}}})", json(condition.children[0], leaf));
        case Condition::Kind::all:
        case Condition::Kind::any:
            break;
    }
    return fmt::format(
        R"({{"{}":{}}})",
        condition.kind == Condition::Kind::all ? "all" : "any",
        list_of(condition.children, [&](const Condition& c) { return json(c, leaf); }));
}

std::string tree_of(const match::Rule& rule) {
    return json(rule.condition, [&](uint32_t i) { return json(rule.predicates[i]); });
}

std::string aliases_of(const rule::sigma::CorrelationDraft& draft) {
    return list_of(draft.aliases, [](const auto& alias) {
        return fmt::format("[{},{}]", quote(alias.name), list_of(alias.fields, [](const auto& f) {
                               return fmt::format("[{},{}]", quote(f.rule.text), quote(f.field));
                           }));
    });
}

std::string facts_of(const rule::sigma::CorrelationDraft& draft) {
    const match::Correlation& correlation = draft.correlation;
    const auto name = [&](uint32_t i) { return quote(draft.rules[i].text); };
    return fmt::format(
        R"("type":"{}","rules":{},"group_by":{},"fields":{},"aliases":{},"seconds":{},"generate":{},)"
        R"("percentile":{},"bounds":{},"condition":{})",
        kTypes[static_cast<size_t>(correlation.type)],
        texts_of(draft.rules),
        texts_of(draft.group_by),
        texts_of(draft.value_fields),
        aliases_of(draft),
        correlation.timespan / 1'000'000,
        correlation.generate,
        correlation.percentile,
        list_of(correlation.thresholds,
                [](const auto& bound) {
                    return fmt::format(
                        R"(["{}",{}])", kBounds[static_cast<size_t>(bound.kind)], bound.value);
                }),
        correlation.condition ? json(*correlation.condition, name) : "null");
}

void print(const std::string& file, uint32_t line, std::string_view kind, const std::string& rest) {
    fmt::print(R"({{"file":{},"line":{},"kind":"{}",{}}})"
               "\n",
               quote(file),
               line,
               kind,
               rest);
}

// A list for every %name% of the text, whose one value is <name>.
rule::Lists placeholders_of(std::string_view text) {
    const auto in_name = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-';
    };
    std::set<std::string> names;
    for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        size_t end = at + 1;
        while (end < text.size() && in_name(text[end])) ++end;
        if (end > at + 1 && end < text.size() && text[end] == '%')
            names.emplace(text.substr(at + 1, end - at - 1));
    }
    std::string yaml;
    for (const std::string& name : names) yaml += fmt::format("{0}: ['<{0}>']\n", name);
    rule::Lists lists;
    std::vector<Diagnostic> problems;
    if (!yaml.empty()) lists.read(yaml, "placeholders.yml", problems);
    return lists;
}

void print_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const rule::Lists lists = placeholders_of(text);
    const rule::sigma::Reading reading = rule::sigma::read_rules(text, file, {.lists = &lists});
    for (const match::Rule& rule : reading.rules)
        print(file, rule.info.line, "rule", fmt::format(R"("tree":{})", tree_of(rule)));
    for (const auto& draft : reading.correlations)
        print(file, draft.correlation.info.line, "correlation", facts_of(draft));
    for (const auto& draft : reading.filters)
        print(file,
              draft.rule.info.line,
              "filter",
              fmt::format(R"("rules":{},"any":{},"tree":{})",
                          texts_of(draft.rules),
                          !draft.names_rules,
                          tree_of(draft.rule)));
    for (const auto& refused : reading.refused)
        print(file, refused.at.line, "refused", R"("why":"")");
    for (const Diagnostic& problem : reading.diagnostics)
        print(file, problem.line, "problem", fmt::format(R"("why":{})", quote(problem.message)));
}

}  // namespace

int main() {
    for (std::string file; std::getline(std::cin, file);) print_file(file);
    return std::cout.good() ? 0 : 1;
}
