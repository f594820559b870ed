#include "rule/yaml.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "rule/yaml_scalar.h"

using namespace yagura;
using namespace yagura::rule;
using Kind = YamlNode::Kind;

namespace {

std::vector<Diagnostic> problems_of(std::string_view text) {
    Problems problems("x.yml");
    parse_yaml(text, problems);
    return problems.take();
}

std::string first_problem(std::string_view text) {
    const auto found = problems_of(text);
    return found.empty()
               ? "none"
               : fmt::format("{}:{}: {}", found[0].line, found[0].column, found[0].message);
}

YamlNode resolved(std::string_view text) {
    YamlNode node;
    node.text = text;
    resolve_plain_scalar(node);
    return node;
}

std::string spelled(std::string_view text) {
    const YamlNode node = resolved(text);
    switch (node.kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return node.number == 1 ? "yes" : "no";
        case Kind::integer:
            return "int " + node.spelling;
        case Kind::real:
            return "real " + node.spelling;
        case Kind::date:
            return "date";
        default:
            return "text";
    }
}

}  // namespace

TEST_CASE("plain scalars have the types of YAML 1.1 as PyYAML reads them") {
    // Truth: yaml.safe_load of PyYAML 6.0.3.
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "null"},
        {"~", "null"},
        {"NULL", "null"},
        {"nULL", "text"},
        {"yes", "yes"},
        {"On", "yes"},
        {"TRUE", "yes"},
        {"NO", "no"},
        {"off", "no"},
        {"y", "text"},
        {"tRue", "text"},
        {"0x10", "int 16"},
        {"010", "int 8"},
        {"089", "text"},
        {"0o10", "text"},
        {"1_000", "int 1000"},
        {"0b11", "int 3"},
        {"-5", "int -5"},
        {"+5", "int 5"},
        {"-0", "int 0"},
        {"0_", "int 0"},
        {"_1", "text"},
        {"12:30:45", "int 45045"},
        {"-12:30", "int -750"},
        {"1:99", "text"},
        {"01:30", "text"},
        {"1e3", "text"},
        {"1.0e3", "text"},
        {"1.0e+3", "real 1000"},
        {".5", "real 0.5"},
        {"-.5", "text"},
        {"5.", "real 5"},
        {"1_0.5", "real 10.5"},
        {"190:20:30.15", "real 685230.15"},
        {".inf", "real inf"},
        {"-.INF", "real -inf"},
        {".NaN", "real nan"},
        {"1.2.3", "text"},
        {"10.0.0.1", "text"},
        {"-", "text"},
        {".", "text"},
        {"+", "text"},
        {"0x", "text"},
        {"0xg", "text"},
        {"2024-07-31", "date"},
        {"2024-7-31", "text"},
        {"2024-07-31T12:29:16Z", "date"},
        {"2024-7-3 1:29:16.5 +9:00", "date"},
        {"2024-07-31 12:29", "text"},
        {"123456789012", "int 123456789012"},
        {"012345670123", "int 1402433619"},
        {"18446744073709551615", "int 18446744073709551615"},
        {"99999999999999999999", "int 99999999999999999999"},
        {"0xFFFFFFFFFFFFFFFFFF", "text"},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK(spelled(text) == expected);
    }
}

TEST_CASE("quoted and block scalars are text whatever they look like") {
    Problems problems("x.yml");
    const YamlFile file = parse_yaml("- '5'\n- \"yes\"\n- |\n  5\n- 5\n", problems);
    REQUIRE(file.documents().size() == 1);
    const auto& items = file.documents()[0].root->items;
    REQUIRE(items.size() == 4);
    CHECK(items[0]->kind == Kind::text);
    CHECK(items[1]->kind == Kind::text);
    CHECK(items[2]->kind == Kind::text);
    CHECK(items[3]->kind == Kind::integer);
}

TEST_CASE("positions count code points, also behind Japanese text and a byte order mark") {
    Problems problems("x.yml");
    const std::string_view text =
        "\xEF\xBB\xBF"
        "a: {日本: \"語 b\"}\nb: x\n";
    const YamlFile file = parse_yaml(text, problems);
    REQUIRE(problems.errors() == 0);
    const YamlNode& inner = *file.documents()[0].root->find("a");
    CHECK(inner.entries[0].key->at.column == 5);
    CHECK(inner.entries[0].value->at.column == 9);
    const Position b = file.inside(*inner.entries[0].value, std::string_view("語 ").size());
    CHECK(b.line == 1);
    CHECK(b.column == 12);
    CHECK(file.documents()[0].root->find("b")->at.line == 2);
}

TEST_CASE("positions inside text of several lines are those of the file") {
    Problems problems("x.yml");
    const YamlFile file =
        parse_yaml("a: >  # note\n    one\n    二 two\nb: one\n  two\nc: \"x\\\n  y\"\n", problems);
    REQUIRE(problems.errors() == 0);
    const YamlNode& root = *file.documents()[0].root;
    const auto place = [&](const char* key, std::string_view word) {
        const YamlNode& node = *root.find(key);
        const Position at = file.inside(node, node.text.find(word));
        return fmt::format("{}:{}", at.line, at.column);
    };
    CHECK(place("a", "one") == "2:5");
    CHECK(place("a", "two") == "3:7");
    CHECK(place("b", "two") == "5:3");
    CHECK(place("c", "y") == "6:6");  // the escape in front of it
}

