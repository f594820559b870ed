#include "rule/sigma/sigma.h"

#include <algorithm>

#include "rule/asking.h"

using namespace yagura;
using namespace yagura::test;
using rule::sigma::read_rules;

namespace {

constexpr std::string_view kWhole = R"(title: Somebody did something
id: 7b3c3b6e-50a8-4d0c-8d0a-1f6d6c6b8a01
status: test
description: |
    What it means.
author: Somebody
references:
    - https://example.com/a
tags: [attack.t1078.004, attack.persistence]
date: 2026-11-21
logsource: {product: aws, service: cloudtrail, definition: any}
detection:
    s: {eventName: x}
    condition: s
falsepositives: Nobody
level: crit
x-yagura:
    title_ja: 誰かが何かをした
    description_ja: |
        その意味。
    falsepositives_ja: [なし]
)";

std::vector<std::string> warnings_of(std::string_view text) {
    std::vector<std::string> out;
    for (const Diagnostic& d : read_rules(text, "x.yml", {.warnings = true}).diagnostics) {
        if (d.grade == Grade::warning)
            out.push_back(fmt::format("{}:{}: {}", d.line, d.column, d.message));
    }
    return out;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out(text);
    const size_t at = out.find(from);
    REQUIRE(at != std::string::npos);
    return out.replace(at, from.size(), to);
}

bool warns(std::string_view text, std::string_view of) {
    const auto found = warnings_of(text);
    return std::find(found.begin(), found.end(), of) != found.end();
}

}  // namespace

TEST_CASE("what people are shown about a rule is read") {
    const auto reading = read_rules(kWhole, "rules/x.yml");
    REQUIRE(reading.rules.size() == 1);
    const match::RuleInfo& info = reading.rules[0].info;
    CHECK(info.id == "7b3c3b6e-50a8-4d0c-8d0a-1f6d6c6b8a01");
    CHECK(info.title == "Somebody did something");
    CHECK(info.title_ja == "誰かが何かをした");
    CHECK(info.description_ja == "その意味。");
    CHECK(info.false_positives_ja == std::vector<std::string>{"なし"});
    CHECK(info.author == "Somebody");
    CHECK(info.description == "What it means.");
    CHECK(info.level == match::Level::critical);
    CHECK(info.status == "test");
    CHECK(info.tags == std::vector<std::string>{"attack.t1078.004", "attack.persistence"});
    CHECK(info.references == std::vector<std::string>{"https://example.com/a"});
    CHECK(info.false_positives == std::vector<std::string>{"Nobody"});
    CHECK(info.file == "rules/x.yml");
    CHECK(info.line == 1);
    CHECK(reading.rules[0].source.product == "aws");
    CHECK(reading.rules[0].source.service == "cloudtrail");
    CHECK(reading.rules[0].source.category.empty());
    CHECK(warnings_of(kWhole).empty());
}

TEST_CASE("a rule without id keeps the same made-up one until it changes") {
    const std::string without = replaced(kWhole, "id: 7b3c3b6e-50a8-4d0c-8d0a-1f6d6c6b8a01\n", "");
    const std::string first = read_rules(without, "a.yml").rules[0].info.id;
    CHECK(first.size() == 36);
    CHECK(first[14] == '8');
    CHECK(read_rules(without, "b.yml").rules[0].info.id == first);
    CHECK(read_rules("# a comment\n" + without, "a.yml").rules[0].info.id == first);
    CHECK(read_rules(replaced(without, "eventName: x", "eventName: y"), "a.yml").rules[0].info.id !=
          first);
}

TEST_CASE("what a rule cannot do without is named when missing") {
    const auto one = [](std::string_view from, std::string_view to) {
        const auto errors = errors_of(replaced(kWhole, from, to));
        REQUIRE(errors.size() == 1);
        return errors[0];
    };
    CHECK(one("title: Somebody did something\n", "") == "1:1: 'title' is missing");
    CHECK(one("logsource: {product: aws, service: cloudtrail, definition: any}\n", "") ==
          "1:1: 'logsource' is missing");
    CHECK(one("{product: aws, service: cloudtrail, definition: any}", "{definition: any}") ==
          "11:12: 'logsource' needs a product, service or category");
    CHECK(one("    condition: s\n", "") == "13:5: 'condition' is missing");
    CHECK(one("level: crit", "level: hihg") == "16:8: unknown level 'hihg' (did you mean 'high'?)");
    CHECK(errors_of(replaced(kWhole,
                             "detection:\n    s: {eventName: x}\n    condition: s\n",
                             "detection: s\n"))[0] == "12:12: 'detection' must be a map, not text");
    CHECK(errors_of("- a\n- b\n")[0] == "1:1: a rule is a map of keys, not a list");
    CHECK(
        errors_of("title: x\naction: global\n")[0] ==
        "2:9: 'action' documents are no longer part of Sigma (write one whole rule per document)");
}

TEST_CASE("all mistakes of a rule are told at once") {
    const auto errors = errors_of(replaced(replaced(kWhole, "level: crit", "level: x"),
                                           "eventName: x",
                                           "eventName|conains: x, a|foo: b"));
    CHECK(errors.size() == 3);
}

TEST_CASE("one bad document does not take the others of its file with it") {
    const std::string bad =
        replaced(replaced(kWhole, "condition: s", "condition: z"), "7b3c3b6e", "7b3c3b6f");
    const auto reading = read_rules(bad + "---\n" + std::string(kWhole) + "---\n", "x.yml");
    CHECK(reading.documents == 2);
    CHECK(reading.quarantined == 1);
    REQUIRE(reading.rules.size() == 1);
    CHECK(reading.rules[0].info.line == 23);
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics[0].line == 14);
}

