// First-seen rules as text: what is read from x-yagura, and what is refused.
#include "rule/asking.h"
#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
using Lines = std::vector<std::string>;

namespace {

// A rule whose `first_seen` map stands in line 8.
std::string first_seen_rule(std::string_view first_seen, std::string_view condition = "s") {
    return fmt::format(
        "title: New\nid: new-1\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n    "
        "s: {{eventName: ConsoleLogin}}\n    condition: {}\nx-yagura:\n    first_seen: {}\n",
        condition,
        first_seen);
}

match::FirstSeen read_one(std::string_view first_seen) {
    const auto reading = rule::sigma::read_rules(first_seen_rule(first_seen), "x.yml");
    for (const Diagnostic& d : reading.diagnostics) FAIL_CHECK(to_string(d));
    REQUIRE(reading.first_seen.size() == 1);
    return reading.first_seen[0];
}

constexpr int64_t kHour = 3'600'000'000;

}  // namespace

TEST_CASE("a first-seen rule is a rule that says nothing itself and a memory of its fields") {
    const Folder folder;
    folder.write("1.yml", rule_with(selection("eventName: A")));
    folder.write(
        "2.yml",
        first_seen_rule("{fields: [userIdentity.arn, awsRegion], history: 30d, learning: 2d, "
                        "entity: [recipientAccountId], entity_age: 12h}",
                        "[s, not s]"));
    const auto set = load({.added = {folder.path()}});
    CHECK(lines_of(set.quarantined) == Lines{});
    CHECK(set.loaded == 2);
    REQUIRE(set.rules.size() == 3);
    CHECK(set.rules[0].reports);
    CHECK_FALSE(set.rules[1].reports);
    REQUIRE(set.first_seen.size() == 1);
    const match::FirstSeen& read = set.first_seen[0];
    CHECK(read.rules == std::vector<uint32_t>{1, 2});
    CHECK(read.info.id == "new-1");
    CHECK(read.info.title == "New");
    CHECK(read.fields == Lines{"userIdentity.arn", "awsRegion"});
    CHECK(read.history == 30 * 24 * kHour);
    CHECK(read.learning == 48 * kHour);
    CHECK(read.entity == Lines{"recipientAccountId"});
    CHECK(read.entity_age == 12 * kHour);
}

TEST_CASE("history is two weeks and learning a day unless said otherwise") {
    const match::FirstSeen read = read_one("{fields: awsRegion}");
    CHECK(read.fields == Lines{"awsRegion"});
    CHECK(read.history == 14 * 24 * kHour);
    CHECK(read.learning == 24 * kHour);
    CHECK(read.entity.empty());
    CHECK(read.entity_age == 0);
    CHECK(read_one("{fields: awsRegion, learning: 0s}").learning == 0);
}

TEST_CASE("a slip in a first-seen rule is named with its place") {
    const auto errors = [](std::string_view text) { return errors_of(first_seen_rule(text)); };
    CHECK(errors("{history: 14d}") == Lines{"8:17: 'fields' is missing"});
    CHECK(errors("{fields: []}") == Lines{"8:26: 'fields' names no field"});
    CHECK(errors("{fields: [a, b, c, d]}") == Lines{"8:26: 'fields' takes at most 3"});
    CHECK(errors("{fields: [a, a]}") == Lines{"8:30: 'a' is named twice"});
    CHECK(errors("{fields: a, histroy: 1d}") ==
          Lines{"8:29: unknown key 'histroy' (did you mean 'history'?)"});
    CHECK(errors("{fields: a, history: 0d}")[0].starts_with("8:38: '0d' is not a span of time"));
    CHECK(errors("{fields: a, entity: b}") == Lines{"8:17: 'entity' needs 'entity_age' beside it"});
    CHECK(errors("{fields: a, entity_age: 1d}") ==
          Lines{"8:17: 'entity_age' needs 'entity' beside it"});
    CHECK(errors("[a]") == Lines{"8:17: 'first_seen' must be a map, not a list"});
    CHECK(errors_of(rule_with(selection("a: b")) + "x-yagura: {first_sen: {fields: a}}\n") ==
          Lines{"10:12: unknown key 'first_sen' (did you mean 'first_seen'?)"});
    CHECK(errors_of(rule_with(selection("a: b")) + "x-yagura: [x]\n") ==
          Lines{"10:11: 'x-yagura' must be a map, not a list"});
}

TEST_CASE("lint looks at the fields of a first-seen rule and at its spans") {
    const auto reading = rule::sigma::read_rules(
        first_seen_rule("{fields: awsRegoin, learning: 14d}"), "x.yml", {.warnings = true});
    const Lines warnings = lines_of(reading.diagnostics);
    CHECK(std::count(warnings.begin(),
                     warnings.end(),
                     "x.yml:8:26: no log of this log source has a field 'awsRegoin' (did you mean "
                     "'awsRegion'?)") == 1);
    CHECK(std::count(warnings.begin(),
                     warnings.end(),
                     "x.yml:8:17: 'learning' is as long as 'history' or longer") == 1);
}

TEST_CASE("the same question with another memory is another rule") {
    const Folder folder;
    folder.write("1.yml", first_seen_rule("{fields: a}"));
    folder.write("2.yml", first_seen_rule("{fields: a}"));
    folder.write("3.yml", first_seen_rule("{fields: b}"));
    folder.write("4.yml",
                 first_seen_rule("{fields: a}").substr(0, first_seen_rule("").find("x-yagura")));
    const auto set = load({.added = {folder.path()}});
    CHECK(set.first_seen.size() == 1);
    CHECK(set.repeated == 1);
    CHECK(set.quarantined_count == 2);
}

TEST_CASE("a correlation cannot look at a first-seen rule") {
    const Folder folder;
    folder.write("1.yml", first_seen_rule("{fields: a}"));
    folder.write("2.yml", "title: K\ncorrelation: {type: temporal, rules: new-1, timespan: 1h}\n");
    CHECK(lines_of(load({.added = {folder.path()}}).quarantined) ==
          Lines{"2.yml:2:38: 'new-1' is a first-seen rule; correlations look at plain rules and "
                "correlations"});
}
