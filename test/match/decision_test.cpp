// How conditions become chains of questions, and what is looked for first.
#include "match/decision.h"

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::match;

namespace {

Condition asks(uint32_t predicate) {
    return {.kind = Condition::Kind::predicate, .children = {}, .predicate = predicate};
}

Condition join(Condition::Kind kind, std::vector<Condition> children) {
    return {.kind = kind, .children = std::move(children)};
}

Condition all(std::vector<Condition> children) {
    return join(Condition::Kind::all, std::move(children));
}
Condition any(std::vector<Condition> children) {
    return join(Condition::Kind::any, std::move(children));
}
Condition no(Condition child) {
    return join(Condition::Kind::negation, {std::move(child)});
}

// Predicate 0 is rare and cheap, 3 is common and dear.
constexpr PredicateCost kCosts[] = {{1, 100}, {1, 400}, {20, 500}, {60, 800}};
constexpr uint32_t kIds[] = {0, 1, 2, 3};

}  // namespace

TEST_CASE("however deep alls and anys are nested, what asks the same is decided once") {
    DecisionTable table(kCosts, true);
    const uint32_t flat = table.add(all({asks(0), asks(1), no(asks(2))}), kIds);
    CHECK(table.add(all({all({asks(1), asks(0)}), no(asks(2))}), kIds) == flat);
    CHECK(table.add(all({asks(1), all({all({no(asks(2))}), asks(0)})}), kIds) == flat);
    CHECK(table.add(no(any({no(all({asks(0), asks(1)})), asks(2)})), kIds) == flat);
    CHECK(table.add(any({asks(0), asks(1), no(asks(2))}), kIds) != flat);
    CHECK(table.decisions().size() == 2);
}

TEST_CASE("the witness is what the fewest events have, and is not asked again") {
    DecisionTable table(kCosts, true);
    const Condition condition = all({asks(3), all({asks(0), asks(2)})});
    const Witness witness = table.witness(condition, kIds);
    CHECK_FALSE(witness.open);
    CHECK(witness.predicates == std::vector<uint32_t>{0});
    table.add(condition, kIds);
    CHECK(table.decisions()[0].witness.predicates == witness.predicates);
    for (const Step& step : table.steps()) CHECK(step.predicate != 0);
    CHECK(table.steps().size() == 2);
}

TEST_CASE("of questions that cost the same the one that settles more is asked first") {
    DecisionTable table(kCosts, false);
    const auto first_of = [&](const Condition& condition) {
        return table.steps()[table.decisions()[table.add(condition, kIds)].start].predicate;
    };
    CHECK(first_of(all({asks(0), asks(1)})) == 0);
    CHECK(first_of(any({asks(0), asks(1)})) == 1);
    CHECK(first_of(all({no(asks(0)), no(asks(1))})) == 1);
    CHECK(first_of(all({asks(3), asks(2)})) == 2);
}
