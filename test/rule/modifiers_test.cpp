#include "rule/sigma/modifiers.h"

#include "rule/asking.h"

using namespace yagura;
using namespace yagura::test;

namespace {

// The record {"userAgent": value}, value being JSON text.
std::string agent(std::string_view value) {
    return R"({"userAgent":)" + std::string(value) + "}";
}

bool agent_matches(std::string_view items, std::string_view json_value) {
    return matches(items, agent(json_value));
}

std::string error_of(std::string_view items) {
    const auto errors = detection_errors(selection(items));
    return errors.size() == 1 ? errors[0] : fmt::format("{} errors", errors.size());
}

}  // namespace

TEST_CASE("a plain value is the whole field, whatever its case") {
    CHECK(agent_matches("userAgent: Aws-CLI", R"("aws-cli")"));
    CHECK_FALSE(agent_matches("userAgent: aws", R"("aws-cli")"));
    CHECK(agent_matches("userAgent: Ärger", R"("äRGER")"));
    CHECK(agent_matches("userAgent: a*i", R"("aws\ncli")"));
    CHECK(agent_matches("userAgent: a?i", R"("a語i")"));
    CHECK_FALSE(agent_matches("userAgent: a?i", R"("awsi")"));
    CHECK(agent_matches(R"(userAgent: a\*i)", R"("a*i")"));
    CHECK_FALSE(agent_matches(R"(userAgent: a\*i)", R"("aws cli")"));
}

TEST_CASE("contains, startswith and endswith add wildcards that are not there") {
    CHECK(agent_matches("userAgent|contains: ws-c", R"("AWS-CLI")"));
    CHECK(agent_matches("userAgent|startswith: aws", R"("AWS-CLI")"));
    CHECK_FALSE(agent_matches("userAgent|startswith: cli", R"("AWS-CLI")"));
    CHECK(agent_matches("userAgent|endswith: cli", R"("AWS-CLI")"));
    CHECK_FALSE(agent_matches("userAgent|endswith: aws", R"("AWS-CLI")"));
    CHECK(agent_matches("userAgent|contains: a*c", R"("xx aws cli xx")"));
    CHECK(agent_matches("userAgent|startswith: a?s", R"("aws cli")"));
    CHECK(agent_matches(R"(userAgent|contains: '\*')", R"("a*b")"));
    CHECK_FALSE(agent_matches(R"(userAgent|contains: '\*')", R"("ab")"));
}

TEST_CASE("contains with a star alone asks for presence") {
    CHECK(agent_matches("userAgent|contains: '*'", R"("")"));
    CHECK(agent_matches("userAgent|contains: '*'", "5"));
    CHECK(agent_matches("userAgent|contains: '*'", R"({"a":1})"));
    CHECK_FALSE(agent_matches("userAgent|contains: '*'", "null"));
    CHECK_FALSE(matches("userAgent|contains: '*'", "{}"));
}

TEST_CASE("contains and its like are for text") {
    CHECK(error_of("userAgent|contains: 5") ==
          "8:29: modifier 'contains' cannot be applied to a number (put it in quotes)");
    CHECK(error_of("userAgent|startswith: yes") ==
          "8:31: modifier 'startswith' cannot be applied to a yes/no value (put it in quotes)");
    CHECK(error_of("userAgent|endswith: null") ==
          "8:29: modifier 'endswith' cannot be applied to nothing");
    CHECK(error_of("userAgent|contains: [a, 7]") ==
          "8:33: modifier 'contains' cannot be applied to a number (put it in quotes)");
    CHECK(error_of("userAgent|contains: []") == "8:29: an empty list has nothing to match");
    CHECK(error_of("userAgent|contains: {a: b}") == "8:29: a value cannot be a map here");
}

TEST_CASE("an unknown modifier is an error at its own column with the nearest name") {
    CHECK(error_of("userAgent|containz: a") ==
          "8:19: unknown modifier 'containz' (did you mean 'contains'?)");
    CHECK(error_of("userAgent|contains|al: a") ==
          "8:28: unknown modifier 'al' (did you mean 'all'?)");
    CHECK(error_of("'userAgent|xyzzyx': a") == "8:20: unknown modifier 'xyzzyx'");
    CHECK(error_of("userAgent|: a") == "8:19: unknown modifier ''");
    CHECK(error_of("userAgent|Contains: a") ==
          "8:19: unknown modifier 'Contains' (did you mean 'contains'?)");
}

