#include "auth/throttle.h"

#include <map>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace yagura::auth {

using namespace std::chrono_literals;

namespace {

constexpr Timestamp kStart = from_micros(1'795'000'000'000'000);

// Tries until it has to wait; how often it could.
int tries(Throttle& throttle, std::string_view name, std::string_view address, Timestamp now) {
    for (int count = 0; count < 1000; ++count)
        if (throttle.begin(name, address, now) > 0s) return count;
    return 1000;
}

}  // namespace

TEST_CASE("the wait doubles with each failure up to its bound") {
    Throttle throttle({.free_by_name = 3});
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart) == 3);
    Timestamp now = kStart;
    for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s}) {
        CHECK(throttle.begin("mika", "192.0.2.1", now) == expected);
        CHECK(throttle.begin("mika", "192.0.2.1", now + expected - 1us) == 1s);
        now += expected;
        CHECK(throttle.begin("mika", "192.0.2.1", now) == 0s);
    }
}

TEST_CASE("being told to wait does not make the wait longer") {
    Throttle throttle({.free_by_name = 1});
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart) == 1);
    for (int i = 0; i < 100; ++i) CHECK(throttle.begin("mika", "192.0.2.1", kStart) == 1s);
}

TEST_CASE("a name at one address does not hold up other names or other addresses") {
    Throttle throttle({.free_by_name = 2, .free_by_address = 100});
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart) == 2);
    CHECK(throttle.begin("ken", "192.0.2.1", kStart) == 0s);
    CHECK(throttle.begin("mika", "192.0.2.2", kStart) == 0s);
}

TEST_CASE("one address trying many names has to wait for all of them") {
    Throttle throttle({.free_by_name = 5, .free_by_address = 10});
    int count = 0;
    while (throttle.begin(fmt::format("name{}", count), "192.0.2.1", kStart) == 0s) ++count;
    CHECK(count == 10);
    CHECK(throttle.begin("another", "192.0.2.1", kStart) == 1s);
    CHECK(throttle.begin("another", "192.0.2.2", kStart) == 0s);
}

TEST_CASE("addresses of one IPv6 /64 are one, those of two are two") {
    Throttle throttle({.free_by_address = 4});
    for (int i = 0; i < 4; ++i)
        CHECK(throttle.begin(fmt::format("n{}", i), fmt::format("2001:db8::{:x}", i + 1), kStart) ==
              0s);
    CHECK(throttle.begin("m", "2001:db8::ffff:1", kStart) == 1s);
    CHECK(throttle.begin("m", "2001:db8:0:1::1", kStart) == 0s);
}

TEST_CASE("success forgets the failures of the name, and its own try at the address") {
    Throttle throttle({.free_by_name = 3, .free_by_address = 5});
    for (int round = 0; round < 50; ++round) {
        CHECK(throttle.begin("mika", "192.0.2.1", kStart) == 0s);
        throttle.succeeded("mika", "192.0.2.1");
    }
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart) == 3);
}

TEST_CASE("signing in with an account of one's own does not wash away guesses at others") {
    Throttle throttle({.free_by_name = 1000, .free_by_address = 5});
    Timestamp now = kStart;
    int guesses = 0;
    for (int minute = 0; minute < 60; ++minute, now += 1min) {
        while (throttle.begin("victim", "192.0.2.1", now) == 0s) ++guesses;
        if (throttle.begin("own", "192.0.2.1", now) == 0s) throttle.succeeded("own", "192.0.2.1");
    }
    CHECK(guesses < 5 + 60);
}

TEST_CASE("failures are forgotten after a while without any") {
    Throttle throttle({.free_by_name = 2});
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart) == 2);
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart + 1h + 1s) == 2);
}

TEST_CASE("a try that found no room counts as none") {
    Throttle throttle({.free_by_name = 2});
    for (int i = 0; i < 50; ++i) {
        CHECK(throttle.begin("mika", "192.0.2.1", kStart) == 0s);
        throttle.take_back("mika", "192.0.2.1");
    }
    CHECK(tries(throttle, "mika", "192.0.2.1", kStart) == 2);
}

