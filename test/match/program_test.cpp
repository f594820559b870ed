// Conditions, log sources and the bookkeeping around rules.
#include <doctest/doctest.h>

#include "match/fixture.h"

using namespace yagura;
using namespace yagura::match;

namespace {

using Hits = std::vector<uint32_t>;

Predicate name_is(std::string_view name) {
    return ask("eventName", Op::equals, {text(name)});
}

Hits both(Bench& bench) {
    const Hits slow = bench.slow();
    CHECK(bench.fast() == slow);
    return slow;
}

}  // namespace

TEST_CASE("conditions combine predicates as written") {
    const std::vector<Predicate> two = {name_is("A"), ask("eventSource", Op::equals, {text("s")})};
    Bench bench({rule_of(two, all({holds(0), holds(1)})),
                 rule_of(two, any({holds(0), holds(1)})),
                 rule_of(two, all({holds(1), negation(holds(0))})),
                 rule_of(two, negation(any({holds(0), holds(1)}))),
                 rule_of(two, constant(true)),
                 rule_of(two, constant(false)),
                 rule_of(two, all({})),
                 rule_of(two, any({})),
                 rule_of(two, negation(negation(holds(0))))});
    REQUIRE(bench.read(R"({"eventName":"A","eventSource":"s"})"));
    CHECK(both(bench) == Hits{0, 1, 4, 6, 8});
    REQUIRE(bench.read(R"({"eventName":"B","eventSource":"s"})"));
    CHECK(both(bench) == Hits{1, 2, 4, 6});
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    CHECK(both(bench) == Hits{1, 4, 6, 8});
    REQUIRE(bench.read(R"({"x":1})"));
    CHECK(both(bench) == Hits{3, 4, 6});
}

TEST_CASE(
    "a condition deeper than the limit is false, in both evaluators, without overflowing a stack") {
    Condition deep = holds(0);
    for (uint32_t i = 0; i < kMaxConditionDepth; ++i) deep = all({std::move(deep)});
    Condition deeper = all({deep});
    Bench bench({rule_of({name_is("A")}, deep), rule_of({name_is("A")}, deeper)});
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    CHECK(both(bench) == Hits{0});
}

TEST_CASE("a condition of many levels is planned in time proportional to its size") {
    const std::vector<Predicate> two = {name_is("A"), ask("eventSource", Op::equals, {text("s")})};
    Condition deep = holds(0);
    for (uint32_t i = 0; i < kMaxConditionDepth; ++i) {
        deep = i % 2 == 0 ? all({std::move(deep), any({holds(0), holds(1)})})
                          : any({std::move(deep), all({holds(0), holds(1)})});
    }
    Bench bench({rule_of(two, deep)});  // twice the work per level would never end
    REQUIRE(bench.read(R"({"eventName":"A","eventSource":"s"})"));
    CHECK(both(bench) == Hits{0});
}

TEST_CASE("what the witness has told is not forgotten when it was another") {
    const std::vector<Predicate> three = {
        name_is("A"), name_is("B"), ask("eventSource", Op::equals, {text("s")})};
    Bench bench({rule_of(three, all({any({holds(0), holds(1)}), holds(2)})),
                 rule_of(three, all({holds(0), holds(2)})),
                 rule_of(three, any({holds(0), holds(1)})),
                 rule_of(three, any({all({holds(0), negation(holds(2))}), holds(1)}))});
    REQUIRE(bench.read(R"({"eventName":"A","eventSource":"s"})"));
    CHECK(both(bench) == Hits{0, 1, 2});
    REQUIRE(bench.read(R"({"eventName":"B","eventSource":"t"})"));
    CHECK(both(bench) == Hits{2, 3});
    REQUIRE(bench.read(R"({"eventName":"A","eventSource":"t"})"));
    CHECK(both(bench) == Hits{2, 3});
    REQUIRE(bench.read(R"({"eventName":["A","B"]})"));
    CHECK(both(bench) == Hits{2, 3});
    REQUIRE(bench.read(R"({"eventSource":"s"})"));
    CHECK(both(bench).empty());
}

TEST_CASE("a condition that points at no predicate is false") {
    Bench bench({rule_of({name_is("A")}, holds(7)),
                 rule_of({name_is("A")}, join(Condition::Kind::negation, {}))});
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    CHECK(both(bench).empty());
}

TEST_CASE("rules about other logs are not in the program, and hits keep the caller's numbering") {
    std::vector<Rule> rules(4, rule_of({name_is("A")}, holds(0)));
    rules[0].source = {"azure", "", ""};
    rules[1].source = {"aws", "small", ""};
    rules[2].source = {"AWS", "", "trail"};
    rules[3].source = {"aws", "other", ""};
    Bench bench(std::move(rules));
    CHECK(bench.program().rule_count() == 2);
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    CHECK(both(bench) == Hits{1, 2});
}

TEST_CASE("hits are appended to what the caller already has") {
    Bench bench({rule_of({name_is("A")}, holds(0))});
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    CHECK(bench.fast({9, 3}) == Hits{9, 3, 0});
}

TEST_CASE("no rules, no hits") {
    Bench bench(std::vector<Rule>{});
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    CHECK(both(bench).empty());
}

TEST_CASE("levels are named and read back, short forms too") {
    for (const Level level :
         {Level::informational, Level::low, Level::medium, Level::high, Level::critical}) {
        CHECK(level_from_name(level_name(level)) == level);
    }
    CHECK(level_from_name("info") == Level::informational);
    CHECK(level_from_name("crit") == Level::critical);
    CHECK(level_from_name("MED") == Level::medium);
    CHECK_FALSE(level_from_name("severe"));
    CHECK_FALSE(level_from_name(""));
}
