#include "detect/first_seen.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "base/hash.h"
#include "detect/made.h"
#include "support/folder.h"

using namespace yagura;
using namespace yagura::detect;

namespace {

constexpr int64_t kSecond = 1'000'000;

match::FirstSeen new_value(int64_t history, int64_t learning) {
    match::FirstSeen made;
    made.info.id = "new-value";
    made.rules = {0};
    made.fields = {"value"};
    made.history = history * kSecond;
    made.learning = learning * kSecond;
    return made;
}

Row row(int64_t time, const std::string& value, const std::string& user = "alice") {
    static uint64_t id = 0;
    return {time, 0, {{"user", user}, {"value", value}}, ++id};
}

}  // namespace

TEST_CASE("what was not there within the history is told") {
    Made made;
    made.first_seen = {new_value(10, 0)};
    CHECK(made.run({row(0, "a"), row(5, "a"), row(14, "a"), row(24, "a"), row(25, "b")}).lines ==
          Lines{"0 a 1", "24 a 1", "25 b 1"});
}

TEST_CASE("a rule learns from its first match for its learning period") {
    Made made;
    made.first_seen = {new_value(1000, 10)};
    CHECK(made.run({row(100, "a"), row(109, "b"), row(110, "c"), row(111, "a")}).lines ==
          Lines{"110 c 1"});
}

TEST_CASE("about an entity that is new itself nothing is told") {
    Made made;
    made.first_seen = {new_value(1000, 0)};
    made.first_seen[0].fields = {"user", "value"};
    made.first_seen[0].entity = {"user"};
    made.first_seen[0].entity_age = 10 * kSecond;
    CHECK(made.run({row(0, "a"), row(9, "b"), row(10, "c"), row(11, "d", "bob")}).lines ==
          Lines{"10 alice c 1"});
}

TEST_CASE("an event without one of the fields is not looked at") {
    Made made;
    made.first_seen = {new_value(1000, 0)};
    Row bare = row(3, "x");
    bare.fields.erase("value");
    CHECK(made.run({bare, row(5, "a")}).lines == Lines{"5 a 1"});
}

TEST_CASE("arrival does not change what is new") {
    Made made;
    made.first_seen = {new_value(20, 5)};
    std::vector<Row> rows;
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i)
        rows.push_back(row(random() % 300, std::to_string(random() % 30)));
    const Lines told = made.run(rows).lines;
    CHECK(told.size() > 20);
    for (int i = 0; i < 5; ++i) {
        std::shuffle(rows.begin(), rows.end(), random);
        made.workers = 1 + random() % 4;
        CHECK(made.run(rows).lines == told);
    }
}

TEST_CASE("the memory survives in a file, and warm-up fills it") {
    Made made;
    made.first_seen = {new_value(1000, 50)};
    const Targets targets({made.rules, {}, made.first_seen});
    FirstSeenMemory memory(targets);
    const std::optional<std::string_view> a[] = {"a"};
    memory.learn(0, 10 * kSecond, a, {});
    const test::Folder folder;
    const auto file = folder / "state";
    REQUIRE(memory.save(file));

    FirstSeenMemory loaded(targets);
    REQUIRE(loaded.load(file));
    CHECK(loaded.encode() == memory.encode());
    made.memory = &loaded;
    CHECK(made.run({row(100, "a"), row(101, "b")}).lines == Lines{"101 b 1"});

    // Of another rule nothing is taken up; a missing file is an empty memory.
    Made other = made;
    other.first_seen[0].fields = {"user"};
    const Targets others({other.rules, {}, other.first_seen});
    FirstSeenMemory fresh(others);
    REQUIRE(fresh.load(file));
    CHECK(fresh.tuples() == 0);
    CHECK(fresh.load(file.string() + ".missing"));
}

TEST_CASE("a rule remembers no more than it may, and says what it forgot") {
    Made made;
    made.first_seen = {new_value(0, 0)};
    const Targets targets({made.rules, {}, made.first_seen});
    FirstSeenMemory memory(targets, 100);
    made.memory = &memory;
    std::vector<Row> rows;
    for (int i = 0; i < 500; ++i) rows.push_back(row(i, std::to_string(i)));
    const Told told = made.run(rows);
    CHECK(told.lines.size() == 500);
    CHECK(memory.tuples() <= 100);
    CHECK(told.counts.forgotten >= 400);
}

TEST_CASE("a damaged state file is refused and changes nothing") {
    Made made;
    made.first_seen = {new_value(1000, 0)};
    const Targets targets({made.rules, {}, made.first_seen});
    FirstSeenMemory memory(targets);
    for (int i = 0; i < 50; ++i) {
        const std::string text = std::to_string(i);
        const std::optional<std::string_view> value[] = {text};
        memory.learn(0, i * kSecond, value, {});
    }
    const std::string good = memory.encode();
    FirstSeenMemory fresh(targets);
    REQUIRE(fresh.decode(good, "state"));
    CHECK(fresh.tuples() == 50);

    std::mt19937 random(5);
    for (int round = 0; round < 2000; ++round) {
        std::string bad = good;
        if (random() % 3 == 0) {
            bad.resize(random() % bad.size());
        } else {
            bad[random() % bad.size()] ^= static_cast<char>(1 + random() % 255);
        }
        FirstSeenMemory victim(targets);
        REQUIRE_FALSE(victim.decode(bad, "state"));
        REQUIRE(victim.tuples() == 0);
    }
}

TEST_CASE("lengths that lie are refused even when the checksum is right") {
    Made made;
    made.first_seen = {new_value(1000, 0)};
    const Targets targets({made.rules, {}, made.first_seen});
    FirstSeenMemory memory(targets);
    std::string bytes = memory.encode();
    bytes.resize(bytes.size() - 8);
    const uint64_t many = UINT64_MAX / 8;
    for (size_t at = 16; at + 8 <= bytes.size(); at += 8) {
        std::string bad = bytes;
        std::memcpy(bad.data() + at, &many, sizeof many);
        const uint64_t check = hash64(bad);
        bad.append(reinterpret_cast<const char*>(&check), sizeof check);
        FirstSeenMemory victim(targets);
        const bool is_length = at == 32 || at == 40;
        CHECK(victim.decode(bad, "state").has_value() != is_length);
    }
}

// Were the places of a crowd looked through one by one, this would take minutes.
TEST_CASE("combinations chosen for their hashes cost the memory no quadratic time") {
    TimeTable table;
    constexpr uint64_t kCrowd = 300'000;
    for (uint64_t i = 1; i <= kCrowd; ++i) table.put(i << 32 | i, static_cast<int64_t>(i));
    CHECK(table.size() == kCrowd);
    for (uint64_t i = 1; i <= kCrowd; ++i) {
        const int64_t* const time = table.find(i << 32 | i);
        REQUIRE(time);
        REQUIRE(*time == static_cast<int64_t>(i));
    }
    CHECK(table.drop_before(kCrowd / 2) == kCrowd / 2 - 1);
    CHECK(table.find(uint64_t{1} << 32 | 1) == nullptr);
}
