#include "store/hash_set.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using yagura::store::HashSet;

namespace {

// All go in once, are there, and come out once.
void check_held(std::vector<uint64_t> hashes) {
    HashSet set;
    for (int round = 0; round < 2; ++round) {
        CHECK_FALSE(set.contains(hashes[0]));
        for (const uint64_t hash : hashes) {
            if (!set.insert(hash)) FAIL_CHECK(hash << " was there before");
        }
        for (const uint64_t hash : hashes) {
            if (!set.contains(hash) || set.insert(hash)) FAIL_CHECK(hash << " is lost");
            if (set.contains(~hash)) FAIL_CHECK(~hash << " was never there");
        }
        CHECK(set.size() == hashes.size());
        auto taken = set.take();
        std::sort(taken.begin(), taken.end());
        std::sort(hashes.begin(), hashes.end());
        CHECK(taken == hashes);
        CHECK(set.size() == 0);
    }
}

}  // namespace

TEST_CASE("a set of hashes holds what was put in, once") {
    std::mt19937_64 random(5);
    std::vector<uint64_t> hashes;
    for (int i = 0; i < 100'000; ++i) hashes.push_back(random());
    check_held(hashes);
    CHECK_FALSE(HashSet().contains(1));
}

// Were the places of a crowd looked through one by one, this would take an hour.
TEST_CASE("a set of hashes holds crowds of them, among others too") {
    std::mt19937_64 random(6);
    std::vector<uint64_t> hashes;
    for (uint64_t i = 1; i <= 1'000'000; ++i) hashes.push_back(i << 20);
    for (int i = 0; i < 20'000; ++i) hashes.push_back(random() | uint64_t{1} << 63 | 1);
    std::shuffle(hashes.begin(), hashes.end(), random);
    check_held(hashes);
}
