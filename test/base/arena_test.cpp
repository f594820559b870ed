#include "base/arena.h"

#include <string>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("copies stay where they are while the arena grows") {
    Arena arena;
    const std::string_view first = arena.copy("first");
    for (int i = 0; i < 10'000; ++i) arena.copy("filling the blocks one after another");
    CHECK(first == "first");
}

TEST_CASE("a text larger than a block gets its own") {
    Arena arena;
    const std::string large(1'000'000, 'x');
    CHECK(arena.copy(large) == large);
    CHECK(arena.copy("after") == "after");
}

TEST_CASE("after a reset the arena is usable again") {
    Arena arena;
    arena.copy("before");
    arena.reset();
    CHECK(arena.copy("after") == "after");
    CHECK(arena.copy("") == "");
}
