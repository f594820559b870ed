#include "store/seen_events.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::store;

namespace {

constexpr Timestamp kFirst{std::chrono::hours(500'000)};

const logtype::LogType& any_type() {
    return *logtype::all().front();
}

// A lake that holds `stored` in the first hour, and how often it was asked for it.
struct Lake {
    std::vector<Hash128> stored;
    int asked = 0;

    SeenEvents seen(size_t memory) {
        return SeenEvents(
            [this](const auto&, Timestamp hour, const auto& visit) -> Result<SeenEvents::Span> {
                if (hour == kFirst) {
                    ++asked;
                    for (const Hash128& identity : stored) visit(hour, identity);
                }
                return SeenEvents::Span{hour, hour + std::chrono::hours(1)};
            },
            memory);
    }
};

bool is_new(SeenEvents& seen, Timestamp time, const Hash128& identity, SeenEvents::Holds& holds) {
    const auto answer = seen.insert(any_type(), time, identity, holds);
    REQUIRE(answer.has_value());
    return *answer;
}

}  // namespace

TEST_CASE("an event is new once, in whoever's hands and whatever the lake holds") {
    Lake lake{.stored = {hash128("kept")}};
    SeenEvents seen = lake.seen(1 << 20);
    SeenEvents::Holds mine, others;
    CHECK_FALSE(is_new(seen, kFirst, hash128("kept"), mine));
    CHECK(is_new(seen, kFirst, hash128("a"), mine));
    CHECK_FALSE(is_new(seen, kFirst, hash128("a"), mine));                    // by what is held
    CHECK_FALSE(is_new(seen, kFirst, hash128("a"), others));                  // by the table of all
    CHECK(is_new(seen, kFirst + std::chrono::hours(1), hash128("a"), mine));  // another hour
    CHECK(is_new(seen, kFirst, Hash128{}, others));
    CHECK_FALSE(is_new(seen, kFirst, Hash128{}, mine));
    CHECK(lake.asked == 1);
}

TEST_CASE("an hour stays while somebody has uncommitted events in it, and no longer") {
    Lake lake;
    SeenEvents seen = lake.seen(1);  // no hour fits
    SeenEvents::Holds mine, passing;
    CHECK(is_new(seen, kFirst, hash128("a"), mine));
    for (int hour = 1; hour < 5; ++hour) {
        (void)is_new(seen, kFirst + std::chrono::hours(hour), hash128("x"), passing);
        seen.release(passing);
    }
    CHECK_FALSE(is_new(seen, kFirst, hash128("a"), mine));
    CHECK_FALSE(is_new(seen, kFirst, hash128("a"), passing));
    CHECK(lake.asked == 1);
    lake.stored = {hash128("a")};  // committed
    seen.release(mine);
    (void)is_new(seen, kFirst + std::chrono::hours(9), hash128("x"), passing);
    CHECK_FALSE(is_new(seen, kFirst, hash128("a"), mine));
    CHECK(lake.asked == 2);
}

TEST_CASE("of several threads with the same events one finds each new") {
    constexpr int kEvents = 20'000, kThreads = 4;
    Lake lake;
    SeenEvents seen = lake.seen(1 << 30);
    std::atomic<int> found = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                SeenEvents::Holds holds;
                for (int event = 0; event < kEvents; ++event) {
                    const Timestamp time = kFirst + std::chrono::minutes(event % 600);
                    const auto answer =
                        seen.insert(any_type(), time, hash128(std::to_string(event)), holds);
                    found += answer && *answer;
                    if (event % 1000 == 999) seen.release(holds);
                }
                seen.release(holds);
            });
        }
    }
    CHECK(found == kEvents);
}

// Were the places of a crowd looked through one by one, this would take minutes.
TEST_CASE("identities that crowd in an hour cost no quadratic time") {
    Lake lake;
    SeenEvents seen = lake.seen(100 << 20);
    SeenEvents::Holds holds;
    constexpr uint64_t kCrowd = 300'000;
    for (uint64_t i = 1; i <= kCrowd; ++i) REQUIRE(is_new(seen, kFirst, {7, i}, holds));
    for (uint64_t i = 1; i <= kCrowd; ++i) REQUIRE(is_new(seen, kFirst, {i << 32, 7}, holds));
    for (uint64_t i = 1; i <= kCrowd; ++i) REQUIRE_FALSE(is_new(seen, kFirst, {7, i}, holds));
    seen.release(holds);
}
