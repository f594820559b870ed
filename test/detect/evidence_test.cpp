#include "detect/evidence.h"

#include <doctest/doctest.h>

#include "detect/group_table.h"

using namespace yagura;
using namespace yagura::detect;

namespace {

finding::ToldEvent event_of(std::string_view id, uint64_t ordinal) {
    finding::ToldEvent event{.time = static_cast<int64_t>(ordinal) * 10,
                             .ordinal = ordinal,
                             .type = logtype::all().back(),
                             .object = "a.json",
                             .parts = {}};
    event.parts[static_cast<size_t>(finding::Part::event_id)] = id;
    return event;
}

}  // namespace

TEST_CASE("evidence comes back from memory and from the file") {
    EvidenceLog log(1);  // everything but the last block goes to the file
    constexpr finding::Part wanted[] = {finding::Part::event_id, finding::Part::region};
    std::vector<uint64_t> places;
    const std::string filler(3000, 'x');
    for (uint64_t i = 0; i < 1000; ++i) {
        const std::optional<std::string_view> alice[] = {"alice", std::nullopt};
        const std::optional<std::string_view> long_one[] = {filler};
        const KeyView keys[] = {alice, long_one};
        const std::string id = "id-" + std::to_string(i);
        finding::ToldEvent event = event_of(id, i);
        const std::string note = "note " + std::to_string(i / 3);
        event.resource_note = note;
        places.push_back(log.append(event, keys));
    }
    CHECK_FALSE(log.error());
    for (uint64_t i = 0; i < 1000; i += 37) {
        const auto back = log.read(places[i]);
        REQUIRE(back);
        CHECK(back->part(finding::Part::event_id) == "id-" + std::to_string(i));
        CHECK(back->ordinal == i);
        CHECK(back->type == logtype::all().back());
        REQUIRE(back->keys.size() == 2);
        CHECK(back->keys[0] == Key{"alice", std::nullopt});
        CHECK(back->keys[1][0] == filler);
        CHECK(back->resource_note == "note " + std::to_string(i / 3));
        CHECK(back->told().resource_note == back->resource_note);
        const auto parts = log.read_parts(places[i], wanted);
        REQUIRE(parts);
        CHECK(parts->part(finding::Part::event_id) == back->part(finding::Part::event_id));
        CHECK(parts->part(finding::Part::region).empty());
        CHECK(parts->resource_note == back->resource_note);
        CHECK(parts->type == back->type);
    }
    CHECK_FALSE(log.read_parts(log.end() + 100, wanted));
    CHECK_FALSE(log.read(log.end() + 100));
    log.forget_before(places[500]);
    CHECK_FALSE(log.read(places[0]));
    CHECK(log.read(places[500]));
    CHECK(log.read(places[999]));
}

TEST_CASE("memory of forgotten evidence serves what comes") {
    EvidenceLog log;
    const std::string filler(3000, 'x');
    const std::optional<std::string_view> key[] = {filler};
    const KeyView keys[] = {key};
    uint64_t place = 0;
    for (uint64_t i = 0; i < 5000; ++i) {
        place = log.append(event_of("id-" + std::to_string(i), i), keys);
        log.forget_before(place);
        const auto back = log.read(place);
        REQUIRE(back);
        REQUIRE(back->part(finding::Part::event_id) == "id-" + std::to_string(i));
        REQUIRE(back->keys[0][0] == filler);
    }
}

TEST_CASE("a text that stays the same is kept once, and comes back every time") {
    EvidenceLog log(1);
    const std::string agent(1000, 'u');
    std::vector<uint64_t> places;
    for (uint64_t i = 0; i < 3000; ++i) {
        const std::string id = "id-" + std::to_string(i);
        finding::ToldEvent event = event_of(id, i);
        const std::string other = "agent of " + std::to_string(i / 7);
        const bool is_other = i % 7 == 0;
        std::string_view& part = event.parts[static_cast<size_t>(finding::Part::user_agent)];
        part = is_other ? std::string_view(other) : std::string_view(agent);
        const std::optional<std::string_view> key[] = {part, ""};
        const KeyView keys[] = {key};
        places.push_back(log.append(event, keys));
        REQUIRE(log.read(places.back()));
    }
    CHECK(log.end() < 2'000'000);  // of 3.6 MB
    for (uint64_t i = 0; i < 3000; ++i) {
        const auto back = log.read(places[i]);
        REQUIRE(back);
        const std::string agent_of = i % 7 == 0 ? "agent of " + std::to_string(i / 7) : agent;
        REQUIRE(back->part(finding::Part::user_agent) == agent_of);
        REQUIRE(back->keys == std::vector<Key>{{agent_of, ""}});
    }
}

TEST_CASE("a long text is cut, not refused") {
    EvidenceLog log;
    const std::string text(1 << 20, 'y');
    const auto back = log.read(log.append(event_of(text, 1), {}));
    REQUIRE(back);
    CHECK(back->part(finding::Part::event_id).size() == EvidenceLog::kMaxText);
}

TEST_CASE("a note is kept whole or not at all") {
    EvidenceLog log;
    for (const size_t size : {finding::ResourceNotes::kMaxNote, 300'000ul}) {
        const std::string note(size, 'n');
        finding::ToldEvent event = event_of("id", 1);
        event.resource_note = note;
        const auto back = log.read(log.append(event, {}));
        REQUIRE(back);
        CHECK(back->resource_note == (size > finding::ResourceNotes::kMaxNote ? "" : note));
    }
}

TEST_CASE("groups are found, removed and come due in order") {
    GroupTable groups;
    for (uint64_t i = 1; i <= 5000; ++i) {
        const uint32_t number = groups.add(i * 0x9E3779B97F4A7C15ull);
        groups.touch(number, static_cast<int64_t>(i));
    }
    for (uint64_t i = 1; i <= 5000; i += 2) groups.remove(groups.find(i * 0x9E3779B97F4A7C15ull));
    CHECK(groups.size() == 2500);
    for (uint64_t i = 1; i <= 5000; ++i)
        REQUIRE((groups.find(i * 0x9E3779B97F4A7C15ull) != 0) == (i % 2 == 0));
    groups.touch(groups.find(2 * 0x9E3779B97F4A7C15ull), 6000);
    int64_t last = 0;
    uint32_t seen = 0;
    for (uint32_t n = groups.first_due(); n != 0; n = groups[n].next, ++seen) {
        REQUIRE(groups[n].due >= last);
        last = groups[n].due;
    }
    CHECK(seen == 2500);
    CHECK(last == 6000);
}

TEST_CASE("groups whose hashes share a place do not lose each other") {
    GroupTable groups;
    // Equal upper halves: the same tag and the same home.
    for (uint64_t i = 1; i <= 40; ++i) groups.touch(groups.add((uint64_t{7} << 32) | i), 1);
    for (uint64_t i = 1; i <= 40; i += 3) groups.remove(groups.find((uint64_t{7} << 32) | i));
    for (uint64_t i = 1; i <= 40; ++i)
        CHECK((groups.find((uint64_t{7} << 32) | i) != 0) == (i % 3 != 1));
}
