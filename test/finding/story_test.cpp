#include "finding/story.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "finding/made_hits.h"

using namespace yagura;
using namespace yagura::finding;

namespace {

HitCollector collector() {
    return HitCollector(std::make_shared<HitLimits>(Level::low, 0));
}

std::string names(const HitCollector& hits, const std::vector<Story>& stories) {
    std::string out;
    for (const Story& story : stories) out += std::string(hits.strings().text(story.entity)) + " ";
    return out;
}

}  // namespace

TEST_CASE("a graver act ranks higher") {
    MadeHits made;
    HitCollector hits = collector();
    made.add(hits, made.rule("low", Level::low), {.principal = "quiet"});
    made.add(hits, made.rule("critical", Level::critical), {.principal = "loud"});
    made.add(hits, made.rule("medium", Level::medium), {.principal = "middle"});
    hits.finish();
    CHECK(names(hits, rank(hits).principals) == "loud middle quiet ");
}

TEST_CASE("what everybody does says less than what one does alone") {
    MadeHits made;
    HitCollector hits = collector();
    const auto& common = made.rule("common", Level::high);
    const auto& rare = made.rule("rare", Level::high);
    for (int i = 0; i < 16; ++i) made.add(hits, common, {.principal = "user-" + std::to_string(i)});
    made.add(hits, rare, {.principal = "intruder"});
    hits.finish();
    const Stories stories = rank(hits);
    CHECK(hits.strings().text(stories.principals[0].entity) == "intruder");
    CHECK(stories.principals[0].score > 4 * stories.principals[1].score);
}

TEST_CASE("the same acts over more tactics rank higher") {
    MadeHits made;
    HitCollector hits = collector();
    const auto& a = made.rule("a", Level::medium, {"attack.discovery"});
    const auto& b = made.rule("b", Level::medium, {"attack.discovery"});
    const auto& c = made.rule("c", Level::medium, {"attack.discovery"});
    const auto& d = made.rule("d", Level::medium, {"attack.exfiltration"});
    made.add(hits, a, {.principal = "one-phase"});
    made.add(hits, b, {.principal = "one-phase"});
    made.add(hits, c, {.principal = "two-phases"});
    made.add(hits, d, {.principal = "two-phases"});
    hits.finish();
    CHECK(names(hits, rank(hits).principals) == "two-phases one-phase ");
}

TEST_CASE("repeating one act a thousand times weighs less than a second act") {
    MadeHits made;
    HitCollector hits = collector();
    const auto& a = made.rule("a", Level::high);
    const auto& b = made.rule("b", Level::high);
    const auto& c = made.rule("c", Level::high);
    for (uint64_t i = 0; i < 500; ++i) made.add(hits, a, {.principal = "insistent", .ordinal = i});
    made.add(hits, b, {.principal = "versatile"});
    made.add(hits, c, {.principal = "versatile"});
    hits.finish();
    CHECK(names(hits, rank(hits).principals) == "versatile insistent ");
}

TEST_CASE("principals of the same name in two accounts are two stories, an address is one") {
    MadeHits made;
    HitCollector hits = collector();
    const auto& rule = made.rule("a", Level::high);
    made.add(hits, rule, {.principal = "root", .account = "111111111111"});
    made.add(hits, rule, {.principal = "root", .account = "222222222222"});
    hits.finish();
    const Stories stories = rank(hits);
    CHECK(stories.principals.size() == 2);
    REQUIRE(stories.addresses.size() == 1);
    CHECK(stories.addresses[0].accounts.size() == 2);
    CHECK(stories.addresses[0].matches == 2);
}

TEST_CASE("a service name in place of an address is no address") {
    MadeHits made;
    HitCollector hits = collector();
    made.add(hits, made.rule("a", Level::high), {.source_ip = "cloudformation.amazonaws.com"});
    hits.finish();
    const Stories stories = rank(hits);
    CHECK(stories.addresses.empty());
    CHECK(stories.principals.size() == 1);
}

TEST_CASE("evidence comes strongest first and points to the earliest event") {
    MadeHits made;
    HitCollector hits = collector();
    const auto& low = made.rule("low", Level::low);
    const auto& high = made.rule("high", Level::high);
    made.add(hits, low, {.ordinal = 1});
    made.add(hits, high, {.seconds = 900, .error_code = "AccessDenied", .ordinal = 2});
    made.add(hits, high, {.seconds = 800, .source_ip = "192.0.2.9", .ordinal = 3});
    hits.finish();
    const Stories stories = rank(hits);
    const Story& story = stories.principals.at(0);
    REQUIRE(story.evidence.size() == 2);
    CHECK(hits.rules()[story.evidence[0].rule].rule->id == "high");
    CHECK(story.evidence[0].sample->ordinal == 3);
    CHECK(story.evidence[0].count == 2);
    CHECK(story.evidence[0].failed == 1);
    CHECK(story.highest == Level::high);
    CHECK(story.matches == 3);
    CHECK(story.counterparts.size() == 2);
}

TEST_CASE("ranking does not depend on the order of reading") {
    MadeHits made;
    std::vector<std::pair<const match::RuleInfo*, MadeEvent>> matches;
    std::vector<const match::RuleInfo*> rules;
    for (int i = 0; i < 12; ++i) {
        rules.push_back(&made.rule("rule-" + std::to_string(i),
                                   static_cast<Level>(1 + i % 4),
                                   {i % 3 ? "attack.discovery" : "attack.impact"}));
    }
    std::mt19937 random(3);
    for (uint64_t i = 0; i < 400; ++i) {
        MadeEvent event;
        event.principal = "user-" + std::to_string(random() % 9);
        event.source_ip = "198.51.100." + std::to_string(random() % 6);
        event.ordinal = i;
        matches.push_back({rules[random() % rules.size()], event});
    }
    const auto told = [&] {
        HitCollector hits = collector();
        for (const auto& [rule, event] : matches) made.add(hits, *rule, event);
        hits.finish();
        const Stories stories = rank(hits);
        std::string out = names(hits, stories.principals) + names(hits, stories.addresses);
        for (const Story& story : stories.principals) out += std::to_string(story.score) + " ";
        return out;
    };
    const std::string once = told();
    for (int i = 0; i < 3; ++i) {
        std::shuffle(matches.begin(), matches.end(), random);
        CHECK(told() == once);
    }
}

TEST_CASE("tactics come in the order of the matrix, whatever the order of tags") {
    const std::vector<std::string> tags = {"attack.impact",
                                           "attack.T1078.004",
                                           "attack.initial-access",
                                           "attack.credential_access",
                                           "cve.2024.1",
                                           "attack.t12"};
    const auto tactics = in_order(tactics_of(tags));
    REQUIRE(tactics.size() == 3);
    CHECK(tactics[0] == Tactic::initial_access);
    CHECK(tactics[1] == Tactic::credential_access);
    CHECK(tactics[2] == Tactic::impact);
    CHECK(techniques_of(tags) == std::vector<std::string>{"T1078.004"});
}

TEST_CASE("tags of later matrix versions count as defense evasion") {
    CHECK(tactics_of(std::vector<std::string>{"attack.stealth"})
              .test(static_cast<size_t>(Tactic::defense_evasion)));
    CHECK(tactics_of(std::vector<std::string>{"attack.defense-impairment"}).count() == 1);
}
