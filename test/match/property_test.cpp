// Two roads, one answer: the program against the plain walk, on generated rules and events.
#include <doctest/doctest.h>

#include "match/fixture.h"
#include "match/generate.h"

using namespace yagura;
using namespace yagura::match;

namespace {

constexpr size_t kRules = 40;
constexpr size_t kEvents = 25;

// What was compared, to see that the comparison was not about nothing.
struct Tally {
    size_t pairs = 0;
    size_t hits = 0;
};

void compare(Bench& bench, uint64_t seed, const std::string& record, Tally& tally) {
    const auto slow = bench.slow();
    const auto fast = bench.fast();
    tally.pairs += kRules;
    tally.hits += slow.size();
    if (fast == slow) return;
    CAPTURE(seed);
    CAPTURE(record);
    CHECK(fast == slow);
}

void run(uint64_t seed, logtype::Shape shape, const Tuning& tuning, bool narrow, Tally& tally) {
    Generator generator(seed, narrow);
    std::vector<std::string> records;
    for (size_t i = 0; i < kEvents; ++i) {
        records.push_back(shape == logtype::Shape::json ? generator.event() : generator.line());
    }
    std::vector<Rule> rules;
    for (size_t i = 0; i < kRules; ++i) rules.push_back(generator.rule());
    Bench bench(std::move(rules), shape, tuning);
    for (int round = 0; round < 2; ++round) {  // the second time with a memo that knows the values
        for (const std::string& record : records) {
            if (shape == logtype::Shape::json) {
                REQUIRE(bench.read(record));
            } else {
                bench.read_line(record);
            }
            compare(bench, seed, record, tally);
        }
    }
}

void run_all(uint64_t first_seed,
             size_t seeds,
             logtype::Shape shape,
             const Tuning& tuning,
             bool narrow = false) {
    Tally tally;
    for (uint64_t seed = first_seed; seed < first_seed + seeds; ++seed)
        run(seed, shape, tuning, narrow, tally);
    // Matches on a fair part of the pairs, or the generator has stopped asking anything.
    CHECK(tally.hits > tally.pairs / 20);
    CHECK(tally.hits < tally.pairs * 19 / 20);
}

}  // namespace

TEST_CASE("the program agrees with the plain walk on JSON events") {
    run_all(1, 60, logtype::Shape::json, {});
}

TEST_CASE("the program agrees with the plain walk when few fields have many operands") {
    run_all(500, 40, logtype::Shape::json, {}, true);
}

TEST_CASE("the program agrees with the plain walk on text lines") {
    run_all(1000, 30, logtype::Shape::text, {});
}

TEST_CASE("the program agrees with the plain walk without witnesses") {
    Tuning tuning;
    tuning.use_witnesses = false;
    run_all(2000, 20, logtype::Shape::json, tuning);
}

TEST_CASE(
    "the program agrees with the plain walk without a memo, and with one that forgets at once") {
    Tuning tuning;
    tuning.memo_bytes = 0;
    run_all(3000, 20, logtype::Shape::json, tuning);
    tuning.memo_bytes = 8192;
    run_all(4000, 20, logtype::Shape::json, tuning);
}
