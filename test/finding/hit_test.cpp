#include "finding/hit.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "finding/made_hits.h"
#include "finding/totals.h"

using namespace yagura;
using namespace yagura::finding;

namespace {

struct Match {
    const match::RuleInfo* rule;
    MadeEvent event;
};

// Everything finish() promises to be independent of workers, as text.
std::string told(const HitCollector& hits) {
    std::string out;
    const auto text = [&](StringId id) { return std::string(hits.strings().text(id)); };
    for (size_t i = 0; i < hits.hit_count(); ++i) {
        const HitView hit = hits.hit(i);
        out += format_iso8601(hit.time()) + " " + hit.rule->id + " " + std::string(hit.object()) +
               "#" + std::to_string(hit.facts->ordinal) + " " +
               std::string(hit.text(Part::principal)) + "\n";
    }
    for (const RuleTally& tally : hits.rules()) {
        out += tally.rule->id + " " + std::to_string(tally.count) + " " +
               std::to_string(tally.first) + "\n";
    }
    for (const Finding& finding : hits.findings()) {
        out += hits.rules()[finding.rule].rule->id + " " + text(finding.account) + " " +
               text(finding.principal) + " " + text(finding.source_ip) + " " +
               std::to_string(finding.count) + " " + std::to_string(finding.failed);
        for (size_t i = 0; i < finding.sample_count; ++i) {
            out += " " + text(finding.samples[i].object) + "#" +
                   std::to_string(finding.samples[i].ordinal);
        }
        for (const TouchedResource& one : finding.touched.most(hits.strings()))
            out += " " + text(one.key) + "*" + std::to_string(one.count);
        out += " others*" + std::to_string(finding.touched.others()) + "\n";
    }
    for (const uint64_t count : hits.by_level()) out += std::to_string(count) + " ";
    return out;
}

std::vector<Match> many_matches(MadeHits& made, size_t count) {
    std::vector<const match::RuleInfo*> rules;
    for (int i = 0; i < 8; ++i) {
        rules.push_back(&made.rule("rule-" + std::to_string(i), static_cast<Level>(i % 5)));
    }
    std::mt19937 random(7);
    std::vector<Match> matches;
    for (size_t i = 0; i < count; ++i) {
        MadeEvent event;
        event.seconds += static_cast<int64_t>(random() % 50);
        event.principal = "user-" + std::to_string(random() % 4);
        event.source_ip = "198.51.100." + std::to_string(random() % 3);
        event.error_code = random() % 2 ? "AccessDenied" : "";
        event.object = "object-" + std::to_string(random() % 5);
        event.bucket = "bucket-" + std::to_string(random() % 60);
        event.ordinal = i;
        matches.push_back({rules[random() % rules.size()], event});
    }
    return matches;
}

std::string collect(MadeHits& made,
                    const std::vector<Match>& matches,
                    size_t workers,
                    uint64_t max_kept) {
    auto limits = std::make_shared<HitLimits>(Level::informational, max_kept);
    std::vector<HitCollector> collectors;
    for (size_t i = 0; i < workers; ++i) collectors.emplace_back(limits);
    for (size_t i = 0; i < matches.size(); ++i)
        made.add(collectors[i % workers], *matches[i].rule, matches[i].event);
    HitCollector all(limits);
    for (HitCollector& collector : collectors) all.merge(std::move(collector));
    all.finish();
    return told(all);
}

}  // namespace

TEST_CASE("a match that came to nothing is counted as failed, with an error code or without") {
    MadeHits made;
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    const match::RuleInfo& rule = made.rule("sign-in", Level::low);
    made.add(hits, rule, {.name = "ConsoleLogin"});
    made.add(hits, rule, {.name = "ConsoleLogin", .error_code = "AccessDenied"});
    auto& event = made.fill({.name = "ConsoleLogin"});
    event.set(*made.type().dictionary().find("event_outcome"),
              event::ValueView::of_string("failure"));
    hits.add(rule, event, made.type(), "a.json", 77);
    hits.finish();
    REQUIRE(hits.findings().size() == 1);
    CHECK(hits.findings()[0].count == 3);
    CHECK(hits.findings()[0].failed == 2);
}