TEST_CASE("a key written twice is an error where it stands, and the other documents remain") {
    Problems problems("x.yml");
    const YamlFile file = parse_yaml("a: 1\nb: 2\na: 3\n---\nc: 4\n", problems);
    const auto found = problems.take();
    REQUIRE(found.size() == 1);
    CHECK(found[0].line == 3);
    CHECK(found[0].column == 1);
    REQUIRE(file.documents().size() == 2);
    CHECK(file.documents()[0].broken);
    CHECK_FALSE(file.documents()[1].broken);
}

TEST_CASE("documents before a syntax error are kept") {
    Problems problems("x.yml");
    const YamlFile file = parse_yaml("a: 1\n---\nb: [1\n", problems);
    CHECK(problems.errors() == 1);
    CHECK(file.documents().size() == 1);
}

TEST_CASE("merge keys bring what the map does not have itself") {
    Problems problems("x.yml");
    const YamlFile file = parse_yaml("base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  y: 3\n", problems);
    REQUIRE(problems.errors() == 0);
    const YamlNode& mine = *file.documents()[0].root->find("mine");
    CHECK(mine.find("x")->text == "1");
    CHECK(mine.find("y")->text == "3");
    CHECK(mine.entries.size() == 2);
    CHECK(first_problem("a: &a 5\nb: {<<: *a}\n").starts_with("1:4: only maps"));
}

TEST_CASE("hostile files are refused with a reason") {
    CHECK(first_problem("a: !!str 5\n").starts_with("1:4: YAML tags"));
    CHECK(first_problem("a: !python/object:x {}\n").starts_with("1:4: YAML tags"));
    CHECK(first_problem("a: b\n  c: d\n").starts_with("2:4: not valid YAML"));
    CHECK(first_problem("a: 'x\n") == "1:4: this quote is never closed");
    CHECK(first_problem("a: \"x\\\"\n") == "1:4: this quote is never closed");
    CHECK(first_problem("a: 'it''s'\nb: \"\\\"\"\n") == "none");
    CHECK(first_problem("? [a]\n: b\n").starts_with("1:3: a key must be"));
    CHECK(first_problem("a: *nobody\n") == "1:4: an alias refers to an unknown anchor");
    CHECK(first_problem("a: &x [*x]\n")
              .starts_with("1:8: an alias refers to a value that contains it"));
    CHECK(first_problem("a: \"x\x04y\"\n").starts_with("1:6: control characters"));
    CHECK(first_problem(std::string_view("a: 1\nb: \0x\n", 11))
              .starts_with("2:4: control characters"));
    CHECK(first_problem("a: \xff\n").starts_with("1:4: from here on the file is not UTF-8"));
    CHECK(
        first_problem(std::string(kMaxYamlBytes + 1, ' ')).starts_with("0:0: the file is larger"));
}

TEST_CASE("nesting ends at 64 levels, however it is reached") {
    const auto nested = [](size_t levels) {
        return std::string(levels, '[') + "x" + std::string(levels, ']');
    };
    CHECK(first_problem(nested(63)) == "none");
    CHECK(first_problem(nested(64)) == "1:64: nested deeper than 64 levels");
    CHECK(first_problem(nested(100'000)) == "1:64: nested deeper than 64 levels");
    const std::string by_alias =
        "a: &a " + nested(40) + "\nb: " + std::string(30, '[') + "*a" + std::string(30, ']') + "\n";
    CHECK(first_problem(by_alias).ends_with("nested deeper than 64 levels"));
}

TEST_CASE("aliases cannot multiply a file beyond its bounds") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 8; ++i) {
        bomb += fmt::format("a{}: &a{} [", i, i);
        for (int k = 0; k < 8; ++k) bomb += fmt::format("{}*a{}", k ? ", " : "", i - 1);
        bomb += "]\n";
    }
    CHECK(first_problem(bomb).find("once aliases are followed") != std::string::npos);
    std::string many = "a: &a x\nb:\n";
    for (int i = 0; i < 65; ++i) many += "- *a\n";
    CHECK(first_problem(many) == "67:3: more than 64 aliases");
    std::string wide = "a:\n";
    for (int i = 0; i < 100'001; ++i) wide += "- x\n";
    CHECK(first_problem(wide).find("100000 values") != std::string::npos);
}

TEST_CASE("line breaks of Windows and of Unicode do not move positions") {
    Problems problems("x.yml");
    const std::string_view text = "a: 1\r\nb:\r\n  - \"x\xE2\x80\xA8y\" # \xC2\x85\r\n  - z\r\n";
    const YamlFile file = parse_yaml(text, problems);
    REQUIRE(problems.errors() == 0);
    const YamlNode& list = *file.documents()[0].root->find("b");
    REQUIRE(list.items.size() == 2);
    CHECK(list.items[0]->at.line == 3);
    CHECK(list.items[0]->at.column == 5);
    CHECK(list.items[1]->at.line == 4);
    CHECK(list.items[1]->at.column == 5);
    CHECK(text.substr(list.items[1]->offset, 1) == "z");
}

TEST_CASE("no text at all is a file without documents") {
    rule::Problems problems("x.yml");
    CHECK(rule::parse_yaml(std::string_view(), problems).documents().empty());
    CHECK(problems.errors() == 0);
}
