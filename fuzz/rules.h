// What fuzz targets demand of rules that loaded.
#pragma once

#include <string_view>
#include <vector>

#include "event/json_document.h"
#include "expect.h"
#include "match/program.h"
#include "match/slow.h"
#include "match/term.h"

namespace yagura::fuzz {

inline constexpr std::string_view kRecords[] = {
    R"({})",
    R"({"eventTime":"2024-07-31T23:29:16Z","eventName":"CreateUser","eventSource":"iam.amazonaws.com","sourceIPAddress":"10.0.0.1","userAgent":"aws-cli/2 -x /y","errorCode":null,"readOnly":true,"requestParameters":{"a":["x",{"b":5}],"userName":"bob"},"userIdentity":{"type":"Root","userName":"Bob"}})",
};

// Conditions are within their depth and ask only predicates there are.
inline void check_bounds(const match::Rule& rule,
                         const match::Condition& condition,
                         uint32_t depth) {
    YAGURA_EXPECT(depth < match::kMaxConditionDepth);
    if (condition.kind == match::Condition::Kind::predicate)
        YAGURA_EXPECT(condition.predicate < rule.predicates.size());
    for (const match::Condition& child : condition.children) check_bounds(rule, child, depth + 1);
}

// Both evaluators give the same answer, and every line to print can be filled.
inline void check_answers(const std::vector<match::Rule>& rules) {
    const logtype::LogType& type = *logtype::find("cloudtrail");
    std::vector<const match::Rule*> pointers;
    for (const match::Rule& rule : rules) {
        if (rule.source.covers(type.logsource)) pointers.push_back(&rule);
    }
    const match::Program program(type, pointers);
    event::FieldPlan plan(type.dictionary());
    program.want_fields(plan);
    plan.freeze();
    match::Evaluator evaluator(program, plan);
    event::Event event;
    event::JsonDocument document;
    for (std::string_view record : kRecords) {
        const event::PaddedText padded(record);
        event.reset(plan);
        uint32_t at = 0;
        YAGURA_EXPECT(!document.index(padded.view()) && !event::walk_record(document, at, event));
        std::vector<uint32_t> hits, expected;
        evaluator.match(event, hits);
        for (uint32_t i = 0; i < pointers.size(); ++i) {
            if (match::matches_slowly(*pointers[i], event, type.shape)) expected.push_back(i);
        }
        YAGURA_EXPECT(hits == expected);
        for (const match::Rule* rule : pointers) {
            for (const match::OutputPart& part : rule->output) match::term_text(part.term, event);
        }
    }
}

}  // namespace yagura::fuzz
