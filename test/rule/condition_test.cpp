#include "rule/sigma/condition.h"

#include "rule/asking.h"

using namespace yagura;
using namespace yagura::test;

namespace {

// a, b, c and _d match records whose eventName holds their letter.
std::string with_condition(std::string_view condition) {
    return rule_with(
        "    a: {eventName|contains: a}\n    b_1: {eventName|contains: b}\n    b_2: "
        "{eventName|contains: c}\n"
        "    _d: {eventName|contains: d}\n    nota: {eventName|contains: n}\n    and-x: "
        "{eventName|contains: x}\n"
        "    condition: " +
        std::string(condition) + "\n");
}

bool holds(std::string_view condition, std::string_view letters) {
    return matches_rule(with_condition(condition),
                        R"({"eventName":")" + std::string(letters) + R"("})");
}

std::string error_of(std::string_view condition) {
    const auto errors = errors_of(with_condition(condition));
    REQUIRE(errors.size() == 1);
    return errors[0];
}

}  // namespace

TEST_CASE("not binds before and, and before or, parentheses before all") {
    CHECK(holds("a or b_1 and b_2", "a"));
    CHECK_FALSE(holds("(a or b_1) and b_2", "a"));
    CHECK(holds("not a and b_1", "b"));
    CHECK_FALSE(holds("not (a or b_1)", "b"));
    CHECK(holds("not not a", "a"));
    CHECK(holds("not a or a", "a"));
    CHECK_FALSE(holds("a and not b_1 and b_2", "abc"));
}

TEST_CASE("a word that begins like an operator is a word") {
    CHECK(holds("nota and b_1", "nb"));
    CHECK_FALSE(holds("nota and b_1", "b"));
    CHECK(holds("and-x", "x"));
    CHECK(holds("not(a)and(b_1)", "b"));
}

TEST_CASE("quantifiers choose among identifiers") {
    CHECK(holds("1 of b_*", "c"));
    CHECK(holds("any of b_*", "b"));
    CHECK_FALSE(holds("all of b_*", "b"));
    CHECK(holds("all of b_*", "bc"));
    CHECK(holds("1 of *_1", "b"));
    CHECK(holds("1 of b*2", "c"));
    CHECK(holds("1 of a", "a"));
    CHECK(holds("a and not 1 of b_*", "a"));
    CHECK_FALSE(holds("a and not all of b_*", "abc"));
}

TEST_CASE("identifiers with a leading underscore are chosen only by name") {
    CHECK_FALSE(holds("1 of them", "d"));
    CHECK(holds("1 of them", "b"));
    CHECK(holds("1 of _*", "d"));
    CHECK(holds("_d", "d"));
    CHECK(holds("all of them", "abcnx"));
}

TEST_CASE("mistakes in conditions are named where they stand") {
    CHECK(error_of("a and c") == "13:22: there is no search identifier 'c'");
    CHECK(error_of("a and zz") == "13:22: there is no search identifier 'zz'");
    CHECK(error_of("a and b_3") ==
          "13:22: there is no search identifier 'b_3' (did you mean 'b_1'?)");
    CHECK(error_of("a AND b_1") ==
          "13:18: 'and', 'or' or the end is expected here, not 'AND' (write operators in lower "
          "case: 'and')");
    CHECK(error_of("NOT a") ==
          "13:16: a search identifier is expected here, not 'NOT' (write operators in lower case: "
          "'not')");
    CHECK(error_of("a and") == "13:21: the condition ends where a search identifier is expected");
    CHECK(error_of("a or or b_1") == "13:21: a search identifier is expected here, not 'or'");
    CHECK(error_of("(a or b_1") == "13:25: ')' is missing");
    CHECK(error_of("a)") == "13:17: 'and', 'or' or the end is expected here, not ')'");
    CHECK(error_of("2 of b_*") == "13:16: '2 of' is not possible; use 1, any or all");
    CHECK(error_of("1 of z_*") == "13:21: no search identifier fits 'z_*'");
    CHECK(error_of("1 of and-*") ==
          "13:21: 'and-*' is not a pattern; letters, digits, _ and * are allowed");
    CHECK(error_of("1 of b_?") ==
          "13:21: 'b_?' is not a pattern; letters, digits, _ and * are allowed");
    CHECK(error_of("b_*") ==
          "13:16: the pattern 'b_*' needs a quantifier (write '1 of b_*' or 'all of b_*')");
    CHECK(error_of("a | count() > 5") ==
          "13:18: an aggregation without 'timeframe' has no window to count in (write a "
          "correlation rule)");
    CHECK(error_of("5") == "13:16: a condition must be text, not a number");
    CHECK(error_of("''") == "13:16: the condition ends where a search identifier is expected");
    CHECK(error_of("'a and  zz'") == "13:24: there is no search identifier 'zz'");
}

TEST_CASE(
    "a selector that chooses nothing is an error, also when only hidden identifiers are left") {
    const auto errors = detection_errors("    _a: {eventName: x}\n    condition: 1 of them\n");
    REQUIRE(errors.size() == 1);
    CHECK(errors[0] == "8:21: no search identifier fits 'them'");
}

TEST_CASE("deep and long conditions end in an error, not in a crash") {
    CHECK(error_of(std::string(65, '(') + "a" + std::string(65, ')'))
              .ends_with("parentheses nested too deeply"));
    CHECK(holds(std::string(60, '(') + "a" + std::string(60, ')'), "a"));
    std::string nots;
    for (int i = 0; i < 10'000; ++i) nots += "not ";
    CHECK(holds(nots + "a", "a"));
    std::string deep = "a";
    for (int i = 0; i < 60; ++i) deep = "not (b_1 or a and " + deep + ")";
    CHECK(error_of(deep).ends_with("parentheses nested too deeply"));
    std::string wide = "a";
    for (int i = 0; i < 40'000; ++i) wide += " or a and 1 of b_*";
    CHECK(error_of(wide).ends_with("the rule grows too large when expanded"));
}

TEST_CASE("a list of conditions gives one rule for each") {
    const auto reading = rule::sigma::read_rules(with_condition("[a, b_1]"), "x.yml");
    REQUIRE(reading.rules.size() == 2);
    CHECK(reading.rules[0].info.id == reading.rules[1].info.id);
    CHECK(reading.rules[0].predicates.size() == 1);
    CHECK(reading.rules[1].predicates.size() == 1);
    CHECK(errors_of(with_condition("[]")).size() == 1);
}
