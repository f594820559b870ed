#include "rule/sigma/detection.h"

#include "rule/asking.h"

using namespace yagura;
using namespace yagura::test;

namespace {

bool holds(std::string_view detection, std::string_view record) {
    return matches_rule(rule_with(detection), record);
}

}  // namespace

TEST_CASE("the items of a map are linked by and, the values of an item by or") {
    const std::string_view items = "eventName: [A, B]\nawsRegion: eu-west-1";
    CHECK(matches(items, R"({"eventName":"b","awsRegion":"eu-west-1"})"));
    CHECK_FALSE(matches(items, R"({"eventName":"b","awsRegion":"us-east-1"})"));
    CHECK_FALSE(matches(items, R"({"eventName":"c","awsRegion":"eu-west-1"})"));
}

TEST_CASE("a list of maps is or") {
    const std::string_view detection =
        "    s:\n        - eventName: A\n          awsRegion: x\n        - userAgent: b\n    "
        "condition: s\n";
    CHECK(holds(detection, R"({"eventName":"a","awsRegion":"x"})"));
    CHECK(holds(detection, R"({"userAgent":"b"})"));
    CHECK_FALSE(holds(detection, R"({"eventName":"a"})"));
}

TEST_CASE("a list of values is keywords, found inside any text of the record but not in its keys") {
    const std::string_view detection =
        "    k:\n        - secret\n        - 4688\n        - 'a*c'\n    condition: k\n";
    CHECK(holds(detection, R"({"requestParameters":{"x":["my SECRET key"]}})"));
    CHECK(holds(detection, R"({"userAgent":"id 4688"})"));
    CHECK(holds(detection, R"({"userAgent":"xx abbc xx"})"));
    CHECK_FALSE(holds(detection, R"({"secret":"x"})"));
    CHECK_FALSE(holds(detection, R"({"userAgent":"nothing"})"));
}

TEST_CASE("keywords under all must all be found, though in different fields") {
    const std::string_view detection =
        "    k:\n        '|all':\n            - alpha\n            - '*beta*'\n    condition: k\n";
    CHECK(holds(detection, R"({"userAgent":"Alpha","eventName":"xbetax"})"));
    CHECK_FALSE(holds(detection, R"({"userAgent":"alpha"})"));
}

TEST_CASE("a single value is a keyword; keywords take regular expressions and case") {
    CHECK(holds("    k: secret\n    condition: k\n", R"({"userAgent":"a secret"})"));
    CHECK(holds("    k: {'|re': 's.cr[e]t$'}\n    condition: k\n", R"({"userAgent":"a secret"})"));
    CHECK_FALSE(
        holds("    k: {'|re': '^secret'}\n    condition: k\n", R"({"userAgent":"a secret"})"));
    CHECK_FALSE(
        holds("    k: {'|cased': Secret}\n    condition: k\n", R"({"userAgent":"a secret"})"));
}

TEST_CASE("a list of values and maps is or over both") {
    const std::string_view detection =
        "    s:\n        - word\n        - eventName: A\n        - [other, {awsRegion: x}]\n    "
        "condition: s\n";
    CHECK(holds(detection, R"({"userAgent":"a word"})"));
    CHECK(holds(detection, R"({"eventName":"a"})"));
    CHECK(holds(detection, R"({"userAgent":"another"})"));
    CHECK(holds(detection, R"({"awsRegion":"x"})"));
    CHECK_FALSE(holds(detection, R"({"awsRegion":"y"})"));
}

TEST_CASE("the same field may be asked twice with different modifiers") {
    const std::string_view items =
        "userAgent|startswith: aws\nuserAgent|endswith: cli\nuserAgent: '*-*'";
    CHECK(matches(items, R"({"userAgent":"aws-x-cli"})"));
    CHECK_FALSE(matches(items, R"({"userAgent":"aws cli"})"));
}