TEST_CASE("matches of one event share its facts and keep their own rule") {
    MadeHits made;
    const auto& one = made.rule("a", Level::high);
    const auto& two = made.rule("b", Level::low);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    auto& event = made.fill({.event_id = "id-1"});
    hits.add(one, event, made.type(), "x.json", 3);
    hits.add(two, event, made.type(), "x.json", 3);
    hits.finish();
    REQUIRE(hits.hit_count() == 2);
    CHECK(hits.hit(0).facts == hits.hit(1).facts);
    CHECK(hits.hit(0).rule->id == "a");
    CHECK(hits.hit(1).rule->id == "b");
    CHECK(hits.hit(0).text(Part::event_id) == "id-1");
    CHECK(hits.hit(0).text(Part::source_ip) == "203.0.113.7");
    CHECK(hits.hit(0).object() == "x.json");
    CHECK(hits.hit(0).facts->ordinal == 3);
}

TEST_CASE("what is told does not depend on the order of matches or the number of workers") {
    MadeHits made;
    std::vector<Match> matches = many_matches(made, 800);
    const std::string once = collect(made, matches, 1, 1'000'000);
    std::mt19937 random(11);
    for (const size_t workers : {2u, 3u, 7u}) {
        std::shuffle(matches.begin(), matches.end(), random);
        CHECK(collect(made, matches, workers, 1'000'000) == once);
    }
}

TEST_CASE("when there are too many matches whole levels are given up, the same ones in any order") {
    MadeHits made;
    std::vector<Match> matches = many_matches(made, 800);
    const std::string once = collect(made, matches, 1, 300);
    std::mt19937 random(13);
    for (const size_t workers : {2u, 5u}) {
        std::shuffle(matches.begin(), matches.end(), random);
        CHECK(collect(made, matches, workers, 300) == once);
    }
    auto limits = std::make_shared<HitLimits>(Level::informational, 300);
    HitCollector hits(limits);
    for (const Match& match : matches) made.add(hits, *match.rule, match.event);
    hits.finish();
    CHECK(hits.matches() == 800);
    CHECK(hits.hit_count() <= 300);
    CHECK(limits->floor() > Level::informational);
    uint64_t at_floor = 0;
    for (size_t i = static_cast<size_t>(limits->floor()); i < kLevels; ++i)
        at_floor += hits.by_level()[i];
    CHECK(hits.hit_count() == at_floor);
    for (size_t i = 0; i < hits.hit_count(); ++i) CHECK(hits.hit(i).rule->level >= limits->floor());
}

TEST_CASE("beyond the limit at the highest level late matches are left out and counted as such") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::critical);
    auto limits = std::make_shared<HitLimits>(Level::informational, 10);
    HitCollector hits(limits);
    for (uint64_t i = 0; i < 25; ++i) made.add(hits, rule, {.ordinal = i});
    hits.finish();
    CHECK(hits.hit_count() == 10);
    CHECK(limits->left_out() == 15);
    CHECK(hits.matches() == 25);
}

TEST_CASE("the limit holds when workers keep matches before they tell") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::critical);
    constexpr uint64_t kLimit = 70'000;
    auto limits = std::make_shared<HitLimits>(Level::informational, kLimit);
    REQUIRE(limits->is_plenty());
    HitCollector all(limits);
    for (int worker = 0; worker < 3; ++worker) {
        HitCollector hits(limits);
        for (uint64_t i = 0; i < 24'000; ++i) made.add(hits, rule, {.ordinal = i});
        all.merge(std::move(hits));
    }
    all.finish(2);
    CHECK_FALSE(limits->is_plenty());
    CHECK(all.hit_count() == kLimit);
    CHECK(limits->left_out() == 2'000);
    CHECK(all.matches() == 72'000);
}

TEST_CASE("keeping nothing still counts and finds") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::high);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational, 0));
    for (uint64_t i = 0; i < 5; ++i) made.add(hits, rule, {.ordinal = i});
    hits.finish();
    CHECK(hits.hit_count() == 0);
    CHECK(hits.matches() == 5);
    REQUIRE(hits.findings().size() == 1);
    CHECK(hits.findings()[0].count == 5);
}

