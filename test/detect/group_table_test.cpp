#include "detect/group_table.h"

#include <doctest/doctest.h>

using namespace yagura::detect;

// Were the places of a crowd looked through one by one, this would take minutes.
TEST_CASE("groups chosen for their hashes are found, and go, in no quadratic time") {
    constexpr uint64_t kCrowd = 300'000;
    const auto hash_of = [](uint64_t i) { return i << 52 | i >> 12 << 8; };
    GroupTable table;
    for (uint64_t i = 1; i <= kCrowd; ++i) {
        REQUIRE(table.find(hash_of(i)) == 0);
        table.touch(table.add(hash_of(i)), static_cast<int64_t>(i));
    }
    for (uint64_t i = 1; i <= kCrowd; ++i)
        REQUIRE(table[table.find(hash_of(i))].hash == hash_of(i));
    while (table.size() > kCrowd / 2) table.remove(table.first_due());
    CHECK(table.find(hash_of(1)) == 0);
    CHECK(table[table.first_due()].hash == hash_of(kCrowd / 2 + 1));
    for (uint64_t i = kCrowd / 2 + 1; i <= kCrowd; ++i) REQUIRE(table.find(hash_of(i)) != 0);
}
