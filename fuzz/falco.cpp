// Falco YAML: whatever a file holds, reading it ends with rules or diagnostics, within the bounds,
// both evaluators give the same answer on every rule that loads, and its output can be filled.
#include "rule/falco/falco.h"

#include <cstdint>
#include <string_view>

#include "event/json_document.h"
#include "expect.h"
#include "match/program.h"
#include "match/slow.h"
#include "match/term.h"
#include "rule/falco/lower.h"

namespace {

using namespace yagura;

constexpr std::string_view kRecords[] = {
    R"({})",
    R"({"eventTime":"2024-07-31T23:29:16Z","eventName":"CreateUser","eventSource":"iam.amazonaws.com","sourceIPAddress":"10.0.0.1","userAgent":"aws-cli/2 -x /y","errorCode":null,"readOnly":true,"requestParameters":{"a":["x",{"b":5}],"userName":"bob"},"userIdentity":{"type":"Root","userName":"Bob"}})",
};

void check_bounds(const match::Rule& rule, const match::Condition& condition, uint32_t depth) {
    YAGURA_EXPECT(depth < match::kMaxConditionDepth);
    if (condition.kind == match::Condition::Kind::predicate)
        YAGURA_EXPECT(condition.predicate < rule.predicates.size());
    for (const match::Condition& child : condition.children) check_bounds(rule, child, depth + 1);
}

void check_answers(const std::vector<match::Rule>& rules) {
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // A second file that changes what the first defines: everything is read with and without it.
    constexpr std::string_view kLater =
        "- rule: R\n  append: true\n  condition: and ct.id exists\n";
    const rule::falco::File files[] = {{"x.yaml", text}, {"y.yaml", kLater}};
    for (const size_t count : {1, 2}) {
        const auto readings = rule::falco::read_files({files, count}, {.warnings = true});
        YAGURA_EXPECT(readings.size() == count);
        std::vector<match::Rule> rules = readings[0].rules;
        YAGURA_EXPECT(readings[0].quarantined <= readings[0].documents);
        for (const match::Rule& rule : rules) {
            YAGURA_EXPECT(!rule.info.id.empty() &&
                          rule.predicates.size() <= rule::falco::kMaxNodes);
            check_bounds(rule, rule.condition, 0);
        }
        if (!rules.empty()) check_answers(rules);
    }
    (void)rule::falco::is_falco(text);
    return 0;
}
