// What rules cost: who is counted, and that measuring changes nothing.
#include "match/cost.h"

#include <doctest/doctest.h>

#include "match/fixture.h"

using namespace yagura;
using namespace yagura::match;

namespace {

Predicate name_is(std::string_view name) {
    return ask("eventName", Op::equals, {text(name)});
}

double sum_of(const std::vector<RuleShare>& shares) {
    double sum = 0;
    for (const RuleShare& share : shares) sum += share.nanoseconds;
    return sum;
}

}  // namespace

TEST_CASE("matching is the same whether it is measured or not") {
    const std::vector<Predicate> two = {name_is("A"), ask("sourceIPAddress", Op::null)};
    Bench bench({rule_of({name_is("A")}, holds(0)),
                 rule_of({name_is("B")}, holds(0)),
                 rule_of(two, negation(any({holds(0), holds(1)}))),
                 rule_of({ask("userIdentity.arn", Op::regex, {text("r.*t")})}, holds(0))});
    CostMeter meter(bench.program());
    for (const char* record : {R"({"eventName":"A"})",
                               R"({"eventName":"B","sourceIPAddress":"192.0.2.1"})",
                               R"({"eventName":"C","userIdentity":{"arn":"root"}})",
                               R"({"x":1})"}) {
        REQUIRE(bench.read(record));
        CHECK(bench.measured(meter) == bench.slow());
        CHECK(bench.fast() == bench.slow());
    }
    CHECK(meter.events() <= 4);  // fewer when this thread was interrupted meanwhile
}

TEST_CASE("what a match takes is shared out among all rules") {
    Bench bench({rule_of({name_is("A")}, holds(0)),
                 rule_of({name_is("A")}, holds(0)),
                 rule_of({name_is("B")}, holds(0))});
    CostMeter meter(bench.program());
    CHECK(sum_of(meter.shares()) == 0);
    REQUIRE(bench.read(R"({"eventName":"A"})"));
    for (int i = 0; i < 2000; ++i) bench.measured(meter);
    REQUIRE(meter.events() > 0);
    const auto shares = meter.shares();
    REQUIRE(shares.size() == 3);
    for (uint32_t i = 0; i < 3; ++i) CHECK(shares[i].rule == i);
    CHECK(shares[0].nanoseconds > 0);
    CHECK(shares[0].nanoseconds == shares[1].nanoseconds);  // they ask the same, together
    CHECK(shares[2].nanoseconds > 0);                       // the look at the name serves it, too
    meter.clear();
    CHECK(meter.events() == 0);
    CHECK(sum_of(meter.shares()) == 0);
}

TEST_CASE("rules about other logs are not measured") {
    Rule other = rule_of({name_is("A")}, holds(0));
    other.source.product = "elsewhere";
    Bench bench({other, rule_of({name_is("A")}, holds(0))});
    CostMeter meter(bench.program());
    const auto shares = meter.shares();
    REQUIRE(shares.size() == 1);
    CHECK(shares[0].rule == 1);
}

TEST_CASE("one event in so many is measured, at no fixed distance") {
    for (const uint32_t one_in : {1u, 2u, 32u}) {
        CostSampler sampler(one_in);
        uint32_t due = 0, distance = 0;
        std::vector<uint32_t> distances;
        constexpr uint32_t kEvents = 64'000;
        for (uint32_t i = 0; i < kEvents; ++i) {
            ++distance;
            if (!sampler.is_due()) continue;
            ++due;
            distances.push_back(std::exchange(distance, 0));
        }
        CHECK(due > kEvents / one_in * 9 / 10);
        CHECK(due <= kEvents / one_in * 11 / 10);
        std::sort(distances.begin(), distances.end());
        CHECK((distances.front() != distances.back()) == (one_in > 1));
    }
}

TEST_CASE("a rule that asks something else begins anew") {
    RuleCosts costs;
    add(costs, {{"a", {1, 10, 500}}, {"b", {7, 10, 100}}});
    add(costs, {{"a", {1, 30, 700}}, {"b", {8, 5, 50}}});
    CHECK(costs["a"].events == 40);
    CHECK(costs["a"].nanoseconds == 1200);
    CHECK(costs["b"].events == 5);
    CHECK(costs["b"].nanoseconds == 50);
}
