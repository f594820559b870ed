// The meaning of each operation on each kind of value, one line per ruling.
#include <doctest/doctest.h>

#include "match/fixture.h"
#include "match/regex.h"
#include "match/value_match.h"

using namespace yagura;
using namespace yagura::match;

namespace {

const std::string kRun(1, kAnyRun);
const std::string kOne(1, kAnyOne);

bool equals(std::string_view json, Operand operand) {
    return matches(json, ask("f", Op::equals, {std::move(operand)}));
}
bool contains(std::string_view json, std::string_view word) {
    return matches(json, ask("f", Op::contains, {text(word)}));
}
bool glob(std::string_view json, const std::string& pattern) {
    return matches(json, ask("f", Op::glob, {text(pattern)}));
}
bool regex(std::string_view json, std::string_view pattern) {
    return matches(json, ask("f", Op::regex, {text(pattern)}));
}
bool cidr(std::string_view json, std::string_view block) {
    return matches(json, ask("f", Op::cidr, {text(block)}));
}
bool keyword(std::string_view json, std::string_view word) {
    return matches(json, ask("", Op::keyword, {text(word)}));
}

}  // namespace

TEST_CASE("equals compares the whole text and folds case") {
    CHECK(equals(R"({"f":"CreateUser"})", text("createuser")));
    CHECK_FALSE(equals(R"({"f":"CreateUser2"})", text("CreateUser")));
    CHECK_FALSE(
        matches(R"({"f":"CreateUser"})", cased(ask("f", Op::equals, {text("createuser")}))));
    CHECK(matches(R"({"f":"CreateUser"})", cased(ask("f", Op::equals, {text("CreateUser")}))));
    CHECK(equals(R"({"f":"ПРИВЕТ Ärger"})", text("привет ärger")));
    CHECK(equals("{\"f\":\"\u212Aey\"}", text("key")));  // the Kelvin sign folds to k
    CHECK(matches(R"({"f":"b"})", ask("f", Op::equals, {text("a"), text("b")})));
    CHECK_FALSE(matches(R"({"f":"b"})", ask("f", Op::equals)));
}

TEST_CASE("a field the record does not have matches nothing but null") {
    CHECK_FALSE(equals(R"({"g":1})", text("")));
    CHECK_FALSE(contains(R"({"g":1})", ""));
    CHECK_FALSE(glob(R"({"g":1})", kRun));
    CHECK(matches(R"({"g":1})", ask("f", Op::null)));
    CHECK_FALSE(matches(R"({"g":1})", ask("f", Op::exists)));
    CHECK_FALSE(matches(R"({"g":1})", ask("f", Op::present)));
}

TEST_CASE("escapes are resolved before comparing") {
    CHECK(equals(R"({"f":"a\u0062\n\"c\""})", text("ab\n\"c\"")));
    CHECK(equals(R"({"f":"\ud83d\ude00"})", text("😀")));
    CHECK(contains(R"({"f":"C:\\Windows\\x"})", "\\windows\\"));
    CHECK_FALSE(contains(R"({"f":"C:\\Windows"})", "\\\\"));
}

TEST_CASE("the empty string is not null, and null is not the empty string") {
    CHECK(equals(R"({"f":""})", text("")));
    CHECK(matches(R"({"f":""})", ask("f", Op::empty)));
    CHECK_FALSE(matches(R"({"f":null})", ask("f", Op::empty)));
    CHECK_FALSE(matches(R"({"f":" "})", ask("f", Op::empty)));
    CHECK(matches(R"({"f":["x",""]})", ask("f", Op::empty)));
    CHECK_FALSE(matches(R"({"f":""})", ask("f", Op::null)));
    CHECK(matches(R"({"f":""})", ask("f", Op::present)));
}