TEST_CASE("informational matches are counted but are no findings") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::informational);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    made.add(hits, rule, {});
    hits.finish();
    CHECK(hits.findings().empty());
    CHECK(hits.by_level()[0] == 1);
    CHECK(hits.hit_count() == 1);
}

TEST_CASE("a finding keeps its earliest three events as samples") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::high);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    for (const int64_t seconds : {50, 10, 40, 20, 30}) {
        made.add(hits, rule, {.seconds = seconds, .ordinal = static_cast<uint64_t>(seconds)});
    }
    hits.finish();
    const Finding& finding = hits.findings().at(0);
    REQUIRE(finding.sample_count == 3);
    CHECK(finding.samples[0].ordinal == 10);
    CHECK(finding.samples[1].ordinal == 20);
    CHECK(finding.samples[2].ordinal == 30);
    CHECK(finding.first == 10'000'000);
    CHECK(finding.last == 50'000'000);
}

TEST_CASE("a finding tells what its matches were about, each event's resources once a match") {
    MadeHits made;
    const auto& first = made.rule("rule-1", Level::high);
    const auto& second = made.rule("rule-2", Level::low);
    const auto& tag = made.rule("rule-3", Level::informational);
    HitCollector hits(std::make_shared<HitLimits>(Level::low));
    MadeEvent event;
    for (const char* bucket : {"logs", "backup", "logs", ""}) {
        event.bucket = bucket;
        event.ordinal = static_cast<uint64_t>(event.seconds);
        for (const auto* rule : {&first, &second, &tag}) made.add(hits, *rule, event);
        ++event.seconds;
    }
    hits.finish();
    REQUIRE(hits.findings().size() == 2);
    for (const Finding& finding : hits.findings()) {
        const auto most = finding.touched.most(hits.strings());
        REQUIRE(most.size() == 2);
        CHECK(hits.strings().text(most[0].key) == "AWS::S3::Bucket/logs");
        CHECK(most[0].count == 2);
        CHECK(hits.strings().text(most[1].key) == "AWS::S3::Bucket/backup");
        CHECK(finding.touched.others() == 0);
    }
}

TEST_CASE("the same rule by another principal, address or account is another finding") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::high);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    made.add(hits, rule, {});
    made.add(hits, rule, {.ordinal = 1});
    made.add(hits, rule, {.principal = "bob", .ordinal = 2});
    made.add(hits, rule, {.source_ip = "192.0.2.1", .ordinal = 3});
    made.add(hits, rule, {.account = "444455556666", .ordinal = 4});
    hits.finish();
    CHECK(hits.findings().size() == 4);
}

TEST_CASE("more entities than the table holds fall together and say so") {
    MadeHits made;
    const auto& rule = made.rule("a", Level::low);
    HitCollector hits(std::make_shared<HitLimits>(Level::low, 0));
    const size_t many = HitLimits::kMaxFindings + 50;
    for (size_t i = 0; i < many; ++i) {
        made.add(hits, rule, {.principal = "session-" + std::to_string(i), .ordinal = i});
    }
    hits.finish();
    CHECK(hits.findings().size() <= HitLimits::kMaxFindings + 1);
    CHECK(hits.findings_overflowed());
    uint64_t sum = 0;
    for (const Finding& finding : hits.findings()) sum += finding.count;
    CHECK(sum == many);
}

