#include "finding/string_pool.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/hash.h"

using namespace yagura::finding;

TEST_CASE("a text interned twice has one number, an appended one has its own") {
    StringPool pool;
    const StringId a = pool.intern("a");
    CHECK(a != 0);
    CHECK(pool.intern("") == 0);
    CHECK(pool.intern("a") == a);
    CHECK(pool.find("a") == a);
    CHECK(pool.find("b") == 0);
    CHECK(pool.append("a") != a);
    CHECK(pool.find("a") == a);
}

TEST_CASE("a pool that absorbs another knows all texts of both, each once") {
    StringPool ours;
    StringPool theirs;
    for (int i = 0; i < 3000; ++i) ours.intern("text " + std::to_string(i * 2));
    for (int i = 0; i < 3000; ++i) theirs.intern("text " + std::to_string(i));
    const StringId unique = theirs.append("an id");
    const auto ids = ours.absorb(std::move(theirs));
    REQUIRE(ids.size() == 3002);
    CHECK(ids[0] == 0);
    CHECK(ours.size() == 1 + 3000 + 1500 + 1);
    for (int i = 0; i < 3000; ++i) {
        const std::string text = "text " + std::to_string(i);
        CHECK(ours.find(text) == ids[static_cast<size_t>(i) + 1]);
        CHECK(ours.text(ids[static_cast<size_t>(i) + 1]) == text);
    }
    CHECK(ours.text(ids[unique]) == "an id");
    CHECK(ours.find("an id") == 0);
    CHECK(theirs.size() == 1);
    // An absorbing pool can be absorbed itself.
    StringPool last;
    const auto moved = last.absorb(std::move(ours));
    CHECK(last.text(moved[ids[unique]]) == "an id");
    CHECK(last.intern("text 7") == moved[ids[8]]);
}

// Were the places of a crowd looked through one by one, this would take minutes.
TEST_CASE("texts chosen for their hashes cost a pool no quadratic time") {
    std::vector<std::string> crowd;
    for (uint64_t number = 0; crowd.size() < 300'000; ++number) {
        std::string text = "agent " + std::to_string(number);
        if ((yagura::hash64(text) & 0xFFFFF) < 0x10000) crowd.push_back(std::move(text));
    }
    StringPool pool;
    for (const std::string& text : crowd) pool.intern(text);
    CHECK(pool.size() == 1 + crowd.size());
    StringPool other;
    for (const std::string& text : crowd) other.intern(text);
    const auto ids = pool.absorb(std::move(other));
    CHECK(pool.size() == 1 + crowd.size());
    CHECK(pool.text(ids.back()) == crowd.back());
}
