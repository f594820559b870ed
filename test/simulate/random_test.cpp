#include "simulate/random.h"

#include <array>
#include <regex>

#include <doctest/doctest.h>

using namespace yagura::simulate;

TEST_CASE("the same seed gives the same numbers, for ever") {
    Random random(0);
    CHECK(random.next() == 0xE220A8397B1DCDAFULL);  // first value of SplitMix64 seeded with 0
    CHECK(random.next() == 0x6E789E6AA1B965F4ULL);
}

TEST_CASE("forks depend on the seed and the name only") {
    Random used(7);
    used.next();
    CHECK(Random(7).fork("a").next() == Random(7).fork("a").next());
    CHECK(Random(7).fork("a").next() != Random(7).fork("b").next());
    CHECK(Random(7).fork("a").next() != Random(8).fork("a").next());
}

TEST_CASE("numbers stay inside their bounds and reach both ends") {
    Random random(3);
    bool low = false, high = false;
    for (int i = 0; i < 1'000; ++i) {
        const auto number = random.between(-2, 2);
        CHECK(number >= -2);
        CHECK(number <= 2);
        low |= number == -2;
        high |= number == 2;
        CHECK(random.zipf(5) < 5);
        CHECK(random.unit() < 1);
        CHECK(random.exponential(2) >= 0);
    }
    CHECK(low);
    CHECK(high);
}

TEST_CASE("Zipf prefers the first") {
    Random random(4);
    std::array<int, 10> seen{};
    for (int i = 0; i < 10'000; ++i) ++seen[random.zipf(10)];
    CHECK(seen[0] > 2 * seen[2]);
    CHECK(seen[9] > 0);
}

TEST_CASE("arrivals have the mean they were asked for") {
    Random random(5);
    for (const double mean : {0.5, 4.0, 100.0}) {
        double sum = 0;
        for (int i = 0; i < 20'000; ++i) sum += static_cast<double>(random.poisson(mean));
        CHECK(sum / 20'000 == doctest::Approx(mean).epsilon(0.05));
    }
}

TEST_CASE("identifiers look like AWS's") {
    Random random(6);
    std::string uuid, key, hex;
    append_uuid(uuid, random);
    append_base32(key, random, 16);
    append_hex(hex, random, 17);
    CHECK(std::regex_match(
        uuid, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
    CHECK(std::regex_match(key, std::regex("[A-Z2-7]{16}")));
    CHECK(std::regex_match(hex, std::regex("[0-9a-f]{17}")));
}