TEST_CASE("quarantine lists one row per object and reason and counts the rest") {
    Quarantine quarantine;
    quarantine.add_record("b.json", {FaultCode::bad_json, 90});
    quarantine.add_record("b.json", {FaultCode::bad_json, 12});
    quarantine.add_object("a.bin", {FaultCode::unknown_type, 0});
    CHECK(quarantine.records() == 2);
    CHECK(quarantine.objects() == 1);
    const auto parts = quarantine.parts();
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].object == "a.bin");
    CHECK(parts[0].whole_object);
    CHECK(parts[1].count == 2);
    CHECK(parts[1].offset == 12);
    for (size_t i = 0; i < Quarantine::kMaxQuarantined; ++i) {
        quarantine.add_record("c-" + std::to_string(i), {FaultCode::bad_time, 0});
    }
    CHECK(quarantine.parts().size() == Quarantine::kMaxQuarantined);
    CHECK(quarantine.unlisted() == 2);
    CHECK(quarantine.by_code().at(FaultCode::bad_time) == Quarantine::kMaxQuarantined);
}

TEST_CASE("a match decided over several events counts, is listed and makes a finding") {
    MadeHits made;
    const match::RuleInfo& rule = made.rule("burst", Level::high);
    HitCollector hits(std::make_shared<HitLimits>(Level::low));
    ToldEvent event{
        .time = 5'000'000, .ordinal = 7, .type = &made.type(), .object = "b.json", .parts = {}};
    event.parts[static_cast<size_t>(Part::principal)] = "alice";
    event.parts[static_cast<size_t>(Part::event_id)] = "id-9";
    made.add(hits, made.rule("single", Level::low), {});
    const std::vector<std::string> resources{"AWS::S3::Bucket/a", "AWS::S3::Bucket/b"};
    hits.add(
        rule, event, {.group = {{"user", "alice"}}, .measured = 12, .events = {"id-1"}}, resources);
    HitCollector total(std::make_shared<HitLimits>(Level::low));
    made.add(total, made.rule("other", Level::low), {});
    total.merge(std::move(hits));
    total.finish();
    REQUIRE(total.hit_count() == 3);
    const HitView hit = total.hit(0);  // the earliest
    CHECK(hit.rule->id == "burst");
    CHECK(hit.text(Part::principal) == "alice");
    CHECK(hit.text(Part::event_id) == "id-9");
    REQUIRE(hit.correlated);
    CHECK(hit.correlated->measured == 12);
    CHECK(hit.correlated->group.front().second == "alice");
    CHECK_FALSE(total.hit(1).correlated);
    REQUIRE(total.findings().size() == 3);
    const Finding& finding = total.findings().front();
    CHECK(total.rules()[finding.rule].rule == &rule);
    REQUIRE(finding.touched.all().size() == 2);
    CHECK(total.strings().text(finding.touched.most(total.strings())[0].key) == resources[0]);
    CHECK(finding.touched.all()[0].count == 1);
    CHECK(total.by_level()[static_cast<size_t>(Level::high)] == 1);
}

TEST_CASE("a tag is counted by rule and tells nothing else") {
    MadeHits made;
    const match::RuleInfo& rule = made.rule("base", Level::high);
    HitCollector hits(std::make_shared<HitLimits>(Level::informational));
    hits.tag(rule, from_micros(1'000'000));
    hits.tag(rule, from_micros(3'000'000));
    hits.finish();
    REQUIRE(hits.rules().size() == 1);
    CHECK(hits.rules()[0].count == 2);
    CHECK(hits.rules()[0].only_tags);
    CHECK(hits.rules()[0].last == 3'000'000);
    CHECK(hits.hit_count() == 0);
    CHECK(hits.findings().empty());
    CHECK(hits.matches() == 0);
}

TEST_CASE("totals of workers add up to those of one") {
    MadeHits made;
    ScanTotals one;
    ScanTotals halves[2];
    for (int i = 0; i < 40; ++i) {
        auto& event =
            made.fill({.seconds = 86'400 * (i % 3), .account = "acct-" + std::to_string(i % 4)});
        one.count_event(event, made.type());
        halves[i % 2].count_event(event, made.type());
    }
    ScanTotals sum = halves[0];
    sum.merge(halves[1]);
    CHECK(sum.by_account == one.by_account);
    CHECK(sum.by_day == one.by_day);
    CHECK(sum.by_log_type.at("cloudtrail") == 40);
    CHECK(sum.first == 0);
    CHECK(sum.last == 2 * 86'400'000'000);
}