TEST_CASE("all links values by and, alternatives of one value stay or") {
    CHECK(agent_matches("userAgent|contains|all: [aws, cli]", R"("aws-cli")"));
    CHECK_FALSE(agent_matches("userAgent|contains|all: [aws, sdk]", R"("aws-cli")"));
    CHECK(agent_matches("userAgent|all|contains: [aws, cli]", R"("aws-cli")"));
    CHECK(agent_matches("userAgent|windash|contains|all: [' -x', ' -y']", R"("cmd /x -y")"));
    CHECK_FALSE(agent_matches("userAgent|windash|contains|all: [' -x', ' -z']", R"("cmd /x -y")"));
}

TEST_CASE("neq is not, so a missing field satisfies it") {
    CHECK(agent_matches("userAgent|neq: a", R"("b")"));
    CHECK_FALSE(agent_matches("userAgent|neq: a", R"("A")"));
    CHECK(matches("userAgent|neq: a", "{}"));
    CHECK_FALSE(agent_matches("userAgent|neq: [a, b]", R"("b")"));
    CHECK(agent_matches("userAgent|contains|neq: [a, b]", R"("c")"));
    CHECK(agent_matches("userAgent|contains|all|neq: [a, b]", R"("a")"));
    CHECK_FALSE(agent_matches("userAgent|contains|all|neq: [a, b]", R"("ab")"));
}

TEST_CASE("cased makes case count, in any order") {
    CHECK(agent_matches("userAgent|cased: Aws", R"("Aws")"));
    CHECK_FALSE(agent_matches("userAgent|cased: Aws", R"("aws")"));
    CHECK(agent_matches("userAgent|contains|cased: Aws", R"("xAwsx")"));
    CHECK_FALSE(agent_matches("userAgent|cased|contains: Aws", R"("xawsx")"));
}

TEST_CASE("re searches anywhere, case counting unless i is given, with no escapes of its own") {
    CHECK(agent_matches(R"(userAgent|re: a[w]s-\w+)", R"("x aws-cli y")"));
    CHECK_FALSE(agent_matches(R"(userAgent|re: AWS)", R"("aws")"));
    CHECK(agent_matches(R"(userAgent|re|i: AWS)", R"("aws")"));
    CHECK(agent_matches(R"(userAgent|re|ignorecase: AWS|b)", R"("B")"));
    CHECK(agent_matches(R"(userAgent|re|m: ^b$)", R"("a\nb\nc")"));
    CHECK_FALSE(agent_matches(R"(userAgent|re: ^b$)", R"("a\nb\nc")"));
    CHECK(agent_matches(R"(userAgent|re|s: a.b)", R"("a\nb")"));
    CHECK_FALSE(agent_matches(R"(userAgent|re: a.b)", R"("a\nb")"));
    CHECK(agent_matches(R"(userAgent|re|i|multiline|dotall: ^A.b$)", R"("x\na\nb")"));
    CHECK(agent_matches(R"(userAgent|re: a\*b)", R"("a*b")"));
    CHECK(agent_matches(R"(userAgent|re|contains: w)", R"("aws")"));
}

TEST_CASE("re must be first, valid and without look-around") {
    CHECK(error_of("userAgent|contains|re: a") == "8:28: modifier 're' must come first");
    CHECK(error_of("userAgent|re: a(") == "8:23: not a regular expression of RE2: missing ): a(");
    CHECK(error_of("userAgent|re: (?!a)b").find("look-around is not supported") !=
          std::string::npos);
    CHECK(error_of("userAgent|re: 5") ==
          "8:23: modifier 're' cannot be applied to a number (put it in quotes)");
    CHECK(error_of("userAgent|i: a") == "8:22: modifier 'i' cannot be applied to text");
    CHECK(error_of("userAgent|re|cased: a") ==
          "8:29: modifier 'cased' cannot be applied to a regular expression");
}

