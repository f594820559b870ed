#include "pipeline/run_log.h"

#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace yagura;

namespace {

std::string record(int id, int second) {
    return fmt::format(
        R"({{"eventVersion":"1.09","userIdentity":{{"type":"IAMUser","userName":"ana"}},"eventTime":"2026-03-02T09:00:{:02}Z","eventSource":"iam.amazonaws.com",)"
        R"("eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"e-{}","recipientAccountId":"111122223333"}})",
        second,
        id);
}

rule::RuleSet counting_two() {
    rule::RuleSet set;
    match::Rule rule;
    rule.info.id = "base";
    rule.source = {"aws", "cloudtrail", ""};
    rule.condition.constant = true;
    set.rules.push_back(rule);
    match::Correlation two;
    two.info.id = "two";
    two.timespan = 10'000'000;
    two.thresholds = {{match::Threshold::Kind::greater_equal, 2}};
    two.references.push_back(
        {.name = "base", .rules = {0}, .correlations = {}, .group_by = {}, .value_fields = {}});
    set.correlations.push_back(two);
    return set;
}

}  // namespace

TEST_CASE("a log of records tells which correlations fired") {
    const rule::RuleSet set = counting_two();
    const auto run = pipeline::log_runner();
    const std::string near[] = {record(1, 0), record(2, 9)};
    const std::string far[] = {record(1, 0), record(2, 10)};
    const std::string same[] = {record(1, 0), record(1, 0)};
    CHECK(run(set, near).value() == std::vector<std::string>{"two"});
    CHECK(run(set, far).value().empty());
    CHECK(run(set, same).value().empty());
    const std::string broken[] = {record(1, 0), "{\"a\":"};
    CHECK_FALSE(run(set, broken).has_value());
}

TEST_CASE("the shipped correlations and first-seen rules do what their samples say") {
    const auto folder = std::filesystem::path(YAGURA_SOURCE_DIR) / "rules";
    const auto set = rule::load_rules({.bundled = {folder}});
    REQUIRE(set);
    const auto report =
        rule::check_samples(*set, {.required = true, .run_log = pipeline::log_runner()});
    for (const rule::SampleFailure& failure : report.failures)
        FAIL_CHECK(failure.rule_file << ": " << failure.sentence);
    CHECK(report.logs_not_run == 0);
    CHECK(report.samples > 500);
}
