// Asking rules about records, the short way: every answer is that of both evaluators.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/diagnostic.h"
#include "event/json_document.h"
#include "match/program.h"
#include "match/slow.h"
#include "rule/sigma/sigma.h"

namespace yagura::test {

// A whole rule around a detection section, whose lines begin in column 5 of line 7 of the file.
inline std::string rule_with(std::string_view detection) {
    return "title: T\nid: 7b3c3b6e-50a8-4d0c-8d0a-1f6d6c6b8a01\nlogsource:\n    product: aws\n"
           "    service: cloudtrail\ndetection:\n" +
           std::string(detection);
}

// A rule with one selection, whose items are given one per line, unindented.
inline std::string selection(std::string_view items) {
    std::string out = "    selection:\n";
    for (size_t at = 0; at < items.size();) {
        const size_t end = std::min(items.find('\n', at), items.size());
        out += "        " + std::string(items.substr(at, end - at)) + "\n";
        at = end + 1;
    }
    return out + "    condition: selection\n";
}

// "7:9: unknown modifier 'x' (did you mean 'y'?)" for each error of a rule text.
inline std::vector<std::string> errors_of(std::string_view text) {
    std::vector<std::string> out;
    for (const Diagnostic& d : rule::sigma::read_rules(text, "x.yml").diagnostics) {
        std::string line = fmt::format("{}:{}: {}", d.line, d.column, d.message);
        if (!d.hint.empty()) line += " (" + d.hint + ")";
        out.push_back(std::move(line));
    }
    return out;
}

inline std::vector<std::string> detection_errors(std::string_view detection) {
    return errors_of(rule_with(detection));
}

// Whether one of the rules matches the CloudTrail record; both evaluators must agree.
inline bool matches_rules(const std::vector<const match::Rule*>& rules, std::string_view record) {
    REQUIRE(!rules.empty());
    const logtype::LogType& type = *logtype::find("cloudtrail");
    const match::Program program(type, rules);
    event::FieldPlan plan(type.dictionary());
    program.want_fields(plan);
    plan.freeze();
    event::Event event;
    event.reset(plan);
    const event::PaddedText padded(record);
    event::JsonDocument document;
    REQUIRE(!document.index(padded.view()));
    uint32_t at = 0;
    REQUIRE(!event::walk_record(document, at, event));
    std::vector<uint32_t> hits;
    match::Evaluator(program, plan).match(event, hits);
    bool slow = false;
    for (const match::Rule* rule : rules) slow |= match::matches_slowly(*rule, event, type.shape);
    CHECK(slow == !hits.empty());
    return slow;
}

// The same for the rules of a text without mistakes.
inline bool matches_rule(std::string_view text, std::string_view record) {
    const rule::sigma::Reading reading = rule::sigma::read_rules(text, "x.yml");
    for (const Diagnostic& d : reading.diagnostics) FAIL_CHECK(to_string(d));
    std::vector<const match::Rule*> rules;
    for (const match::Rule& rule : reading.rules) rules.push_back(&rule);
    return matches_rules(rules, record);
}

inline bool matches(std::string_view items, std::string_view record) {
    return matches_rule(rule_with(selection(items)), record);
}

}  // namespace yagura::test
