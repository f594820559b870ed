// Correlations and first-seen rules over what a lake takes in: the same answer as a scan of the
// same files, in however many parts they come.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "pipeline/ingest.h"
#include "pipeline/made.h"
#include "pipeline/scan.h"
#include "store/lake.h"
#include "support/must.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

using test::must;

std::string record(uint64_t id, uint64_t second, std::string_view user, std::string_view name) {
    const std::string time = time_of_day(second);
    const std::string target = fmt::format("target{}", id % 11);
    return record_of({.id = id, .name = name, .time = time, .user = user, .target = target}) + "\n";
}

match::Rule silent_rule_about(std::string event_name) {
    match::Rule rule = rule_about(std::move(event_name));
    rule.reports = false;
    return rule;
}

match::Correlation correlation(std::string id,
                               match::Threshold threshold,
                               int64_t seconds,
                               std::vector<uint32_t> rules,
                               std::vector<uint32_t> inner = {}) {
    match::Correlation made;
    made.info.id = made.info.title = std::move(id);
    made.info.level = match::Level::high;
    made.timespan = seconds * 1'000'000;
    made.thresholds = {threshold};
    made.group_by = {"user"};
    const std::string field = inner.empty() ? "userIdentity.userName" : "user";
    made.references.push_back({.name = "r",
                               .rules = std::move(rules),
                               .correlations = std::move(inner),
                               .group_by = {field},
                               .value_fields = {}});
    return made;
}

using Kind = match::Threshold::Kind;

struct Rules {
    std::vector<match::Rule> rules = {silent_rule_about("ListUsers"),
                                      silent_rule_about("ListRoles")};
    std::vector<match::Correlation> correlations = {
        correlation("burst", {Kind::greater_equal, 2}, 60, {0}),
        correlation("lonely", {Kind::less_equal, 1}, 400, {1}),
        correlation("bursts", {Kind::greater_equal, 2}, 3600, {}, {0}),
    };
    std::vector<match::FirstSeen> first_seen;
    Rules() {
        match::FirstSeen fresh;
        fresh.info.id = fresh.info.title = "fresh";
        fresh.info.level = match::Level::medium;
        fresh.rules = {0, 1};
        fresh.fields = {"userIdentity.userName", "eventName"};
        fresh.learning = 600'000'000;
        fresh.history = int64_t{400} * 1'000'000;
        first_seen.push_back(fresh);
    }
    detect::RulesView view() const { return {rules, correlations, first_seen}; }
};

// Files of ten minutes each: events a few seconds apart, so that windows cross every border.
std::vector<std::string> write_logs(const Folder& folder, uint64_t seed, int files) {
    std::mt19937_64 random(seed);
    std::vector<std::string> names;
    uint64_t id = 0;
    for (int file = 0; file < files; ++file) {
        std::string text;
        for (uint64_t second = 0; second < 600; second += 1 + random() % 40) {
            const std::string user = fmt::format("user{}", random() % 5);
            const char* name = random() % 3 == 0 ? "ListRoles" : "ListUsers";
            text += record(id++, static_cast<uint64_t>(file) * 600 + second, user, name);
        }
        names.push_back(folder / fmt::format("logs/{:02}.json", file));
        folder.write(fmt::format("logs/{:02}.json", file), text);
    }
    return names;
}

IngestResult ingest_into(const std::string& lake,
                         const std::vector<std::string>& paths,
                         const detect::RulesView& rules,
                         const std::atomic<bool>* stop = nullptr,
                         const match::Policy* policy = nullptr) {
    IngestOptions options;
    options.policy = policy;
    options.lake = lake;
    options.paths = paths;
    options.workers.threads = 2;
    options.workers.stop = stop;
    return must(ingest(rules, options));
}

