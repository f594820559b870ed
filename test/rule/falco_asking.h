// One-line ways to ask what a Falco file means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/diagnostic.h"
#include "event/json_document.h"
#include "match/program.h"
#include "match/slow.h"
#include "rule/falco/falco.h"

namespace yagura::test {

// A rule around a condition that stands on one line, from column 14 of line 3.
inline std::string falco_rule(std::string_view condition, std::string_view more = "") {
    return "- rule: R\n  desc: d\n  condition: " + std::string(condition) +
           "\n  output: o\n  priority: WARNING\n  source: aws_cloudtrail\n" + std::string(more);
}

// "3:14: unknown field 'ct.nam' (did you mean 'ct.name'?)" for each error of the files.
inline std::vector<std::string> falco_errors(const std::vector<std::string>& texts,
                                             Grade grade = Grade::error) {
    std::vector<rule::falco::File> files;
    for (const std::string& text : texts) files.push_back({"x.yaml", text});
    std::vector<std::string> out;
    size_t errors = 0;
    size_t quarantined = 0;
    for (const auto& reading : rule::falco::read_files(files, {.warnings = true})) {
        quarantined += reading.quarantined;
        for (const Diagnostic& d : reading.diagnostics) {
            errors += d.grade == Grade::error;
            if (d.grade != grade) continue;
            std::string line = fmt::format("{}:{}: {}", d.line, d.column, d.message);
            if (!d.hint.empty()) line += " (" + d.hint + ")";
            out.push_back(std::move(line));
        }
    }
    CHECK((errors == 0) == (quarantined == 0));
    return out;
}
inline std::vector<std::string> condition_errors(std::string_view condition,
                                                 std::string_view more = "") {
    return falco_errors({falco_rule(condition, more)});
}

// A record as CloudTrail's log type reads it, and rules to ask about it.
class FalcoBench {
  public:
    explicit FalcoBench(std::vector<match::Rule> rules)
        : rules_(std::move(rules)), type_(*logtype::find("cloudtrail")), plan_(type_.dictionary()) {
        for (const match::Rule& rule : rules_) views_.push_back(&rule);
        program_ = std::make_unique<match::Program>(type_, views_);
        program_->want_fields(plan_);
        plan_.freeze();
    }

    // The names of the rules that match, in order; both evaluators must agree.
    std::vector<std::string> ask(std::string_view record) {
        text_ = event::PaddedText(record);
        event_.reset(plan_);
        uint32_t at = 0;
        REQUIRE(!document_.index(text_.view()));
        REQUIRE(!event::walk_record(document_, at, event_));
        REQUIRE(!type_.finish(event_, {}));
        std::vector<uint32_t> hits;
        match::Evaluator(*program_, plan_).match(event_, hits);
        std::vector<std::string> fast, slow;
        for (const uint32_t i : hits) fast.push_back(rules_[i].info.title);
        for (const match::Rule& rule : rules_) {
            if (match::matches_slowly(rule, event_, type_.shape)) slow.push_back(rule.info.title);
        }
        CHECK(fast == slow);
        return slow;
    }
    event::Event& event() { return event_; }
    const std::vector<match::Rule>& rules() const { return rules_; }

  private:
    std::vector<match::Rule> rules_;
    std::vector<const match::Rule*> views_;
    const logtype::LogType& type_;
    event::FieldPlan plan_;
    std::unique_ptr<match::Program> program_;
    event::JsonDocument document_;
    event::PaddedText text_;
    event::Event event_;
};

inline std::vector<match::Rule> falco_rules(const std::vector<std::string>& texts) {
    for (const std::string& error : falco_errors(texts)) FAIL_CHECK(error);
    std::vector<rule::falco::File> files;
    for (const std::string& text : texts) files.push_back({"x.yaml", text});
    std::vector<match::Rule> out;
    for (auto& reading : rule::falco::read_files(files))
        std::move(reading.rules.begin(), reading.rules.end(), std::back_inserter(out));
    return out;
}

// Whether a condition holds for a record; both evaluators must agree.
inline bool falco_matches(std::string_view condition,
                          std::string_view record,
                          std::string_view more = "") {
    CAPTURE(condition);
    CAPTURE(record);
    FalcoBench bench(falco_rules({falco_rule(condition, more)}));
    REQUIRE(bench.rules().size() == 1);
    return !bench.ask(record).empty();
}

}  // namespace yagura::test