TEST_CASE("null is missing, JSON null, null in a list, or an empty list") {
    CHECK(matches(R"({"f":null})", ask("f", Op::null)));
    CHECK(matches(R"({"f":[]})", ask("f", Op::null)));
    CHECK(matches(R"({"f":[ ]})", ask("f", Op::null)));
    CHECK(matches(R"({"f":["a",null]})", ask("f", Op::null)));
    CHECK(matches(R"({"f":["a",[]]})", ask("f", Op::null)));
    CHECK_FALSE(matches(R"({"f":["a"]})", ask("f", Op::null)));
    CHECK_FALSE(matches(R"({"f":{}})", ask("f", Op::null)));
    CHECK_FALSE(matches(R"({"f":0})", ask("f", Op::null)));
}

TEST_CASE("exists sees the key, present wants a value") {
    CHECK(matches(R"({"f":null})", ask("f", Op::exists)));
    CHECK_FALSE(matches(R"({"f":null})", ask("f", Op::present)));
    CHECK(matches(R"({"f":false})", ask("f", Op::present)));
    CHECK(matches(R"({"f":{}})", ask("f", Op::present)));
    CHECK(matches(R"({"f":[]})", ask("f", Op::present)));
    CHECK(matches(R"({"f":0})", ask("f", Op::exists)));
}

TEST_CASE("null values match no operation on text") {
    CHECK_FALSE(equals(R"({"f":null})", text("null")));
    CHECK_FALSE(contains(R"({"f":null})", ""));
    CHECK_FALSE(regex(R"({"f":null})", ""));
    CHECK_FALSE(glob(R"({"f":null})", kRun));
}

TEST_CASE("a number operand asks for the number, however it is written") {
    CHECK(equals(R"({"f":5})", number("5")));
    CHECK(equals(R"({"f":"5"})", number("5")));
    CHECK(equals(R"({"f":5.0})", number("5")));
    CHECK(equals(R"({"f":"5.0"})", number("5")));
    CHECK(equals(R"({"f":5e0})", number("5.0")));
    CHECK(equals(R"({"f":-0})", number("0")));
    CHECK(equals(R"({"f":"005"})", number("5")));
    CHECK(equals(R"({"f":[1,[2,"5"]]})", number("5")));
    CHECK_FALSE(equals(R"({"f":51})", number("5")));
    CHECK_FALSE(equals(R"({"f":-5})", number("5")));
    CHECK_FALSE(equals(R"({"f":true})", number("1")));
    CHECK_FALSE(equals(R"({"f":" 5"})", number("5")));
    CHECK_FALSE(equals(R"({"f":"5x"})", number("5")));
    CHECK_FALSE(equals(R"({"f":"[5]"})", number("5")));
    CHECK(equals(R"({"f":9007199254740993})", number("9007199254740993")));
    CHECK_FALSE(equals(R"({"f":9007199254740992})", number("9007199254740993")));
    CHECK_FALSE(equals(R"({"f":1e999})", number("5")));
}

TEST_CASE("a quoted operand compares with a number's spelling") {
    CHECK(equals(R"({"f":5})", text("5")));
    CHECK_FALSE(equals(R"({"f":5.0})", text("5")));
    CHECK(contains(R"({"f":12345})", "234"));
    CHECK(matches(R"({"f":12345})", ask("f", Op::starts_with, {text("123")})));
    CHECK(regex(R"({"f":12345})", "^1.*5$"));
}

TEST_CASE("true is true, with and without quotes on either side") {
    CHECK(equals(R"({"f":true})", boolean(true)));
    CHECK(equals(R"({"f":"True"})", boolean(true)));
    CHECK(equals(R"({"f":true})", text("true")));
    CHECK(equals(R"({"f":false})", boolean(false)));
    CHECK_FALSE(equals(R"({"f":false})", boolean(true)));
    CHECK_FALSE(equals(R"({"f":1})", boolean(true)));
    CHECK_FALSE(matches(R"({"f":"True"})", cased(ask("f", Op::equals, {boolean(true)}))));
}