std::string kept(const std::string& folder) {
    auto lake = must(store::Lake::open(folder));
    std::vector<std::string> lines;
    for (const store::KeptFinding& f : must(lake.catalog().findings())) {
        std::string line = fmt::format("{} {} {} {} {} {}",
                                       f.rule_id,
                                       f.account,
                                       f.principal,
                                       f.count,
                                       to_micros(f.first),
                                       to_micros(f.last));
        for (const auto& sample : f.samples) line += " " + sample.event_id;
        for (const auto& one : f.resources) line += fmt::format(" {}*{}", one.key, one.count);
        line += fmt::format(" others*{}", f.other_resources);
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string scanned(const std::vector<std::string>& paths,
                    const detect::RulesView& rules,
                    const match::Policy* policy = nullptr) {
    ScanOptions options;
    options.policy = policy;
    options.paths = paths;
    const ScanResult result = must(scan(rules, options));
    std::vector<std::string> lines;
    const finding::StringPool& texts = result.hits.strings();
    for (const finding::Finding& f : result.hits.findings()) {
        std::string line = fmt::format("{} {} {} {} {} {}",
                                       result.hits.rules()[f.rule].rule->id,
                                       texts.text(f.account),
                                       texts.text(f.principal),
                                       f.count,
                                       f.first,
                                       f.last);
        for (size_t i = 0; i < f.sample_count; ++i) {
            const auto id = f.samples[i].parts[static_cast<size_t>(finding::Part::event_id)];
            line += " " + std::string(texts.text(id));
        }
        for (const finding::TouchedResource& one : f.touched.most(texts))
            line += fmt::format(" {}*{}", texts.text(one.key), one.count);
        line += fmt::format(" others*{}", f.touched.others());
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

TEST_CASE("an ingest finds what a scan of the same files finds, and nothing the second time") {
    const Folder folder;
    const Rules rules;
    const auto logs = write_logs(folder, 1, 6);
    const std::string wanted = scanned(logs, rules.view());
    for (const char* rule : {"burst ", "lonely ", "bursts ", "fresh "})
        CHECK_MESSAGE(wanted.find(rule) != std::string::npos, rule);
    CHECK(wanted.find("AWS::IAM::User/111122223333/target") != std::string::npos);
    ingest_into(folder / "lake", logs, rules.view());
    CHECK(kept(folder / "lake") == wanted);
    ingest_into(folder / "lake", logs, rules.view());
    CHECK(kept(folder / "lake") == wanted);
}

TEST_CASE("what exceptions hold back stays held back across ingests") {
    const auto user_is = [](const char* user) {
        match::Rule scope;
        scope.predicates.push_back({.field = "userIdentity.userName",
                                    .op = match::Op::equals,
                                    .operands = {{.text = user}}});
        scope.condition.kind = match::Condition::Kind::predicate;
        return scope;
    };
    match::Policy policy;
    policy.exceptions.resize(2);
    policy.exceptions[0].choice.rules = {"listusers"};  // its events feed no window
    policy.exceptions[0].scope = user_is("user1");
    policy.exceptions[1].choice.rules = {"burst"};
    policy.exceptions[1].scope = user_is("user2");
    const Folder folder;
    const Rules rules;
    const auto logs = write_logs(folder, 9, 6);
    const std::string wanted = scanned(logs, rules.view(), &policy);
    CHECK(wanted != scanned(logs, rules.view()));
    for (const std::string& log : logs)
        ingest_into(folder / "lake", {log}, rules.view(), nullptr, &policy);
    CHECK(kept(folder / "lake") == wanted);
}

TEST_CASE("windows and memories reach across ingests") {
    for (uint64_t seed = 2; seed < 8; ++seed) {
        const Folder folder;
        const Rules rules;
        const auto logs = write_logs(folder, seed, 8);
        const std::string wanted = scanned(logs, rules.view());
        std::mt19937_64 random(seed);
        for (size_t at = 0; at < logs.size();) {
            const size_t count = std::min<size_t>(1 + random() % 3, logs.size() - at);
            ingest_into(folder / "lake",
                        {logs.begin() + static_cast<ptrdiff_t>(at),
                         logs.begin() + static_cast<ptrdiff_t>(at + count)},
                        rules.view());
            at += count;
        }
        CHECK_MESSAGE(kept(folder / "lake") == wanted, "seed " << seed);
    }
}

TEST_CASE("what findings are about is the same in a scan, and in a lake however the logs came") {
    for (uint64_t seed = 1; seed < 4; ++seed) {
        const Folder folder;
        std::mt19937_64 random(seed);
        std::vector<std::string> logs;
        uint64_t id = 0;
        for (int file = 0; file < 12; ++file) {
            std::string text;
            for (int i = 0; i < 60; ++i) {
                // Of one caller few targets, of the other more than a finding tells apart.
                const bool is_ana = random() % 2 == 0;
                const std::string target = fmt::format("target{}", random() % (is_ana ? 9 : 200));
                const std::string time = time_of_day(random() % 80'000);
                text += record_of({.id = id++,
                                   .name = random() % 3 == 0 ? "ListRoles" : "ListUsers",
                                   .time = time,
                                   .user = is_ana ? "ana" : "ben",
                                   .target = target}) +
                        "\n";
            }
            logs.push_back(folder / fmt::format("logs/{:02}.json", file));
            folder.write(fmt::format("logs/{:02}.json", file), text);
        }
        Rules rules;
        rules.rules.push_back(rule_about("ListUsers"));
        rules.rules.push_back(rule_about("ListRoles"));
        const std::string wanted = scanned(logs, rules.view());
        CHECK(wanted.find("AWS::IAM::User/111122223333/target") != std::string::npos);
        CHECK(wanted.find("others*0") != std::string::npos);
        std::shuffle(logs.begin(), logs.end(), random);
        CHECK(scanned(logs, rules.view()) == wanted);
        for (size_t at = 0; at < logs.size();) {
            const size_t count = std::min<size_t>(1 + random() % 5, logs.size() - at);
            ingest_into(folder / "lake",
                        {logs.begin() + static_cast<ptrdiff_t>(at),
                         logs.begin() + static_cast<ptrdiff_t>(at + count)},
                        rules.rules);
            at += count;
        }
        CHECK_MESSAGE(kept(folder / "lake") == scanned(logs, rules.rules), "seed " << seed);
    }
}

TEST_CASE("what an ingest left undecided is decided by the next one") {
    const Folder folder;
    const Rules rules;
    const auto logs = write_logs(folder, 9, 6);
    const std::vector<std::string> first(logs.begin(), logs.begin() + 4);
    // Without rules over several events nothing is decided, as when an ingest was killed.
    ingest_into(folder / "lake", first, rules.rules);
    CHECK(kept(folder / "lake").find("burst") == std::string::npos);
    ingest_into(folder / "lake", first, rules.view());
    CHECK(kept(folder / "lake") == scanned(first, rules.view()));
    ingest_into(folder / "lake", logs, rules.view());
    CHECK(kept(folder / "lake") == scanned(logs, rules.view()));
}

TEST_CASE("logs that come late are decided with their neighbours, and nothing is told twice") {
    const Folder folder;
    Rules rules;
    rules.first_seen.clear();
    const auto logs = write_logs(folder, 10, 3);
    folder.write("late.json",
                 record(9001, 650, "late", "ListUsers") + record(9002, 720, "late", "ListUsers"));
    folder.write("later.json", record(9003, 640, "late", "ListUsers"));
    ingest_into(folder / "lake", logs, rules.view());
    const std::string before = kept(folder / "lake");
    ingest_into(folder / "lake", {folder / "late.json"}, rules.view());
    CHECK(kept(folder / "lake") == before);
    ingest_into(folder / "lake", {folder / "later.json"}, rules.view());
    const std::string after = kept(folder / "lake");
    CHECK(after.find("burst 111122223333 late 1 ") != std::string::npos);
    CHECK(std::count(after.begin(), after.end(), '\n') ==
          std::count(before.begin(), before.end(), '\n') + 1);
}

TEST_CASE("a first-seen rule that is new to a lake learns from its rows") {
    const Folder folder;
    Rules rules;
    rules.correlations.clear();
    rules.first_seen[0].history = 0;
    rules.first_seen[0].learning = 0;
    const auto logs = write_logs(folder, 11, 2);
    ingest_into(folder / "lake", logs, rules.rules);
    // Decided without the rule, so that its rows are history.
    Rules other = rules;
    other.first_seen[0].info.id = "other";
    ingest_into(folder / "lake", logs, other.view());
    folder.write(
        "next.json",
        record(9001, 1300, "user1", "ListUsers") + record(9002, 1301, "stranger", "ListUsers"));
    ingest_into(folder / "lake", {folder / "next.json"}, rules.view());
    const std::string found = kept(folder / "lake");
    CHECK(found.find("fresh 111122223333 stranger 1 ") != std::string::npos);
    CHECK(found.find("fresh 111122223333 user1") == std::string::npos);
}

TEST_CASE("a damaged memory is learnt again from the rows") {
    const Folder folder;
    Rules rules;
    rules.first_seen[0].history = 0;
    const auto logs = write_logs(folder, 12, 3);
    ingest_into(folder / "lake", logs, rules.view());
    for (const auto& file : std::filesystem::directory_iterator(folder / "lake/first-seen"))
        std::ofstream(file.path()) << "nonsense";
    folder.write(
        "next.json",
        record(9001, 1900, "user1", "ListUsers") + record(9002, 1901, "stranger", "ListUsers"));
    ingest_into(folder / "lake", {folder / "next.json"}, rules.view());
    std::vector<std::string> all = logs;
    all.push_back(folder / "next.json");
    CHECK(kept(folder / "lake") == scanned(all, rules.view()));
}

TEST_CASE("how windows stood is forgotten with a damaged file or an edited rule") {
    Rules rules;
    rules.first_seen.clear();
    rules.correlations = {correlation("burst", {Kind::greater_equal, 3}, 60, {0})};
    // Three within a minute, then one every forty seconds: the burst holds until three come again.
    std::string before, after;
    for (const uint64_t second : {0, 10, 20}) before += record(second, second, "ana", "ListUsers");
    for (uint64_t second = 60; second < 300; second += 40)
        before += record(second, second, "ana", "ListUsers");
    for (const uint64_t second : {310, 320, 330})
        after += record(second, second, "ana", "ListUsers");
    enum class Meanwhile { nothing, damage, edit };
    for (const auto meanwhile : {Meanwhile::nothing, Meanwhile::damage, Meanwhile::edit}) {
        const Folder folder;
        folder.write("before.json", before);
        folder.write("after.json", after);
        ingest_into(folder / "lake", {folder / "before.json"}, rules.view());
        if (meanwhile == Meanwhile::damage) {
            size_t damaged = 0;
            for (const auto& file :
                 std::filesystem::directory_iterator(folder / "lake/first-seen")) {
                if (file.path().extension() != ".windows") continue;
                std::ofstream(file.path()) << "nonsense";
                ++damaged;
            }
            CHECK(damaged == 1);
        }
        Rules edited = rules;
        if (meanwhile == Meanwhile::edit) edited.correlations[0].thresholds[0].value = 2.5;
        ingest_into(folder / "lake", {folder / "after.json"}, edited.view());
        const bool is_told_again = kept(folder / "lake").find(" ana 2 ") != std::string::npos;
        CHECK(is_told_again == (meanwhile != Meanwhile::nothing));
    }
}

TEST_CASE("an ingest that was stopped leaves the deciding to the next one") {
    const Folder folder;
    const Rules rules;
    const auto logs = write_logs(folder, 13, 3);
    const std::atomic<bool> stop = true;
    CHECK(ingest_into(folder / "lake", logs, rules.view(), &stop).stopped);
    CHECK(kept(folder / "lake").empty());
    ingest_into(folder / "lake", logs, rules.view());
    CHECK(kept(folder / "lake") == scanned(logs, rules.view()));
}

TEST_CASE("a scan lets first-seen rules learn from a lake, and remember in a file") {
    const Folder folder;
    Rules rules;
    rules.correlations.clear();
    rules.first_seen[0].history = 0;
    const auto logs = write_logs(folder, 14, 3);
    ingest_into(folder / "lake", logs, rules.rules);
    folder.write(
        "next.json",
        record(9001, 1900, "user1", "ListUsers") + record(9002, 1901, "stranger", "ListUsers"));
    folder.write(
        "third.json",
        record(9003, 2000, "stranger", "ListUsers") + record(9004, 2001, "another", "ListUsers"));
    const auto fresh = [&](const std::string& path, bool with_lake) {
        ScanOptions options;
        options.paths = {path};
        options.first_seen_state = folder / "state";
        if (with_lake) options.first_seen_lake = folder / "lake";
        const ScanResult result = must(scan(rules.view(), options));
        std::string who;
        for (size_t i = 0; i < result.hits.hit_count(); ++i)
            who += fmt::format("{} ", result.hits.hit(i).text(finding::Part::user_name));
        return who;
    };
    CHECK(fresh(folder / "next.json", true) == "stranger ");
    CHECK(fresh(folder / "third.json", false) == "another ");
    std::filesystem::remove(folder / "state");
    CHECK(fresh(folder / "next.json", false).empty());  // it has only begun to learn
}
