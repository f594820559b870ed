#include "match/explain.h"

#include <doctest/doctest.h>

#include "match/fixture.h"
#include "match/generate.h"

using namespace yagura;
using namespace yagura::match;

namespace {

Condition is(uint32_t predicate) {
    Condition out;
    out.kind = Condition::Kind::predicate;
    out.predicate = predicate;
    return out;
}
Condition made_of(Condition::Kind kind, std::vector<Condition> children) {
    Condition out;
    out.kind = kind;
    out.children = std::move(children);
    return out;
}

// eventName is CreateUser or DeleteTrail, and a contains "x", and not: b exists.
Rule sample_rule() {
    Rule rule;
    rule.predicates = {{"eventName", Op::equals, {text("CreateUser"), text("DeleteTrail")}},
                       {"a", Op::contains, {text("x")}},
                       {"b", Op::exists, {}}};
    rule.condition =
        made_of(Condition::Kind::all, {is(0), is(1), made_of(Condition::Kind::negation, {is(2)})});
    return rule;
}

// The explanation of one rule for one record. Owns what the explanation points into.
struct Told {
    Told(Rule asked, std::string_view record)
        : rule(std::move(asked)), type(small_log_type(logtype::Shape::json)), dictionary(kFields) {
        plan = std::make_unique<event::FieldPlan>(dictionary);
        const Rule* view = &rule;
        program = std::make_unique<Program>(type, std::span(&view, 1));
        program->want_fields(*plan);
        plan->freeze();
        bytes = event::PaddedText(record);
        event.reset(*plan);
        uint32_t at = 0;
        REQUIRE(!document.index(bytes.view()));
        REQUIRE(!walk_record(document, at, event));
        why = explain(rule, event, logtype::Shape::json);
    }
    Rule rule;
    logtype::LogType type;
    event::Dictionary dictionary;
    std::unique_ptr<event::FieldPlan> plan;
    std::unique_ptr<Program> program;
    event::PaddedText bytes;
    event::JsonDocument document;
    event::Event event;
    Explanation why;
};

}  // namespace

TEST_CASE("a match names the values that satisfied its parts") {
    const Told told(sample_rule(), R"({"eventName":"deletetrail","a":["1","yx"]})");
    CHECK(told.why.holds);
    CHECK(first_failure(told.why) == nullptr);
    const auto parts = reasons(told.why);
    REQUIRE(parts.size() == 3);
    CHECK(parts[0]->asked.value == "deletetrail");
    CHECK(parts[0]->asked.operand == 1);
    CHECK(parts[1]->asked.predicate->field == "a");
    CHECK(parts[2]->asked.outcome == Outcome::missing);  // which is what the rule wants
}

TEST_CASE("what did not match names the first part that failed, and why") {
    const Told other(sample_rule(), R"({"eventName":"CreateUsers","a":"x"})");
    CHECK(!other.why.holds);
    const Explanation* failed = first_failure(other.why);
    REQUIRE(failed != nullptr);
    CHECK(failed->asked.predicate->field == "eventName");
    CHECK(failed->asked.outcome == Outcome::differs);
    CHECK(failed->asked.values == std::vector<std::string>{"CreateUsers"});
    CHECK(failed->asked.nearest == "CreateUser");

    const Told missing(sample_rule(), R"({"eventName":"CreateUser"})");
    REQUIRE(first_failure(missing.why) != nullptr);
    CHECK(first_failure(missing.why)->asked.predicate->field == "a");
    CHECK(first_failure(missing.why)->asked.outcome == Outcome::missing);

    const Told null(sample_rule(), R"({"eventName":"CreateUser","a":null})");
    REQUIRE(first_failure(null.why) != nullptr);
    CHECK(first_failure(null.why)->asked.outcome == Outcome::null);

    const Told negated(sample_rule(), R"({"eventName":"CreateUser","a":"x","b":1})");
    REQUIRE(first_failure(negated.why) != nullptr);
    CHECK(first_failure(negated.why)->asked.predicate->field == "b");
    CHECK(first_failure(negated.why)->asked.outcome == Outcome::holds);
}

TEST_CASE("an explanation says of generated rules and events what the plain walk says") {
    size_t holds = 0;
    for (uint64_t seed = 9000; seed < 9020; ++seed) {
        Generator generator(seed);
        for (int i = 0; i < 20; ++i) {
            const std::string record = generator.event();
            Told told(generator.rule(), record);
            CAPTURE(record);
            CHECK(told.why.holds == matches_slowly(told.rule, told.event));
            CHECK((told.why.holds || told.why.decides));
            holds += told.why.holds;
        }
    }
    CHECK(holds > 20);
}

TEST_CASE("what an explanation shows of long values is cut") {
    Rule rule;
    rule.predicates = {{"a", Op::equals, {text("nothing")}}};
    rule.condition = is(0);
    const Told told(rule, R"({"a":")" + std::string(100'000, 'z') + R"("})");
    REQUIRE(told.why.asked.values.size() == 1);
    CHECK(told.why.asked.values[0].size() < kMaxShownBytes + 10);
}