TEST_CASE("lint warns of what is likely a mistake") {
    CHECK(warns(replaced(kWhole, "level: crit\n", ""), "1:1: 'level' is missing"));
    CHECK(warns(replaced(kWhole, "tags: [attack.t1078.004, attack.persistence]\n", ""),
                "1:1: 'tags' is missing"));
    CHECK(warns(replaced(kWhole, "falsepositives: Nobody\n", "falsepositives: []\n"),
                "1:1: 'falsepositives' is missing"));
    CHECK(warns(replaced(kWhole, "id: 7b3c3b6e-50a8", "id: 7b3c3b6e-50a"),
                "2:5: '7b3c3b6e-50a-4d0c-8d0a-1f6d6c6b8a01' is not a UUID"));
    CHECK(
        warns(replaced(kWhole, "status: test", "status: tested"), "3:9: unknown status 'tested'"));
    CHECK(warns(replaced(kWhole, "attack.persistence", "Persistence"),
                "9:26: 'Persistence' is not a tag; write lower-case namespace.name such as "
                "attack.t1078.004"));
    CHECK(warns(replaced(kWhole, "author:", "autor:"), "6:1: unknown key 'autor'"));
    CHECK(warns(replaced(kWhole, "eventName: x", "eventNmae: x"),
                "13:9: no log of this log source has a field 'eventNmae'"));
    CHECK(warns(replaced(kWhole, "eventName: x", "eventName|all: x"),
                "13:19: 'all' has only one value to link"));
    CHECK(warns(replaced(kWhole, "eventName: x", "eventName|contains: '*x'"),
                "13:29: needless wildcard: 'contains' has it already"));
    CHECK(warns(replaced(kWhole, "eventName: x", "eventName|re|startswith: x"),
                "13:22: 'startswith' does not change a regular expression, which is found "
                "anywhere; anchor it with ^ or $"));
    CHECK(warns(replaced(kWhole, "eventName: x", "eventTime|hour: 24"),
                "13:25: hour is always between 0 and 23: this never matches"));
    CHECK(warns(replaced(kWhole, "    condition: s", "    t: {eventName: y}\n    condition: s"),
                "14:5: 't' is not used by any condition"));
    CHECK(warns(replaced(kWhole, "    condition: s", "    timeframe: 5m\n    condition: s"),
                "14:5: 'timeframe' belongs to the old aggregation syntax and is ignored"));
}

TEST_CASE("lint warns of numbers that people write as text") {
    const auto warning = [](std::string_view value) {
        const auto found =
            warnings_of(replaced(kWhole, "eventName: x", "vpcEndpointId: " + std::string(value)));
        return found.empty() ? "" : found[0];
    };
    CHECK(warning("012345670123") ==
          "13:24: YAML reads 012345670123 without quotes as the number 1402433619");
    CHECK(warning("12:30") == "13:24: YAML reads 12:30 without quotes as the number 750");
    CHECK(warning("'012345670123'") == "");
    CHECK(warning("0") == "");
    CHECK(warning("0x10") == "");
}

TEST_CASE("fields are checked by any of their names, below the first dot by nobody") {
    for (const char* field : {"eventName",
                              "event.action",
                              "api.operation",
                              "requestParameters.any.thing",
                              "source_ip"}) {
        CAPTURE(field);
        CHECK(warnings_of(replaced(kWhole, "eventName: x", std::string(field) + ": x")).empty());
    }
    const std::string elsewhere =
        replaced(kWhole, "product: aws, service: cloudtrail", "product: windows");
    CHECK(warnings_of(replaced(elsewhere, "eventName: x", "Whatever: x")).empty());
}

TEST_CASE("warnings are kept only when asked for") {
    CHECK(read_rules(replaced(kWhole, "level: crit\n", ""), "x.yml").diagnostics.empty());
}

TEST_CASE("a file made of mistakes is told by its first hundred") {
    std::string text(kWhole);
    std::string items;
    for (int i = 0; i < 150; ++i) items += fmt::format("a{}|nosuch: x, ", i);
    const auto errors = errors_of(replaced(text, "eventName: x", items + "eventName: x"));
    REQUIRE(errors.size() == rule::Problems::kMaxListed + 1);
    CHECK(errors.back() == "0:0: further problems in this file: 50");
}

TEST_CASE("what multiplies when compiled has a bound") {
    const auto one = [](std::string_view items) {
        const auto errors = errors_of(replaced(kWhole, "eventName: x", items));
        REQUIRE(!errors.empty());
        return errors[0];
    };
    std::string modifiers = "a";
    for (int i = 0; i < 17; ++i) modifiers += "|cased";
    CHECK(one(modifiers + ": x") == "13:9: more than 16 modifiers on one field");
    std::string dashes;
    for (int i = 0; i < 3000; ++i) dashes += "'-a -b -c', ";
    CHECK(one("a|windash: [" + dashes + "x]").ends_with("the rule grows too large when expanded"));
    CHECK(one("a|re: '((a{1,100}){1,100}){1,100}'").find("regular expression") !=
          std::string::npos);
    CHECK(
        one("a|re: '" + std::string(70'000, 'a') + "'").ends_with("grows too large when compiled"));
}