TEST_CASE("contains, starts with and ends with fold case too") {
    CHECK(contains(R"({"f":"aws-CLI/2.0"})", "cli/"));
    CHECK(contains(R"({"f":"x"})", ""));
    CHECK(matches(R"({"f":"AKIAX"})", ask("f", Op::starts_with, {text("akia")})));
    CHECK_FALSE(matches(R"({"f":"xAKIA"})", ask("f", Op::starts_with, {text("akia")})));
    CHECK(matches(R"({"f":"my-Role"})", ask("f", Op::ends_with, {text("-role")})));
    CHECK_FALSE(matches(R"({"f":"my-Role2"})", ask("f", Op::ends_with, {text("-role")})));
    CHECK(contains(R"({"f":"Straße ÄÖ"})", "äö"));
    CHECK_FALSE(matches(R"({"f":"AKIAX"})", cased(ask("f", Op::starts_with, {text("akia")}))));
}

TEST_CASE("wildcards stand for any run, newlines too, or one code point") {
    CHECK(glob(R"({"f":"GetSecretValue"})", "get" + kRun + "value"));
    CHECK(glob(R"({"f":"a\nb\nc"})", "a" + kRun + "c"));
    CHECK(glob(R"({"f":"héh"})", "h" + kOne + "h"));
    CHECK(glob(R"({"f":"h😀h"})", "h" + kOne + "h"));
    CHECK_FALSE(glob(R"({"f":"😀"})", kRun + kOne + kOne));
    CHECK(glob(R"({"f":"a😀b"})", kRun + kOne + kOne + kOne));
    CHECK_FALSE(glob(R"({"f":"hh"})", "h" + kOne + "h"));
    CHECK(glob(R"({"f":""})", kRun));
    CHECK_FALSE(glob(R"({"f":""})", kOne));
    CHECK(glob(R"({"f":"a*b"})", "a*b"));
    CHECK_FALSE(glob(R"({"f":"axb"})", "a*b"));
    CHECK(glob(R"({"f":"abcabd"})", kRun + "ab" + kOne));
    CHECK_FALSE(glob(R"({"f":"xabc"})", "abc" + kRun));
}

TEST_CASE("a regular expression searches, and case counts unless it says otherwise") {
    CHECK(regex(R"({"f":"xxCreateUserxx"})", "Create(User|Role)"));
    CHECK_FALSE(regex(R"({"f":"createuser"})", "CreateUser"));
    CHECK(regex(R"({"f":"createuser"})", "(?i)CreateUser"));
    CHECK_FALSE(regex(R"({"f":"a\nb"})", "a.b"));
    CHECK(regex(R"({"f":"a\nb"})", "(?s)a.b"));
    CHECK(regex(R"({"f":"a\nb"})", "(?m)^b$"));
}

