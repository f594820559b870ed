#include "pipeline/identity_set.h"

#include <string>

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::pipeline;

namespace {

Hash128 id(int i) {
    return hash128("event " + std::to_string(i));
}

}  // namespace

TEST_CASE("an identity is new once") {
    IdentitySet seen;
    for (int i = 0; i < 10'000; ++i) CHECK(seen.insert(id(i)));
    for (int i = 0; i < 10'000; ++i) CHECK_FALSE(seen.insert(id(i)));
    CHECK(seen.forgotten() == 0);
}

TEST_CASE("expecting an identity changes nothing") {
    IdentitySet seen;
    for (int i = 0; i < 10'000; ++i) {
        seen.expect(id(i));
        seen.expect(id(i / 2));
        REQUIRE(seen.insert(id(i)));
        REQUIRE_FALSE(seen.insert(id(i / 2)));
    }
}

TEST_CASE("a full set forgets its oldest half and says so") {
    IdentitySet seen(6400);
    for (int i = 0; i < 20'000; ++i) seen.insert(id(i));
    CHECK(seen.forgotten() > 0);
    CHECK_FALSE(seen.insert(id(19'999)));
    CHECK(seen.insert(id(0)));
}

// Were the places of a crowd looked through one by one, this would take a minute.
TEST_CASE("identities that crowd are seen, too") {
    IdentitySet seen;
    constexpr uint64_t kCrowd = 190'000;
    for (uint64_t i = 1; i <= kCrowd; ++i) REQUIRE(seen.insert({i << 44, 0}));
    for (uint64_t i = 1; i <= kCrowd; ++i) REQUIRE_FALSE(seen.insert({i << 44, 0}));
    CHECK(seen.forgotten() == 0);
}
