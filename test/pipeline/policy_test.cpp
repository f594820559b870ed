// Exceptions, severity and throttles on a whole scan, correlations included.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/scan.h"
#include "rule/context.h"
#include "rule/sigma/sigma.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

struct Folder {
    std::filesystem::path path;
    Folder() {
        char name[] = "/tmp/yagura-policy-XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

// Four calls by ana, two by ben from elsewhere; ben's are refused.
std::string records() {
    std::string out;
    for (int i = 0; i < 6; ++i) {
        const bool ana = i < 4;
        out += fmt::format(
            R"({{"eventVersion":"1.09","userIdentity":{{"type":"IAMUser","userName":"{}"}},)"
            R"("eventTime":"2026-03-02T09:15:0{}Z","eventSource":"iam.amazonaws.com",)"
            R"("eventName":"ListUsers",{}"awsRegion":"us-east-1","sourceIPAddress":"{}",)"
            R"("eventID":"e-{}","recipientAccountId":"111122223333"}})"
            "\n",
            ana ? "ana" : "ben",
            i,
            ana ? "" : R"("errorCode":"AccessDenied",)",
            ana ? "198.51.100.7" : "203.0.113.9",
            i);
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
    match::Rule listed;
    listed.info.id = "listed";
    listed.info.title = "Users were listed";
    listed.info.level = match::Level::medium;
    listed.source = {"aws", "cloudtrail", ""};
    listed.predicates.push_back(
        {.field = "eventName", .op = match::Op::equals, .operands = {{.text = "ListUsers"}}});
    listed.condition.kind = match::Condition::Kind::predicate;
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
    std::ofstream(folder.path / "a.json") << records();
    const Rules all = rules();
    ScanOptions options;
    options.paths = {folder.path.string()};
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