TEST_CASE("null is missing, JSON null or an empty list; the empty string is only itself") {
    for (const char* written : {"userAgent: null", "userAgent:", "userAgent: ~", "userAgent: []"}) {
        CAPTURE(written);
        CHECK(matches(written, "{}"));
        CHECK(matches(written, R"({"userAgent":null})"));
        CHECK(matches(written, R"({"userAgent":[]})"));
        CHECK_FALSE(matches(written, R"({"userAgent":""})"));
        CHECK_FALSE(matches(written, R"({"userAgent":"x"})"));
    }
    CHECK(matches("userAgent: ''", R"({"userAgent":""})"));
    CHECK_FALSE(matches("userAgent: ''", R"({"userAgent":null})"));
    CHECK_FALSE(matches("userAgent: ''", "{}"));
    CHECK(matches("userAgent: [x, null]", "{}"));
    CHECK(matches("userAgent: ['', x]", R"({"userAgent":""})"));
}

TEST_CASE("booleans and numbers match their text and their text matches them") {
    CHECK(matches("readOnly: true", R"({"readOnly":true})"));
    CHECK(matches("readOnly: yes", R"({"readOnly":"true"})"));
    CHECK(matches("readOnly: 'true'", R"({"readOnly":true})"));
    CHECK_FALSE(matches("readOnly: no", R"({"readOnly":true})"));
    CHECK(matches("apiVersion: '5'", R"({"apiVersion":5})"));
    CHECK(matches("apiVersion: 0x10", R"({"apiVersion":16})"));
}

TEST_CASE("values that mean nothing are errors where they stand") {
    const auto error = [](std::string_view items) {
        const auto errors = detection_errors(selection(items));
        REQUIRE(errors.size() == 1);
        return errors[0];
    };
    CHECK(error("a: 2024-07-31") ==
          "8:12: '2024-07-31' without quotes is a date in YAML, not text (put it in quotes)");
    CHECK(error("a: .nan") == "8:12: '.nan' is not a finite number (put it in quotes)");
    CHECK(error("a: {b: c}") == "8:12: a value cannot be a map here");
    CHECK(error("a: [[b]]") == "8:13: a value cannot be a list here");
    CHECK(error("'|exists': yes") == "8:11: modifier 'exists' needs a field; keywords have none");
    CHECK(error("'': x\n'|re': '['").find("not a regular expression") != std::string::npos);
    CHECK(detection_errors("    s: {}\n    condition: s\n")[0] ==
          "7:8: an empty search identifier has nothing to match");
    CHECK(detection_errors("    s: []\n    condition: s\n")[0] ==
          "7:8: an empty search identifier has nothing to match");
    CHECK(detection_errors("    s: ['']\n    condition: s\n")[0] ==
          "7:9: an empty keyword would match everything");
    CHECK(detection_errors("    s: ['*']\n    condition: s\n")[0] ==
          "7:9: an empty keyword would match everything");
    CHECK(detection_errors("    s: [~]\n    condition: s\n")[0] ==
          "7:9: an empty keyword would match everything");
}

TEST_CASE("wildcards only at the ends become the cheaper question") {
    using match::Op;
    const auto op_of = [](std::string_view value) {
        const auto reading =
            rule::sigma::read_rules(rule_with(selection("a: " + std::string(value))), "x.yml");
        REQUIRE(reading.rules.size() == 1);
        REQUIRE(reading.rules[0].predicates.size() == 1);
        return reading.rules[0].predicates[0].op;
    };
    CHECK(op_of("x") == Op::equals);
    CHECK(op_of("x*") == Op::starts_with);
    CHECK(op_of("'*x'") == Op::ends_with);
    CHECK(op_of("'*x*'") == Op::contains);
    CHECK(op_of("'*x*y'") == Op::glob);
    CHECK(op_of("x?") == Op::glob);
    CHECK(op_of("'*'") == Op::present);
    CHECK(op_of("'**'") == Op::present);
    CHECK(op_of("'?'") == Op::glob);
    CHECK(op_of("''") == Op::empty);
}

TEST_CASE("equal predicates of a rule are one") {
    const auto reading =
        rule::sigma::read_rules(rule_with("    a: {eventName: x, awsRegion: r}\n    b: {eventName: "
                                          "x}\n    condition: a or not b\n"),
                                "x.yml");
    REQUIRE(reading.rules.size() == 1);
    CHECK(reading.rules[0].predicates.size() == 2);
}
