// Matches that are told once and counted again and again.
#include "finding/throttle.h"

#include <doctest/doctest.h>

#include "finding/made_hits.h"

using namespace yagura;
using namespace yagura::finding;

TEST_CASE("a match is told again only when its period is over, by rule and key") {
    MadeHits made;
    const auto& loud = made.rule("loud", Level::low);
    const auto& other = made.rule("other", Level::low);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    uint64_t ordinal = 0;
    const auto add = [&](const match::RuleInfo& rule, int64_t seconds, std::string principal) {
        MadeEvent event;
        event.seconds = seconds;
        event.principal = std::move(principal);
        event.ordinal = ordinal++;
        made.add(hits, rule, event);
    };
    for (const int64_t seconds : {0, 30, 59, 60, 90}) add(loud, seconds, "alice");
    add(loud, 30, "bob");
    add(other, 31, "alice");
    add(other, 32, "alice");
    hits.finish();

    const std::vector<match::Throttle> throttles{
        {.choice = {.rules = {"loud"}, .tags = {}}, .key = {"principal"}, .period = 60'000'000}};
    Throttler throttler(throttles);
    hits.retain([&](const HitView& hit) { return throttler.tells(hit); });
    std::vector<uint64_t> told;
    for (size_t i = 0; i < hits.hit_count(); ++i) told.push_back(hits.hit(i).facts->ordinal);
    CHECK(told == std::vector<uint64_t>{0, 5, 6, 7, 3});
    CHECK(throttler.held_back() == 3);
    CHECK(hits.matches() == 8);
}
