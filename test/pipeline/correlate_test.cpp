#include <cstdlib>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "pipeline/made.h"
#include "pipeline/scan.h"
#include "rule/loader.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

std::string record(uint64_t id, uint64_t second, std::string_view user, std::string_view name) {
    const std::string time = time_of_day(9 * 3600 + second);
    const std::string target = fmt::format("target{}", id % 5);
    return record_of({.id = id, .name = name, .time = time, .user = user, .target = target});
}

match::Correlation burst(double count, int64_t seconds) {
    match::Correlation made;
    made.info.id = "burst";
    made.info.title = "Burst";
    made.info.level = match::Level::high;
    made.timespan = seconds * 1'000'000;
    made.thresholds = {{match::Threshold::Kind::greater_equal, count}};
    made.group_by = {"user"};
    made.references.push_back({.name = "r",
                               .rules = {0},
                               .correlations = {},
                               .group_by = {"userIdentity.userName"},
                               .value_fields = {}});
    return made;
}

// What findings are about.
std::string about(const ScanResult& result) {
    std::string out;
    const finding::StringPool& texts = result.hits.strings();
    for (const finding::Finding& finding : result.hits.findings()) {
        out += result.hits.rules()[finding.rule].rule->id;
        for (const finding::TouchedResource& one : finding.touched.most(texts))
            out += fmt::format(" {}*{}", texts.text(one.key), one.count);
        out += "\n";
    }
    return out;
}

// Everything a scan lists, as text.
std::string listed(const ScanResult& result) {
    std::string out;
    for (size_t i = 0; i < result.hits.hit_count(); ++i) {
        const finding::HitView hit = result.hits.hit(i);
        out += fmt::format("{} {} {}",
                           format_iso8601(hit.time()),
                           hit.rule->id,
                           hit.text(finding::Part::event_id));
        if (hit.correlated) {
            for (const auto& [key, value] : hit.correlated->group)
                out += fmt::format(" {}={}", key, value);
            out += fmt::format(" {}", hit.correlated->measured);
        }
        out += "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("a correlation's firing is a match with the facts of the event that decided it") {
    Folder folder;
    folder.write("b.json", record(3, 70, "ana", "ListUsers") + record(4, 75, "bo", "ListUsers"));
    folder.write("a.json", record(1, 60, "ana", "ListUsers") + record(2, 65, "ana", "ListUsers"));
    std::vector<match::Rule> rules = {rule_about("ListUsers")};
    rules[0].reports = false;
    const std::vector<match::Correlation> correlations = {burst(3, 60)};
    ScanOptions options;
    options.paths = {folder.path()};
    const auto result = scan({rules, correlations, {}}, options);
    REQUIRE(result);
    CHECK(listed(*result) == "2026-03-02T09:01:10Z burst e-3 user=ana 3\n");
    const finding::HitView hit = result->hits.hit(0);
    CHECK(hit.text(finding::Part::source_ip) == "198.51.100.7");
    CHECK(hit.object().ends_with("b.json"));
    CHECK(hit.correlated->events == std::vector<std::string>{"e-1", "e-2", "e-3"});
    CHECK(result->hits.matches() == 1);
    CHECK(about(*result) ==
          "burst AWS::IAM::User/111122223333/target1*1 AWS::IAM::User/111122223333/target2*1 "
          "AWS::IAM::User/111122223333/target3*1\n");
    // The rule it looks at is counted by rule and told nowhere.
    uint64_t tags = 0;
    for (const finding::RuleTally& tally : result->hits.rules())
        if (tally.only_tags) tags += tally.count;
    CHECK(tags == 4);
    CHECK(result->correlations.signals == 4);
}

TEST_CASE("workers, files and the room for signals do not change what fires") {
    Folder folder;
    for (int file = 0; file < 12; ++file) {
        std::string text;
        for (int i = 0; i < 40; ++i) {
            const int id = file * 40 + i;
            text += record(id, (id * 37) % 3600, "user-" + std::to_string(id % 7), "ListUsers");
        }
        folder.write(fmt::format("{:02}.json", file), text);
    }
    const std::vector<match::Rule> rules = {rule_about("ListUsers")};
    const std::vector<match::Correlation> correlations = {burst(4, 120), burst(9, 600)};
    ScanOptions one;
    one.paths = {folder.path()};
    one.workers.threads = 1;
    ScanOptions many = one;
    many.workers.threads = 4;
    ScanOptions spilled = many;
    spilled.correlation.max_signals = 7;
    const auto first = scan({rules, correlations, {}}, one);
    const auto second = scan({rules, correlations, {}}, many);
    const auto third = scan({rules, correlations, {}}, spilled);
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(third);
    CHECK(first->correlations.firings > 10);
    CHECK(listed(*first) == listed(*second));
    CHECK(listed(*first) == listed(*third));
    CHECK(about(*first) == about(*second));
    CHECK(about(*first) == about(*third));
}

TEST_CASE("a first-seen rule remembers from one scan to the next") {
    Folder folder, state;
    folder.write("a.json", record(1, 0, "ana", "ListUsers") + record(2, 10, "bo", "ListUsers"));
    const std::vector<match::Rule> rules = {rule_about("ListUsers")};
    std::vector<match::FirstSeen> first_seen(1);
    first_seen[0].info.id = "new-user";
    first_seen[0].info.level = match::Level::medium;
    first_seen[0].rules = {0};
    first_seen[0].fields = {"userIdentity.userName"};
    first_seen[0].learning = 5'000'000;
    ScanOptions options;
    options.paths = {folder.path()};
    options.first_seen_state = state / "seen";
    const auto first = scan({rules, {}, first_seen}, options);
    REQUIRE(first);
    CHECK(first->correlations.firings == 1);  // bo; ana came while it learnt
    const auto second = scan({rules, {}, first_seen}, options);
    REQUIRE(second);
    CHECK(second->correlations.firings == 0);
}

TEST_CASE("public correlations run over real events, the same on one core and two") {
    const char* shared = std::getenv("YAGURA_SHARED");
    const std::filesystem::path root =
        shared ? shared : std::filesystem::path(YAGURA_SOURCE_DIR).parent_path() / "shared";
    const auto events = root / "data" / "cloudtrail";
    const auto folder = root / "data" / "rules" / "suzaku";
    if (!std::filesystem::exists(events) || !std::filesystem::exists(folder)) {
        MESSAGE("no shared data; skipped");
        return;
    }
    const auto set = rule::load_rules({.bundled = {}, .added = {folder}});
    REQUIRE(set);
    CHECK(set->correlations.size() >= 5);
    ScanOptions options;
    options.paths = {events.string()};
    options.keep_from = match::Level::informational;
    options.workers.threads = 1;
    const auto one = scan({set->rules, set->correlations, set->first_seen}, options);
    options.workers.threads = 2;
    const auto two = scan({set->rules, set->correlations, set->first_seen}, options);
    REQUIRE(one);
    REQUIRE(two);
    CHECK(one->correlations.signals > 0);
    CHECK(one->correlations.signals == two->correlations.signals);
    CHECK(listed(*one) == listed(*two));
    CHECK(about(*one) == about(*two));
}
