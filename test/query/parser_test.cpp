#include "query/parser.h"

#include <string>

#include <doctest/doctest.h>

#include "query/commands.h"

namespace yagura::query {
namespace {

// "line:column message" of the first note, or "" when there is none.
std::string first_note(std::string_view text) {
    const Parsed parsed = parse(text);
    if (parsed.notes.empty()) return "";
    const Diagnostic& note = parsed.notes.front();
    std::string out =
        std::to_string(note.line) + ":" + std::to_string(note.column) + " " + note.message;
    if (!note.hint.empty()) out += " | " + note.hint;
    return out;
}

const Expr& condition(const Parsed& parsed) {
    REQUIRE(parsed.query);
    return *parsed.query->commands.back().condition;
}

}  // namespace

TEST_CASE("commands are split at pipes, comments are blanks, keywords have no case") {
    const Parsed parsed =
        parse("FIELDS @timestamp, @message # | filter x = 1\n| SORT BY @timestamp DESC | Limit 25");
    REQUIRE(parsed.query);
    REQUIRE(parsed.query->commands.size() == 3);
    CHECK(parsed.query->commands[0].row->name == "fields");
    CHECK(parsed.query->commands[0].items[1].name == "@message");
    CHECK(parsed.query->commands[1].order[0].descending);
    CHECK(parsed.query->commands[2].limit == 25);
}

TEST_CASE("and binds tighter than or, not tighter than and, comparisons tighter than not") {
    const Parsed parsed = parse("filter not a = 1 and b = 2 or c = 3");
    const Expr& top = condition(parsed);
    CHECK(top.op == Op::logical_or);
    REQUIRE(top.operands.size() == 2);
    CHECK(top.operands[0]->op == Op::logical_and);
    CHECK(top.operands[0]->operands[0]->op == Op::logical_not);
    CHECK(top.operands[0]->operands[0]->operands[0]->op == Op::equal);
}

TEST_CASE("products bind tighter than sums and powers go from the right") {
    const Parsed parsed = parse("fields 1 + 2 * 3 ^ 2 ^ 2 as x");
    REQUIRE(parsed.query);
    const Expr& sum = *parsed.query->commands[0].items[0].expr;
    CHECK(sum.op == Op::add);
    CHECK(sum.operands[1]->op == Op::multiply);
    const Expr& power = *sum.operands[1]->operands[1];
    CHECK(power.op == Op::power);
    CHECK(power.operands[1]->op == Op::power);
}

TEST_CASE("field paths hold dots, indexes and back-ticks") {
    const Parsed parsed = parse("fields a.b.0.c, list[1].x, obj.`a.b`, @`tag:x`, `foo-bar`");
    REQUIRE(parsed.query);
    const auto& items = parsed.query->commands[0].items;
    CHECK(items[0].name == "a.b.0.c");
    CHECK(items[0].expr->path.size() == 4);
    CHECK(items[1].expr->path[1].index);
    CHECK(items[2].expr->path[1].name == "a.b");
    CHECK(items[3].name == "@tag:x");
    CHECK(items[4].expr->path[0].quoted);
}

TEST_CASE("an unquoted hyphen is a subtraction") {
    const Parsed parsed = parse("fields event-name");
    REQUIRE(parsed.query);
    CHECK(parsed.query->commands[0].items[0].expr->op == Op::subtract);
}

TEST_CASE("a slash after like opens a regex and elsewhere divides") {
    const Parsed parsed = parse(R"(filter a / 2 > 1 and b like /x\/y(?i)/ and c =~ /z/)");
    const Expr& top = condition(parsed);
    REQUIRE(top.operands.size() == 3);
    CHECK(top.operands[0]->operands[0]->op == Op::divide);
    CHECK(top.operands[1]->operands[1]->kind == Expr::Kind::regex);
    CHECK(top.operands[1]->operands[1]->text == "x/y(?i)");
    CHECK(top.operands[2]->op == Op::like);
}

TEST_CASE("names of unaliased columns are their text with blanks collapsed") {
    const Parsed parsed = parse("stats SUM( Fault )  / 2,\n count(*) by bin(5m)");
    REQUIRE(parsed.query);
    CHECK(parsed.query->commands[0].items[0].name == "SUM( Fault ) / 2");
    CHECK(parsed.query->commands[0].items[1].name == "count(*)");
    CHECK(parsed.query->commands[0].keys[0].name == "bin(5m)");
}

TEST_CASE("strings resolve quotes and keep other backslashes") {
    const Parsed parsed = parse(R"(filter a = "say \"hi\"" and b = 'C:\dir')");
    const Expr& top = condition(parsed);
    CHECK(top.operands[0]->operands[1]->text == "say \"hi\"");
    CHECK(top.operands[1]->operands[1]->text == "C:\\dir");
}

TEST_CASE("long chains of or stay flat and deep nesting is refused") {
    std::string chain = "filter a = 0";
    for (int i = 1; i < 3000; ++i) chain += " or a = " + std::to_string(i);
    const Parsed parsed = parse(chain);
    CHECK(condition(parsed).operands.size() == 3000);

    const std::string nested = "filter " + std::string(5000, '(') + "a" + std::string(5000, ')');
    CHECK_FALSE(parse(nested).query);
    CHECK_FALSE(parse("filter " + std::string(5000, '-') + "1 > 0").query);
    CHECK_FALSE(parse("filter " + std::string(5000, '!') + "a").query);
    std::string sum = "fields 1";
    for (int i = 0; i < 5000; ++i) sum += "+1";
    CHECK_FALSE(parse(sum).query);
}

TEST_CASE("mistakes point at their column and say what to write") {
    CHECK(first_note("fields @timestamp | fliter a = 1") ==
          "1:21 there is no command 'fliter' | did you mean 'filter'?");
    CHECK(first_note("fields a\n| sort a dsc").starts_with("2:10 'dsc' where"));
    CHECK(first_note("filter a = ").starts_with("1:12 the end of the query where"));
    CHECK(first_note("filter a = \"x").starts_with("1:12 the text is never closed"));
    CHECK(first_note("filter 日本 = “x”")
              .starts_with("1:13 '“' is not a character of the query language; write \""));
    CHECK(first_note("limit 0").starts_with("1:7 limit takes"));
    CHECK(first_note("parse @message \"a * b *\" as x")
              .starts_with("1:16 the pattern has 2 stars but 1 names follow"));
    CHECK(first_note("filter a in (SOURCE 'x' | fields a)").starts_with("1:13 subqueries"));
    CHECK(first_note("pattern @message").starts_with("1:1 pattern is part of Logs Insights"));
    CHECK(first_note("filter a = /x/").starts_with("1:12 a regular expression can only follow"));
    CHECK(first_note("fields a b").starts_with("1:10 'b' where | or the end"));
    CHECK(first_note("").starts_with("1:1 the end of the query where a command"));
    CHECK(first_note("| fields a").starts_with("1:1 '|' where a command"));
}

TEST_CASE("unquoted URLs are accepted with a warning") {
    const Parsed parsed = parse("filter referrer= http://34.250.27.141/ and method= \"GET\"");
    CHECK(condition(parsed).operands[0]->operands[1]->text == "http://34.250.27.141/");
    REQUIRE(parsed.notes.size() == 1);
    CHECK(parsed.notes[0].grade == Grade::warning);
}

TEST_CASE("parse takes globs, regular expressions, logfmt and csv") {
    Parsed parsed = parse("parse @message \"[*] *\" as kind, rest");
    REQUIRE(parsed.query);
    CHECK(parsed.query->commands[0].names == std::vector<std::string>{"kind", "rest"});
    parsed = parse("parse \"Error [*]\" cause");
    REQUIRE(parsed.query);
    CHECK_FALSE(parsed.query->commands[0].subject);
    parsed = parse("parse message /SRC=(?<src>\\S+)/");
    REQUIRE(parsed.query);
    CHECK(parsed.query->commands[0].mode == ParseMode::regex);
    parsed = parse("parse @message csv as a, b");
    REQUIRE(parsed.query);
    CHECK(parsed.query->commands[0].mode == ParseMode::csv);
}

TEST_CASE("every command has a sentence in both languages") {
    for (const CommandRow& row : commands()) {
        CHECK_MESSAGE(!row.sentence.english.empty(), row.name);
        CHECK_MESSAGE(!row.sentence.japanese.empty(), row.name);
    }
}

}  // namespace yagura::query