TEST_CASE("a regular expression that cannot be compiled matches nothing") {
    CHECK_FALSE(regex(R"({"f":"a("})", "a("));
    CHECK_FALSE(regex(R"({"f":"aa"})", "(a)\\1"));
    CHECK_FALSE(regex(R"({"f":"aa"})", "((((a{1000}){1000}){1000}){1000})"));
    CHECK_FALSE(Regex(std::string(1 << 20, 'a')).is_valid());
    CHECK(Regex("a|b").is_valid());
}

TEST_CASE("an address is inside a block only when the whole value is an address") {
    CHECK(cidr(R"({"f":"10.1.2.3"})", "10.0.0.0/8"));
    CHECK_FALSE(cidr(R"({"f":"11.1.2.3"})", "10.0.0.0/8"));
    CHECK(cidr(R"({"f":"2001:db8::1"})", "2001:db8::/32"));
    CHECK_FALSE(cidr(R"({"f":"10.1.2.3:443"})", "10.0.0.0/8"));
    CHECK_FALSE(cidr(R"({"f":"cloudtrail.amazonaws.com"})", "0.0.0.0/0"));
    CHECK_FALSE(cidr(R"({"f":"2001:db8::1"})", "0.0.0.0/0"));
    CHECK(cidr(R"({"f":["x","192.168.7.1"]})", "192.168.0.0/16"));
    CHECK_FALSE(cidr(R"({"f":"10.1.2.3"})", "not a block"));
}

TEST_CASE("comparisons take numbers and refuse everything else") {
    const auto compare = [](std::string_view json, Op op, std::string_view bound) {
        return matches(json, ask("f", op, {number(bound)}));
    };
    CHECK(compare(R"({"f":5})", Op::less, "6"));
    CHECK_FALSE(compare(R"({"f":6})", Op::less, "6"));
    CHECK(compare(R"({"f":6})", Op::less_equal, "6"));
    CHECK(compare(R"({"f":"7.5"})", Op::greater, "7"));
    CHECK(compare(R"({"f":7})", Op::greater_equal, "7.0"));
    CHECK_FALSE(compare(R"({"f":"abc"})", Op::less, "6"));
    CHECK_FALSE(compare(R"({"f":true})", Op::greater_equal, "0"));
    CHECK_FALSE(compare(R"({"f":null})", Op::less, "6"));
    CHECK_FALSE(compare(R"({"f":"inf"})", Op::greater, "6"));
    CHECK(compare(R"({"f":[1,9]})", Op::greater, "8"));
}

TEST_CASE("an array matches when one of its members does, however nested") {
    CHECK(equals(R"({"f":["a",["b",["c"]]]})", text("c")));
    CHECK(matches(R"({"f":[{"g":"x"},{"g":["y"]}]})", ask("f.g", Op::equals, {text("y")})));
    CHECK_FALSE(equals(R"({"f":["a","b"]})", text("ab")));
}

TEST_CASE("an object compares by its JSON text, as written and with escapes resolved") {
    CHECK(contains(R"({"f":{"Status":"Suspended"}})", "suspended"));
    CHECK(contains(R"({"f":{"Status":"Suspended"}})", R"("status":"suspended")"));
    CHECK(contains(R"({"f":{"p":"{\"Effect\":\"Allow\"}"}})", R"("effect":"allow")"));
    CHECK(contains(R"({"f":{"p":"{\"Effect\":\"Allow\"}"}})", R"(\"effect\":\"allow\")"));
    CHECK(glob(R"({"f":{"p":"\"x\""}})", kRun + "\"\"x\"\"" + kRun));
    CHECK(regex(R"({"f":{"p":"\"x\""}})", R"("p":""x"")"));
    CHECK(equals(R"({"f":{"a":1}})", text(R"({"A":1})")));
    CHECK_FALSE(equals(R"({"f":{"a":"\"b\""}})", text(R"({"a":""b""})")));
}

TEST_CASE("blanks between the tokens of an object do not count") {
    CHECK(contains("{\"f\": { \"Status\" :\n\t\"Sus pended\" , \"n\": [1, 2] }}",
                   R"("status":"sus pended","n":[1,2])"));
    CHECK(equals(R"({"f": {"a b" : "c\" d"} })", text(R"({"a b":"c\" d"})")));
}

TEST_CASE("two fields are compared as sets, without case") {
    const auto fields = [](std::string_view json, Op op) {
        return matches(json, ask("f", op, {field("g")}));
    };
    CHECK(fields(R"({"f":"Bob","g":"bob"})", Op::field_equals));
    CHECK_FALSE(fields(R"({"f":"Bob","g":"bobby"})", Op::field_equals));
    CHECK_FALSE(fields(R"({"f":"Bob"})", Op::field_equals));
    CHECK_FALSE(fields(R"({"g":"Bob"})", Op::field_equals));
    CHECK_FALSE(fields(R"({"f":null,"g":null})", Op::field_equals));
    CHECK(fields(R"({"f":["a","b"],"g":["c","B"]})", Op::field_equals));
    CHECK(fields(R"({"f":"arn:aws:iam::1:user/Bob","g":"bob"})", Op::field_ends_with));
    CHECK(fields(R"({"f":"bob@x","g":"BOB"})", Op::field_starts_with));
    CHECK(fields(R"({"f":"x-bob-y","g":"bob"})", Op::field_contains));
    CHECK_FALSE(fields(R"({"f":"bob","g":"x-bob-y"})", Op::field_contains));
    CHECK_FALSE(
        matches(R"({"f":"Bob","g":"bob"})", cased(ask("f", Op::field_equals, {field("g")}))));
    CHECK_FALSE(matches(R"({"f":"g","g":"g"})", ask("f", Op::equals, {field("g")})));
}

