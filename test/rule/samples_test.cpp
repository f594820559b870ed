#include "rule/samples.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/paths.h"
#include "support/folder.h"

using namespace yagura;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRule =
    "title: T\nid: 1\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: "
    "A}, condition: s}\n";

// Failures of a rule with the given samples beside it; the sample file is left out when empty.
std::vector<std::string> failures(std::string_view rule_text,
                                  std::string_view samples,
                                  bool required = true,
                                  rule::RunLog run_log = {}) {
    const test::Folder folder;
    folder.write("x.yml", rule_text);
    if (!samples.empty()) folder.write("x.test.json", samples);
    const auto set = rule::load_rules({.added = {folder.path()}});
    REQUIRE(set.has_value());
    std::vector<std::string> out;
    const rule::SampleOptions options{.required = required, .run_log = std::move(run_log)};
    for (const auto& failure : rule::check_samples(*set, options).failures)
        out.push_back(failure.sentence);
    return out;
}

using Failures = std::vector<std::string>;

}  // namespace

TEST_CASE("a rule that does what its events say passes") {
    CHECK(
        failures(
            kRule,
            R"({"match":[{"eventVersion":"1.08","eventName":"a"}],"no_match":[{"eventName":"B"},{}]})")
            .empty());
}

TEST_CASE("a rule that does not is told event by event") {
    CHECK(
        failures(
            kRule,
            R"({"match":[{"eventName":"a"},{"eventName":"b"}],"no_match":[{"eventName":"A"}]})") ==
        Failures{"match event 2 must match and does not",
                 "no_match event 1 must not match and does"});
}

TEST_CASE("missing, empty and broken events are failures") {
    CHECK(failures(kRule, "") == Failures{"it has no test events: x.test.json is missing"});
    CHECK(failures(kRule, "", false).empty());
    CHECK(failures(kRule, R"({"match":[{}]})") ==
          Failures{"x.test.json: the list 'no_match' must hold at least one record"});
    CHECK(failures(kRule, R"({"match":[],"no_match":[{}]})") ==
          Failures{"x.test.json: the list 'match' must hold at least one record"});
    CHECK(failures(kRule, R"({"match":{},"no_match":[{}]})").size() == 1);
    CHECK(failures(kRule, R"({"match":[{"a":1)").size() == 1);
    CHECK(failures(kRule, R"({"match":["text"],"no_match":[5]})").size() == 2);
}

TEST_CASE("text logs are given as lines, with a header line in front or in the default order") {
    const std::string_view flow_rule =
        "title: T\nid: 1\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: "
        "22}, condition: s}\n";
    CHECK(
        failures(
            flow_rule,
            R"({"match":["2 123456789012 eni-1 10.0.0.1 10.0.0.2 40000 22 6 1 40 1600000000 1600000060 ACCEPT OK",
                       "dstport srcaddr\n22 10.0.0.1"],"no_match":["dstport srcaddr\n23 10.0.0.1"]})") ==
        Failures{});
}

TEST_CASE("a log source that is none of ours cannot be tried, and says so") {
    CHECK(failures("title: T\nid: 1\nlogsource: {product: windows}\ndetection: {s: {a: b}, "
                   "condition: s}\n",
                   R"({"match":[{}],"no_match":[{}]})") ==
          Failures{"no log type we read has this log source, so its events cannot be tried"});
}

namespace {

// A correlation with its rule, whose samples are logs.
constexpr std::string_view kCorrelation =
    "title: C\nid: c\ncorrelation: {type: event_count, rules: r, timespan: 1h, condition: {gte: "
    "2}}\n---\ntitle: R\nid: r\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: "
    "{eventName: A}, condition: s}\n";

// Fires the correlation when a log has two records at least; the logs it was given are kept.
struct TwoRecords {
    std::vector<std::vector<std::string>> logs;

    Failures failures_of(std::string_view rule_text, std::string_view samples) {
        return failures(rule_text, samples, true, [this](const auto&, auto records) {
            logs.emplace_back(records.begin(), records.end());
            Result<std::vector<std::string>> fired{std::vector<std::string>{"other"}};
            if (records.size() >= 2) fired->push_back("c");
            return fired;
        });
    }
};

}  // namespace

TEST_CASE("a correlation is tried on whole logs, in the order written") {
    TwoRecords engine;
    CHECK(engine.failures_of(kCorrelation,
                             R"({"match":[[{"a":1},{"b":[2]},"line"]],"no_match":[[{}],[]]})") ==
          Failures{});
    CHECK(engine.logs == std::vector<std::vector<std::string>>{
                             {R"({"a":1})", R"({"b":[2]})", "line"}, {"{}"}, {}});
    CHECK(engine.failures_of(kCorrelation, R"({"match":[[{}]],"no_match":[[{},{}]]})") ==
          Failures{"match event 1 must match and does not",
                   "no_match event 1 must not match and does"});
}

TEST_CASE("beside a correlation, single records are for the rules of its file") {
    TwoRecords engine;
    CHECK(engine.failures_of(
              kCorrelation,
              R"({"match":[{"eventName":"a"},[{},{}]],"no_match":[[{}],{"eventName":"A"}]})") ==
          Failures{"no_match event 2 must not match and does"});
}

TEST_CASE("a log beside plain rules, and a record beside a correlation alone, are failures") {
    TwoRecords engine;
    CHECK(engine.failures_of(kRule, R"({"match":[[{}]],"no_match":[{}]})") ==
          Failures{"match event 1 is a list of records, but the file has no correlation or "
                   "first-seen rule"});
    CHECK(engine.logs.empty());
}

TEST_CASE("logs that nobody could run are counted, not passed over in silence") {
    const test::Folder folder;
    folder.write("x.yml", kCorrelation);
    folder.write("x.test.json", R"({"match":[[{}]],"no_match":[[]]})");
    const auto set = rule::load_rules({.added = {folder.path()}});
    REQUIRE(set.has_value());
    const rule::SampleReport report = rule::check_samples(*set, {});
    CHECK(report.logs_not_run == 2);
    CHECK(report.samples == 2);
    CHECK(report.failures.empty());
}

TEST_CASE("every bundled rule loads, has events and does what they say") {
    const fs::path rules = fs::path(YAGURA_SOURCE_DIR) / "rules";
    if (!fs::exists(rules)) {
        MESSAGE("no bundled rules yet: skipped");
        return;
    }
    const auto set = rule::load_rules({.bundled = {rules}});
    REQUIRE(set.has_value());
    for (const Diagnostic& problem : set->quarantined) FAIL_CHECK(to_string(problem));
    for (const auto& failure : rule::check_samples(*set, {.required = true}).failures) {
        FAIL_CHECK(failure.rule_file, ": ", failure.sentence);
    }
    CHECK(set->loaded > 0);
}
