// The counting conditions of Sigma 1, read as correlations.
#include "rule/asking.h"
#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
using match::Correlation;
using match::CorrelationType;
using match::Threshold;
using Lines = std::vector<std::string>;

namespace {

// The condition stands in line 10, from column 16; the timeframe in line 9.
rule::RuleSet counting(std::string_view condition,
                       std::string_view timeframe = "10m",
                       bool lint = false) {
    const Folder folder;
    folder.write("x.yml",
                 fmt::format("title: T\nid: 0f7a5f0e-2f0a-4b57-9a1e-6f1f6f0d7c10\nstatus: test\n"
                             "level: high\nlogsource: {{product: aws, service: cloudtrail}}\n"
                             "detection:\n    a: {{eventName: x}}\n    b: {{eventName: y}}\n{}"
                             "    condition: {}\n",
                             timeframe.empty() ? "" : fmt::format("    timeframe: {}\n", timeframe),
                             condition));
    return load({.added = {folder.path()}, .warnings = lint});
}

Correlation read_one(std::string_view condition) {
    const auto set = counting(condition);
    CAPTURE(condition);
    CHECK(lines_of(set.quarantined) == Lines{});
    REQUIRE(set.correlations.size() == 1);
    REQUIRE(set.rules.size() == 1);
    return set.correlations[0];
}

std::string refusal(std::string_view condition, std::string_view timeframe = "10m") {
    const auto set = counting(condition, timeframe);
    CHECK(set.rules.empty());
    CHECK(set.correlations.empty());
    REQUIRE(set.quarantined.size() >= 1);
    return lines_of(set.quarantined)[0];
}

}  // namespace

TEST_CASE("count() is a correlation that counts the events of the search") {
    const auto set = counting("a or b | count() > 5");
    REQUIRE(set.rules.size() == 1);
    REQUIRE(set.correlations.size() == 1);
    const Correlation& counted = set.correlations[0];
    CHECK(counted.info.id == "0f7a5f0e-2f0a-4b57-9a1e-6f1f6f0d7c10");
    CHECK(counted.info.level == match::Level::high);
    CHECK(counted.type == CorrelationType::event_count);
    CHECK(counted.timespan == 600'000'000);
    CHECK(counted.group_by.empty());
    CHECK_FALSE(counted.generate);
    REQUIRE(counted.thresholds.size() == 1);
    CHECK(counted.thresholds[0].kind == Threshold::Kind::greater);
    CHECK(counted.thresholds[0].value == 5);
    REQUIRE(counted.references.size() == 1);
    CHECK(counted.references[0].rules == std::vector<uint32_t>{0});
    CHECK_FALSE(set.rules[0].reports);
    CHECK(set.rules[0].info.id != counted.info.id);
}

TEST_CASE("count(field), sum and avg count values, by groups") {
    const Correlation values =
        read_one("a | count(eventSource) by userIdentity.arn,awsRegion >= 3");
    CHECK(values.type == CorrelationType::value_count);
    CHECK(values.group_by == std::vector<std::string>{"userIdentity.arn", "awsRegion"});
    CHECK(values.references[0].value_fields == std::vector<std::string>{"eventSource"});
    CHECK(values.thresholds[0].kind == Threshold::Kind::greater_equal);
    CHECK(read_one("a |sum(requestParameters.n)<2.5").type == CorrelationType::value_sum);
    CHECK(read_one("a | avg( requestParameters.n ) by awsRegion == 4").type ==
          CorrelationType::value_avg);
    CHECK(read_one("a | count()!=4").thresholds[0].kind == Threshold::Kind::not_equal);
}

TEST_CASE("an aggregation without a correlation is refused at its place") {
    CHECK(refusal("a | near b")
              .find("10:20: no aggregation of Sigma 1 that has a correlation is called "
                    "'near'") != std::string::npos);
    CHECK(refusal("a | count() > 5", "").find("9:18: an aggregation without 'timeframe'") !=
          std::string::npos);
    CHECK(refusal("a | count() > 5", "10 minutes").find("9:16:") != std::string::npos);
    for (const std::string_view condition : {"a | max(x) > 5",
                                             "a | count > 5",
                                             "a | count() 5",
                                             "a | count() > many",
                                             "a | count() > 5 and b",
                                             "a | count() by > 5",
                                             "a | sum() > 5",
                                             "a |",
                                             "| count() > 5",
                                             "zz | count() > 5",
                                             "[a | count() > 5, b]"}) {
        CAPTURE(condition);
        CHECK_FALSE(refusal(condition).empty());
    }
}

TEST_CASE("lint says how an aggregation is written today") {
    const auto set = counting("a or b | count(eventSource) by awsRegion > 5", "10m", true);
    const Lines warnings = lines_of(set.warnings);
    const auto found = std::find_if(warnings.begin(), warnings.end(), [](const std::string& line) {
        return line.find("10:23: ") != std::string::npos;
    });
    REQUIRE(found != warnings.end());
    CHECK(found->find("timespan: 10m, type: value_count, group-by: [awsRegion], condition: {gt: "
                      "5, field: eventSource}") != std::string::npos);
    for (const std::string& line : warnings) CHECK(line.find("'timeframe'") == std::string::npos);
}