TEST_CASE("parts of a time are read in UTC") {
    const auto asks = [](std::string_view json, TimePart which, Op op, std::string_view bound) {
        return matches(json, part(which, ask("f", op, {number(bound)})));
    };
    constexpr std::string_view kTime =
        R"({"f":"2024-07-31T23:29:16-03:00"})";  // 2024-08-01T02:29:16Z
    CHECK(asks(kTime, TimePart::minute, Op::equals, "29"));
    CHECK(asks(kTime, TimePart::hour, Op::equals, "2"));
    CHECK(asks(kTime, TimePart::hour, Op::less, "6"));
    CHECK(asks(kTime, TimePart::day, Op::equals, "1"));
    CHECK(asks(kTime, TimePart::month, Op::equals, "8"));
    CHECK(asks(kTime, TimePart::year, Op::greater_equal, "2024"));
    CHECK(asks(kTime, TimePart::week, Op::equals, "31"));
    CHECK(asks(R"({"f":1722479356})", TimePart::hour, Op::equals, "2"));
    CHECK(asks(R"({"f":"1722479356000"})", TimePart::hour, Op::equals, "2"));
    CHECK(asks(R"({"f":"2021-01-01"})", TimePart::week, Op::equals, "53"));
    CHECK(asks(R"({"f":"2018-12-31"})", TimePart::week, Op::equals, "1"));
    CHECK(asks(R"({"f":"2020-12-28"})", TimePart::week, Op::equals, "53"));
    CHECK_FALSE(asks(R"({"f":"yesterday"})", TimePart::hour, Op::greater_equal, "0"));
    CHECK_FALSE(asks(R"({"f":null})", TimePart::hour, Op::greater_equal, "0"));
}

TEST_CASE("a keyword is contained in a string leaf, never in a key or a number") {
    CHECK(keyword(R"({"a":{"b":["x","say HELLO there"]}})", "hello"));
    CHECK_FALSE(keyword(R"({"hello":"x"})", "hello"));
    CHECK_FALSE(keyword(R"({"a":12345})", "234"));
    CHECK_FALSE(keyword(R"({"a":"hel","b":"lo"})", "hello"));
    CHECK(keyword(R"({"a":"q\"uote\u0064"})", "\"uoted"));
    CHECK(keyword(R"({"a":"one two three"})", "one" + kRun + "three"));
    CHECK_FALSE(keyword(R"({"a":"one two"})", "one" + kOne + "two" + kOne));
    CHECK_FALSE(matches(R"({"a":"HELLO"})", cased(ask("", Op::keyword, {text("hello")}))));
    CHECK(matches(R"({"a":"HELLO"})", ask("", Op::regex, {text("^HE")})));
}

TEST_CASE("a keyword of a text log is contained in the line") {
    Bench bench({rule_of({ask("", Op::keyword, {text("ACCEPT")})}, holds(0)),
                 rule_of({ask("action", Op::equals, {text("accept")})}, holds(0))},
                logtype::Shape::text);
    bench.read_line("action=accept port=443");
    CHECK(bench.slow() == std::vector<uint32_t>{0, 1});
    CHECK(bench.fast() == std::vector<uint32_t>{0, 1});
    bench.read_line("action=reject port=443");
    CHECK(bench.slow().empty());
    CHECK(bench.fast().empty());
}

TEST_CASE("a field answers to each of its names") {
    constexpr std::string_view kJson =
        R"({"sourceIPAddress":"10.0.0.1","requestParameters":{"bucketName":"logs"}})";
    for (const char* name : {"sourceIPAddress", "source_ip", "source.ip", "src_endpoint.ip"}) {
        CHECK(matches(kJson, ask(name, Op::cidr, {text("10.0.0.0/8")})));
    }
    CHECK(matches(kJson, ask("requestParameters.bucketName", Op::equals, {text("logs")})));
    CHECK(matches(kJson, ask("request_parameters", Op::contains, {text("logs")})));
}
