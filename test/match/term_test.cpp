// What terms are worth, and predicates that ask about them.
#include "match/term.h"

#include <doctest/doctest.h>

#include "match/fixture.h"

using namespace yagura;
using namespace yagura::match;
using K = Term::Kind;

namespace {

Term literal(std::string_view value) {
    Term out;
    out.text = value;
    return out;
}
Term of(K kind, std::string_view text, std::vector<Term> terms = {}) {
    Term out;
    out.kind = kind;
    out.text = text;
    out.terms = std::move(terms);
    return out;
}
Term at(Term from, std::vector<Term::Step> path) {
    Term out = of(K::at, "", {std::move(from)});
    out.path = std::move(path);
    return out;
}

// The value of a term for a record, "(absent)" when it has none.
std::string value_of(const Term& term, std::string_view json) {
    event::Dictionary dictionary(kFields);
    event::FieldPlan plan(dictionary);
    for_each_field(term, [&](const std::string& name) { plan.want(name); });
    plan.freeze();
    event::Event event;
    event.reset(plan);
    event.time = from_micros(1'722'479'356'012'345);
    event.ordinal = 6;
    const event::PaddedText text(json);
    event::JsonDocument document;
    uint32_t place = 0;
    REQUIRE(!document.index(text.view()));
    REQUIRE(!walk_record(document, place, event));
    return term_text(term, event).value_or("(absent)");
}

constexpr std::string_view kRecord =
    R"({"a":"x\/y","n":5,"b":[1,"two",{"c": null}],"o":{"k":{"v":[10,{"name":"q","z":"\u00e9"}]},"e":""},"nil":null})";

}  // namespace

TEST_CASE("a field's term is its first value as text") {
    CHECK(value_of(of(K::field, "a"), kRecord) == "x/y");
    CHECK(value_of(of(K::field, "n"), kRecord) == "5");
    CHECK(value_of(of(K::field, "b"), kRecord) == R"([1,"two",{"c":null}])");
    CHECK(value_of(of(K::field, "nil"), kRecord) == "(absent)");
    CHECK(value_of(of(K::field, "missing"), kRecord) == "(absent)");
    CHECK(value_of(of(K::record, ""), kRecord) == kRecord);
}

TEST_CASE("a path leads through objects and arrays of one value") {
    const Term o = of(K::field, "o");
    CHECK(value_of(at(o, {{"k", {}}, {"v", {}}, {"0", {}}}), kRecord) == "10");
    CHECK(value_of(at(o, {{"k", {}}, {"v", {}}, {"name", "q"}, {"z", {}}}), kRecord) == "é");
    CHECK(value_of(at(o, {{"k", {}}, {"v", {}}, {"2", {}}}), kRecord) == "(absent)");
    CHECK(value_of(at(o, {{"k", {}}, {"v", {}}, {"name", {}}}), kRecord) == "(absent)");
    CHECK(value_of(at(o, {{"e", {}}}), kRecord) == "");
    CHECK(value_of(at(of(K::field, "b"), {{"2", {}}, {"c", {}}}), kRecord) == "(absent)");
    CHECK(value_of(at(of(K::field, "a"), {{"x", {}}}), kRecord) == "(absent)");
}

TEST_CASE("broken JSON text costs a path nothing but its value") {
    for (const std::string_view json : {"",
                                        "{",
                                        "{\"a",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "[",
                                        "[1",
                                        "[1,",
                                        "{\"a\\",
                                        "{\"a\":{\"b\":",
                                        "]",
                                        "{]}",
                                        "[[[["}) {
        CAPTURE(json);
        CHECK_FALSE(json_at(json, {{"a", {}}, {"b", {}}}));
        CHECK_FALSE(json_at(json, {{"7", {}}}));
    }
}

TEST_CASE("texts are cut and joined") {
    const Term a = of(K::field, "a");
    CHECK(value_of(of(K::base_name, "", {a}), kRecord) == "y");
    CHECK(value_of(of(K::upper, "", {a}), kRecord) == "X/Y");
    CHECK(value_of(of(K::lower, "", {literal("ÄB")}), kRecord) == "Äb");
    CHECK(value_of(of(K::base64, "", {literal("aGk=")}), kRecord) == "hi");
    CHECK(value_of(of(K::base64, "", {literal("a?k=")}), kRecord) == "(absent)");
    CHECK(value_of(of(K::length, "", {a}), kRecord) == "3");
    CHECK(value_of(of(K::count, "", {of(K::each, "b")}), kRecord) == "3");
    CHECK(value_of(of(K::without_end, ".com", {literal("x.com")}), kRecord) == "x");
    CHECK(value_of(of(K::without_end, ".com", {literal(".com")}), kRecord) == ".com");
    CHECK(value_of(of(K::concat, "", {literal("s3://"), a}), kRecord) == "s3://x/y");
    CHECK(value_of(of(K::concat, "", {literal("s3://"), of(K::field, "nil")}), kRecord) ==
          "(absent)");
    CHECK(value_of(of(K::join, ",", {of(K::each, "b")}), kRecord) == R"(1,two,{"c":null})");
    CHECK(value_of(of(K::sum, "", {of(K::field, "n"), of(K::field, "nil"), literal("7")}),
                   kRecord) == "12");
    CHECK(value_of(of(K::sum, "", {of(K::field, "nil")}), kRecord) == "(absent)");
    Term part = of(K::part, "/", {a});
    part.parts = 2;
    part.index = 1;
    CHECK(value_of(part, kRecord) == "y");
    part.parts = 3;
    CHECK(value_of(part, kRecord) == "(absent)");
}

TEST_CASE("a term may depend on another") {
    const Term a = of(K::field, "a");
    CHECK(value_of(of(K::first, "", {of(K::field, "nil"), a, literal("z")}), kRecord) == "x/y");
    CHECK(value_of(of(K::when, "5", {of(K::field, "n"), a}), kRecord) == "x/y");
    CHECK(value_of(of(K::when, "6", {of(K::field, "n"), a}), kRecord) == "(absent)");
}

TEST_CASE("the event's own time and place are terms") {
    CHECK(value_of(of(K::event_time, ""), kRecord) == "02:29:16.012345000");
    CHECK(value_of(of(K::event_time, "date"), kRecord) == "2024-08-01");
    CHECK(value_of(of(K::event_time, "s"), kRecord) == "1722479356");
    CHECK(value_of(of(K::event_time, "ns"), kRecord) == "1722479356012345000");
    CHECK(value_of(of(K::ordinal, ""), kRecord) == "7");
}

TEST_CASE("predicates ask about terms like about fields") {
    const auto holds_for =
        [](Op op, std::vector<Operand> operands, std::vector<Term> terms, bool every = false) {
            Predicate predicate = cased(ask("", op, std::move(operands)));
            predicate.terms = std::move(terms);
            predicate.every = every;
            return matches(kRecord, predicate);
        };
    const Term b = of(K::each, "b");
    CHECK(holds_for(Op::equals, {text("two")}, {b}));
    CHECK_FALSE(holds_for(Op::equals, {text("two")}, {b}, true));
    CHECK(holds_for(Op::contains, {text("")}, {b}, true));
    CHECK_FALSE(holds_for(Op::contains, {text("")}, {of(K::each, "nil")}, true));
    CHECK(holds_for(Op::equals, {}, {literal("5"), of(K::field, "n")}));
    CHECK(holds_for(Op::greater, {}, {literal("6"), of(K::field, "n")}));
    CHECK_FALSE(holds_for(Op::text_less, {}, {literal("6"), of(K::field, "n")}));
    CHECK(holds_for(Op::present, {}, {of(K::field, "a")}));
    CHECK(holds_for(Op::null, {}, {of(K::field, "nil")}));
}

TEST_CASE("texts compare by their bytes") {
    CHECK(matches(R"({"n":"10"})", cased(ask("n", Op::text_less, {text("9")}))));
    CHECK_FALSE(matches(R"({"n":"9"})", cased(ask("n", Op::text_less, {text("9")}))));
    CHECK(matches(R"({"n":"9"})", cased(ask("n", Op::text_less_equal, {text("9")}))));
    CHECK(matches(R"({"n":"b"})", cased(ask("n", Op::text_greater, {text("B")}))));
    CHECK(matches(R"({"n":""})", cased(ask("n", Op::text_greater_equal, {text("")}))));
    CHECK_FALSE(matches(R"({"n":null})", cased(ask("n", Op::text_greater_equal, {text("")}))));
}
