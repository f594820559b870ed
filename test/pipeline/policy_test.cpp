// Exceptions, severity and throttles on a whole scan, correlations included.
#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "pipeline/made.h"
#include "pipeline/scan.h"
#include "rule/context.h"
#include "rule/sigma/sigma.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

// Four calls by ana, two by ben from elsewhere; ben's are refused.
std::string records() {
    std::string out;
    for (uint64_t i = 0; i < 6; ++i) {
        const bool ana = i < 4;
        const std::string time = time_of_day(9 * 3600 + i);
        out += record_of({.id = i,
                          .time = time,
                          .user = ana ? "ana" : "ben",
                          .address = ana ? "198.51.100.7" : "203.0.113.9",
                          .error = ana ? "" : "AccessDenied"});
        out += '\n';
    }
    return out;
}

struct Rules {
    std::vector<match::Rule> rules;
    std::vector<match::Correlation> correlations;
};

// Users listed: medium. Three times in a minute by one principal: high.
Rules rules() {
    Rules out;
    match::Rule listed = rule_about("ListUsers");
    listed.info.id = "listed";
    listed.info.title = "Users were listed";
    out.rules.push_back(std::move(listed));
    match::Correlation burst;
    burst.info.id = "burst";
    burst.info.title = "Users were listed again and again";
    burst.info.level = match::Level::high;
    burst.references.push_back({.name = "listed",
                                .rules = {0},
                                .correlations = {},
                                .group_by = {"userIdentity.userName"},
                                .value_fields = {}});
    burst.group_by = {"userIdentity.userName"};
    burst.timespan = 60'000'000;
    burst.thresholds.push_back({match::Threshold::Kind::greater_equal, 3});
    burst.generate = true;
    out.correlations.push_back(std::move(burst));
    return out;
}

// "rule level count" of every rule that matched, then what was listed.
struct Told {
    std::string rules;
    size_t listed = 0;
    match::ExceptionTally exceptions;
    uint64_t throttled = 0;
};

Told scan_with(std::string_view context_text) {
    rule::Context context;
    rule::Problems problems("context.yml");
    rule::read_context(context_text, {}, context, problems);
    REQUIRE(problems.errors() == 0);
    const Folder folder;
    folder.write("a.json", records());
    const Rules all = rules();
    ScanOptions options;
    options.paths = {folder.path()};
    options.policy = &context.policy;
    const auto result = scan({all.rules, all.correlations, {}}, options);
    REQUIRE(result);
    Told told{"", result->hits.hit_count(), result->exceptions, result->throttled};
    for (const finding::RuleTally& tally : result->hits.rules()) {
        told.rules += fmt::format(
            "{} {} {}; ", tally.rule->id, match::level_name(tally.rule->level), tally.count);
    }
    return told;
}

}  // namespace

TEST_CASE("without a context rules speak for themselves") {
    const Told told = scan_with("");
    CHECK(told.rules == "burst high 1; listed medium 6; ");
    CHECK(told.listed == 7);
}

TEST_CASE("what an exception holds back is in no count and feeds no correlation") {
    const Told told = scan_with(
        "exceptions: [{id: a, owner: me, reason: x, when: {source_ip|cidr: 198.51.100.0/24}}]");
    CHECK(told.rules == "listed medium 2; ");
    CHECK(told.exceptions == match::ExceptionTally{4});
}

TEST_CASE("an exception on a correlation leaves the matches it counts") {
    const Told told = scan_with(
        "exceptions: [{id: a, owner: me, reason: x, rules: burst, when: {principal: ana}}]");
    CHECK(told.rules == "listed medium 6; ");
    CHECK(told.exceptions == match::ExceptionTally{1});
}

TEST_CASE("matches at another level are counted and told at that level") {
    const Told told = scan_with(
        "severity: [{when: {'error_code|exists': true}, change: -1}, {rules: burst, level: "
        "critical}]");
    CHECK(told.rules == "burst critical 1; listed low 2; listed medium 4; ");
}

TEST_CASE("throttled matches are counted but not listed") {
    const Told told = scan_with("throttle: [{rules: listed, key: principal, period: 1h}]");
    CHECK(told.rules == "burst high 1; listed medium 6; ");
    CHECK(told.listed == 3);
    CHECK(told.throttled == 4);
}