TEST_CASE("what is kept is bounded, and the newest stays") {
    Throttle throttle({.free_by_name = 1, .most = 100});
    for (int i = 0; i < 5000; ++i)
        throttle.begin("mika", fmt::format("10.0.{}.{}", i / 256, i % 256), kStart);
    CHECK(throttle.size() <= 100);
    CHECK(throttle.begin("mika", "10.0.19.135", kStart) == 1s);
    const std::string huge(1u << 20, 'x');
    CHECK(throttle.begin(huge, huge, kStart) == 0s);
}

TEST_CASE("trying in parallel gains nothing") {
    Throttle throttle({.free_by_name = 4});
    std::atomic<int> through{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 100; ++round)
                through += throttle.begin("mika", "192.0.2.1", kStart) == 0s ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(through == 4);
}

TEST_CASE("whatever is tried in whatever order, guesses stay within the sum of the waits") {
    std::mt19937 random(7);
    for (int run = 0; run < 50; ++run) {
        Throttle throttle({.free_by_name = 4, .free_by_address = 12});
        std::map<std::string, int> guesses;
        int all = 0;
        Timestamp now = kStart;
        for (int step = 0; step < 400; ++step) {
            now += std::chrono::milliseconds(random() % 3000);
            const std::string name = fmt::format("n{}", random() % 4);
            if (throttle.begin(name, "192.0.2.1", now) > 0s) continue;
            ++guesses[name];
            ++all;
        }
        // n failures beyond the free ones take at least 2^n - 1 seconds, until the bound of a wait.
        const auto seconds = std::chrono::duration<double>(now - kStart).count();
        const auto most = [&](int free) {
            double spent = 0, wait = 1;
            int count = free;
            for (; spent + wait <= seconds; ++count, wait = std::min(300.0, wait * 2))
                spent += wait;
            return count;
        };
        CHECK(all <= most(12));
        for (const auto& [name, count] : guesses) CHECK(count <= most(4));
    }
}

TEST_CASE("only counts that make somebody wait are worth keeping") {
    Throttle throttle({.free_by_name = 2, .free_by_address = 3});
    CHECK(throttle.begin("mika", "192.0.2.1", kStart) == 0s);
    CHECK(throttle.to_keep("mika", "192.0.2.1").empty());
    CHECK(throttle.begin("mika", "192.0.2.1", kStart) == 0s);
    auto kept = throttle.to_keep("mika", "192.0.2.1");
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].key.size() == 32);
    CHECK(kept[0].key.find("mika") == std::string::npos);
    CHECK(kept[0].failures == 2);

    Throttle later({.free_by_name = 2, .free_by_address = 3});
    later.restore(kept[0]);
    CHECK(later.begin("mika", "192.0.2.1", kStart) == 1s);
    CHECK(later.begin("ken", "192.0.2.1", kStart) == 0s);

    throttle.succeeded("mika", "192.0.2.1");
    kept = throttle.to_keep("mika", "192.0.2.1");
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].failures == 0);
    CHECK(throttle.to_keep("mika", "192.0.2.1").empty());
}

TEST_CASE("a kept wait is never longer than the longest") {
    Throttle throttle({.longest_wait = 300s});
    throttle.restore({std::string(32, 'k'), 9, kStart, kStart + 48h});
    CHECK(throttle.size() == 1);
    Throttle other({.free_by_name = 1, .longest_wait = 300s});
    CHECK(other.begin("mika", "192.0.2.1", kStart) == 0s);
    auto kept = other.to_keep("mika", "192.0.2.1");
    REQUIRE(kept.size() == 1);
    kept[0].until = kStart + 48h;
    throttle.restore(kept[0]);
    CHECK(throttle.begin("mika", "192.0.2.1", kStart) == 300s);
}

}  // namespace yagura::auth