TEST_CASE("base64 and base64offset look for encoded text") {
    CHECK(agent_matches("userAgent|base64|contains: foobar", R"("x Zm9vYmFy y")"));
    CHECK_FALSE(agent_matches("userAgent|base64: foobar", R"("foobar")"));
    for (const char* found : {"Zm9vYmFy", "xZvb2Jhcx", "mb29iYX"}) {
        CHECK(agent_matches("userAgent|base64offset|contains: foobar",
                            R"("..)" + std::string(found) + R"(..")"));
    }
    CHECK(agent_matches("userAgent|base64|contains|cased: foobar", R"("Zm9vYmFy")"));
    CHECK_FALSE(agent_matches("userAgent|base64|contains|cased: foobar", R"("ZM9VYMFY")"));
    CHECK(agent_matches("userAgent|base64|contains: foobar", R"("ZM9VYMFY")"));
    CHECK(agent_matches("userAgent|wide|base64offset|contains: ping", R"("cABpAG4AZw")"));
    CHECK(agent_matches("userAgent|utf16be|base64: hi", R"("AGgAaQ==")"));
    CHECK(agent_matches("userAgent|utf16|base64: hi", R"("//5oAGkA")"));
    CHECK(agent_matches("userAgent|utf16le|base64: hi", R"("aABpAA==")"));
    CHECK(error_of("userAgent|base64: a*b").starts_with("8:27: 'base64' cannot take wildcards"));
    CHECK(error_of("userAgent|base64offset: a?")
              .starts_with("8:33: 'base64offset' cannot take wildcards"));
    CHECK(error_of("userAgent|base64offset: ''") ==
          "8:33: the value is too short for 'base64offset'");
}

TEST_CASE("wide text keeps its wildcards at the ends and refuses unclear ones inside") {
    CHECK(agent_matches("userAgent|wide|contains: hi", R"("xh\u0000i\u0000x")"));
    CHECK(error_of("userAgent|utf16|contains: a*b")
              .starts_with("8:35: wide text cannot have wildcards inside"));
}

TEST_CASE("windash accepts every dash in front of a word") {
    for (const char* dash : {"-", "/", "–", "—", "―"}) {
        CHECK(agent_matches("userAgent|windash|contains: ' -exec'",
                            R"("cmd )" + std::string(dash) + R"(exec x")"));
    }
    CHECK_FALSE(agent_matches("userAgent|windash|contains: ' -exec'", R"("cmd +exec x")"));
    CHECK(agent_matches("userAgent|contains|windash: '-a*-b'", R"("/a x /b")"));
    CHECK(error_of("userAgent|windash: -a -b -c -d") ==
          "8:28: more than three option dashes in one value");
}

TEST_CASE("cidr is for addresses inside a block") {
    CHECK(matches("sourceIPAddress|cidr: 10.0.0.0/8", R"({"sourceIPAddress":"10.1.2.3"})"));
    CHECK_FALSE(matches("sourceIPAddress|cidr: 10.0.0.0/8", R"({"sourceIPAddress":"11.1.2.3"})"));
    CHECK_FALSE(matches("sourceIPAddress|cidr: 0.0.0.0/0",
                        R"({"sourceIPAddress":"cloudtrail.amazonaws.com"})"));
    CHECK(matches("sourceIPAddress|cidr: ['10.0.0.0/8', '2001:db8::/32']",
                  R"({"sourceIPAddress":"2001:db8::1"})"));
    CHECK(error_of("sourceIPAddress|cidr: 10.0.0.1/8")
              .starts_with("8:31: '10.0.0.1/8' is not an address block"));
    CHECK(error_of("sourceIPAddress|cidr: 10.0.0.0/33")
              .starts_with("8:31: '10.0.0.0/33' is not an address block"));
    CHECK(error_of("sourceIPAddress|contains|cidr: 10.0.0.0/8") ==
          "8:34: modifier 'cidr' must come first");
}

TEST_CASE("an item compares with one bound; a second one is never left out in silence") {
    CHECK(error_of("bytes|gt|lt: 5") ==
          "8:18: one item compares with one bound (write the field twice: field|gt: 1 and "
          "field|lt: 9)");
    CHECK(error_of("eventTime|hour|gte|lte: [1, 5]").starts_with("8:28: one item compares"));
}

TEST_CASE("exists asks whether the field is there, null or not") {
    CHECK(agent_matches("userAgent|exists: true", "null"));
    CHECK(agent_matches("userAgent|exists: yes", R"("")"));
    CHECK_FALSE(matches("userAgent|exists: true", "{}"));
    CHECK(matches("userAgent|exists: false", "{}"));
    CHECK_FALSE(agent_matches("userAgent|exists: no", "null"));
    CHECK(error_of("userAgent|exists: 'true'") ==
          "8:27: modifier 'exists' cannot be applied to text (remove the quotes)");
    CHECK(error_of("userAgent|exists: [yes, no]") == "8:19: 'exists' takes one yes or no");
    CHECK(error_of("userAgent|contains|exists: a") == "8:28: modifier 'exists' must come first");
}

TEST_CASE("numbers are compared by value") {
    const auto port = [](std::string_view items, std::string_view value) {
        return matches(items, R"({"requestParameters":{"port":)" + std::string(value) + "}}");
    };
    CHECK(port("requestParameters.port|gt: 22", "23"));
    CHECK_FALSE(port("requestParameters.port|gt: 22", "22"));
    CHECK(port("requestParameters.port|gte: 22", "22.0"));
    CHECK(port("requestParameters.port|lt: 22.5", "22"));
    CHECK(port("requestParameters.port|lte: -1", R"("-1")"));
    CHECK_FALSE(port("requestParameters.port|lt: 22", R"("x")"));
    CHECK(port("requestParameters.port|gt: [5, 100]", "50"));
    CHECK(port("requestParameters.port: 22", R"("22")"));
    CHECK(port("requestParameters.port: 22", "22.0"));
    CHECK(error_of("a|gt: '5'") ==
          "8:15: modifier 'gt' cannot be applied to text (remove the quotes)");
    CHECK(error_of("a|lt: null") == "8:15: modifier 'lt' cannot be applied to nothing");
}

TEST_CASE("fieldref compares with another field") {
    const std::string record =
        R"({"userAgent":"Bob","userIdentity":{"userName":"bob","arn":"arn:aws:iam::1:user/bob"}})";
    CHECK(matches("userAgent|fieldref: userIdentity.userName", record));
    CHECK(matches("userIdentity.arn|fieldref|endswith: userAgent", record));
    CHECK(matches("userIdentity.arn|fieldref|contains: userAgent", record));
    CHECK_FALSE(matches("userIdentity.arn|fieldref|startswith: userAgent", record));
    CHECK_FALSE(matches("userAgent|fieldref|cased: userIdentity.userName", record));
    CHECK_FALSE(matches("userAgent|fieldref: nosuch", record));
    CHECK(matches("userAgent|fieldref|neq: userIdentity.arn", record));
    CHECK(error_of("a|contains|fieldref: b").find("write fieldref first") != std::string::npos);
    CHECK(error_of("a|fieldref: ''") == "8:21: 'fieldref' needs the name of a field");
}

TEST_CASE("expand without values refuses the rule, an escaped percent sign is itself") {
    CHECK(error_of("userAgent|expand: 'x%admins%y'") ==
          "8:27: placeholder %admins% has no values: there is no list 'admins' "
          "(give the list with --lists)");
    CHECK(agent_matches(R"(userAgent|expand: '100\% sure*')", R"("100% sure of it")"));
    CHECK(agent_matches("userAgent|expand: '100%'", R"("100%")"));
}

TEST_CASE("parts of the time are taken in UTC and may be compared") {
    const std::string record = R"({"eventTime":"2024-07-31T23:29:16Z"})";
    CHECK(matches("eventTime|hour: 23", record));
    CHECK(matches("eventTime|minute: [28, 29]", record));
    CHECK(matches("eventTime|day: 31", record));
    CHECK(matches("eventTime|week: 31", record));
    CHECK(matches("eventTime|month: 7", record));
    CHECK(matches("eventTime|year: 2024", record));
    CHECK(matches("eventTime|hour|gte: 22", record));
    CHECK_FALSE(matches("eventTime|hour|lt: 23", record));
    CHECK(error_of("eventTime|hour: '5'") ==
          "8:25: modifier 'hour' cannot be applied to text (remove the quotes)");
    CHECK(error_of("eventTime|hour|minute: 5") ==
          "8:24: only one part of the time can be compared");
}

TEST_CASE("every modifier has a sentence in both languages and a name of its own") {
    for (const auto& modifier : rule::sigma::modifiers()) {
        CHECK_FALSE(modifier.sentence.english.empty());
        CHECK_FALSE(modifier.sentence.japanese.empty());
        CHECK(rule::sigma::find_modifier(modifier.name) == &modifier);
    }
}
