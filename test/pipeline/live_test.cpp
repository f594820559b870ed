// Logs that come into a lake while it is served: the same lake as one ingest of all of them,
// however they came and whatever happened meanwhile.
#include "pipeline/live.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/ingest.h"
#include "pipeline/live_compaction.h"
#include "pipeline/made.h"
#include "pipeline/sample.h"
#include "store/lake.h"
#include "store/verify.h"
#include "support/must.h"

using namespace yagura;
using namespace yagura::pipeline;
using namespace std::chrono_literals;

namespace {

using test::must;

constexpr auto kLong = 60s;  // that only a failure needs

constexpr std::string_view kRules = R"(title: Users listed
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d01
name: users_listed
level: medium
logsource: {product: aws, service: cloudtrail}
detection:
    s: {eventName: ListUsers}
    condition: s
---
title: Users listed often
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d02
level: high
correlation:
    type: event_count
    rules: [users_listed]
    group-by: [userIdentity.userName]
    timespan: 2m
    condition: {gte: 2}
    generate: true
---
title: Users listed from a new address
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d03
level: low
logsource: {product: aws, service: cloudtrail}
detection:
    s: {eventName: ListUsers}
    condition: s
x-yagura:
    first_seen:
        fields: [sourceIPAddress]
        history: 30d
        learning: 5m
)";

// Of users that hardly ever rest: one that fires when they do much, one when they do little, one
// for each session, one for each user that did much again and again.
constexpr std::string_view kLastingRules = R"(---
title: Users listed much
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d12
name: users_listed_much
level: high
correlation:
    type: event_count
    rules: [users_listed]
    group-by: [userIdentity.userName]
    timespan: 3m
    condition: {gte: 5}
    generate: true
---
title: Users listed seldom
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d13
level: high
correlation:
    type: event_count
    rules: [users_listed]
    group-by: [userIdentity.userName]
    timespan: 2m
    condition: {lte: 1}
    generate: true
---
title: A session of listing users
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d14
level: high
correlation:
    type: event_count
    rules: [users_listed]
    group-by: [userIdentity.userName]
    timespan: 5m
    window: session
    gap: 90s
    condition: {gte: 4}
    generate: true
---
title: Users listed much, again
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d15
level: high
correlation:
    type: event_count
    rules: [users_listed_much]
    group-by: [userIdentity.userName]
    timespan: 6m
    condition: {gte: 2}
)";

rule::LoadOptions rules_of(const Folder& folder) {
    rule::LoadOptions load;
    load.added = {folder / "rules"};
    return load;
}

LiveOptions live_options(const Folder& folder, const std::string& lake = "lake") {
    LiveOptions options;
    options.lake = folder / lake;
    options.watch = {folder / "logs"};
    options.rules = rules_of(folder);
    options.idle = 1h;  // decided when asked
    return options;
}

// CloudTrail records of an hour, a little out of order, as lines.
std::vector<std::string> records(uint64_t seed, uint64_t count, uint64_t users = 24) {
    std::mt19937_64 random(seed);
    std::vector<std::string> lines;
    for (uint64_t i = 0; i < count; ++i) {
        const std::string time = time_of_day(i * 3600 / count + random() % 60);
        const std::string user = fmt::format("user{}", random() % users);
        const std::string address = fmt::format("198.51.100.{}", random() % 30);
        const std::string target = fmt::format("target{}", i % 40);
        lines.push_back(record_of({.id = i,
                                   .name = random() % 3 == 0 ? "ListRoles" : "ListUsers",
                                   .time = time,
                                   .user = user,
                                   .address = address,
                                   .target = target}) +
                        "\n");
    }
    return lines;
}

std::string flow_line(uint64_t i) {
    return fmt::format("2 123456789012 eni-0a 10.0.0.{} 10.1.0.1 {} 443 6 1 40 {} {} ACCEPT OK\n",
                       i % 250,
                       1024 + i % 7,
                       1772409600 + i % 60,
                       1772409660 + i % 60);
}
constexpr std::string_view kFlowHeader =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status\n";

// Every row and finding, without what depends on the order of reading.
std::vector<std::string> contents(const std::string& folder) {
    auto lake = must(store::Lake::open(folder));
    auto snapshot = must(lake.snapshot());
    auto database = must(lake.engine());
    auto connection = must(database.connect());
    std::vector<std::string> lines;
    for (const std::string& name : snapshot.log_types()) {
        const auto segments = snapshot.segments(name);
        const logtype::LogType* type = logtype::find(name);
        auto rows = must(connection.query(fmt::format(
            "SELECT CAST(COLUMNS(* EXCLUDE (object_id, oddities)) AS VARCHAR) FROM {} t",
            snapshot.table_sql(store::schema_of(*type), segments))));
        while (must(rows.next())) {
            for (size_t row = 0; row < rows.size(); ++row) {
                std::string line = name;
                for (size_t i = 0; i < rows.columns().size(); ++i) {
                    line += '|';
                    if (!rows.column(i).is_null(row)) line += rows.column(i).text(row);
                }
                lines.push_back(std::move(line));
            }
        }
    }
    for (const store::KeptFinding& f : must(lake.catalog().findings())) {
        std::string about;
        for (const auto& one : f.resources) about += fmt::format(" {}*{}", one.key, one.count);
        lines.push_back(fmt::format("finding {} {} {} {} {} {} {}{} others*{}",
                                    f.rule_id,
                                    f.principal,
                                    f.source_ip,
                                    f.count,
                                    f.failed,
                                    to_micros(f.first),
                                    to_micros(f.last),
                                    about,
                                    f.other_resources));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::vector<std::string> ingested_at_once(const Folder& folder) {
    IngestOptions options;
    options.paths = {folder / "logs"};
    options.lake = folder / "at-once";
    options.workers.threads = 1;
    const auto rules = must(rule::load_rules(rules_of(folder)));
    must(ingest({rules.rules, rules.correlations, rules.first_seen}, options));
    return contents(folder / "at-once");
}

void check_same(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    CHECK(left.size() == right.size());
    std::vector<std::string> only_left, only_right;
    std::set_difference(
        left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only_left));
    std::set_difference(
        right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(only_right));
    CHECK_MESSAGE(only_left.empty(), only_left.front());
    CHECK_MESSAGE(only_right.empty(), only_right.front());
}

// Waits for what must come.
template <class Done>
bool wait_for(const Done& done) {
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

}  // namespace

TEST_CASE("pieces that come in any order make the lake of one ingest") {
    for (const uint64_t seed : {1u, 2u}) {
        CAPTURE(seed);
        const Folder folder;
        folder.write("rules/a.yml", kRules);
        std::mt19937_64 random(seed);
        std::vector<std::string> lines = records(seed, 400);
        // Some were there before, the rest comes in random pieces to a few files.
        folder.write("logs/before.json", lines[0] + lines[1] + lines[2]);
        folder.write("logs/flow.log", std::string(kFlowHeader) + flow_line(0));
        LiveOptions options = live_options(folder);
        options.lateness = 2h;  // nothing is late
        auto live = must(LiveIngest::start(options));
        uint64_t flows = 1;
        size_t at = 3;
        while (at < lines.size()) {
            const std::string name = fmt::format("logs/{}.json", random() % 4);
            std::string piece;
            for (size_t i = random() % 30; i > 0 && at < lines.size(); --i) piece += lines[at++];
            if (piece.empty()) continue;
            const size_t cut = random() % piece.size();
            folder.append(name, piece.substr(0, cut));
            if (random() % 4 == 0) std::this_thread::sleep_for(30ms);
            folder.append(name, piece.substr(cut));
            folder.append("logs/flow.log", flow_line(flows));
            flows++;
            if (random() % 8 == 0) {  // a restart in the middle
                live.reset();
                live = must(LiveIngest::start(options));
            }
        }
        REQUIRE(live->settle(kLong));
        CHECK(live->problem().empty());
        live.reset();
        const auto all = contents(folder / "lake");
        check_same(all, ingested_at_once(folder));
        CHECK(must(store::verify(folder / "lake")).problems.empty());
        // An ingest of the same files adds nothing.
        IngestOptions again;
        again.paths = {folder / "logs"};
        again.lake = folder / "lake";
        const auto rules = must(rule::load_rules(rules_of(folder)));
        const auto result =
            must(ingest({rules.rules, rules.correlations, rules.first_seen}, again));
        CHECK(result.totals.records_stored == 0);
        check_same(contents(folder / "lake"), all);
    }
}

TEST_CASE("what is decided as it comes is what one ingest decides") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    std::filesystem::create_directories(folder / "logs");
    LiveOptions options = live_options(folder);
    options.lateness = 2min;  // records lie a minute out of order
    auto live = must(LiveIngest::start(options));
    const std::vector<std::string> lines = records(11, 400);
    for (size_t at = 0; at < lines.size(); at += 20) {
        std::string piece;
        for (size_t i = at; i < std::min(at + 20, lines.size()); ++i) piece += lines[i];
        folder.append("logs/a.json", piece);
        CHECK(wait_for([&] {
            return live->newsroom().counters().events_total == std::min(at + 20, lines.size());
        }));
        if (at % 100 != 80) continue;
        live.reset();
        live = must(LiveIngest::start(options));
    }
    CHECK(live->newsroom().counters().findings_total > 0);
    REQUIRE(live->settle(kLong));
    live.reset();
    check_same(contents(folder / "lake"), ingested_at_once(folder));
}

TEST_CASE("groups that never rest are told once, however often it is restarted") {
    for (const uint64_t seed : {1u, 3u, 7u, 8u}) {
        CAPTURE(seed);
        const Folder folder;
        folder.write("rules/a.yml", std::string(kRules) + std::string(kLastingRules));
        std::filesystem::create_directories(folder / "logs");
        LiveOptions options = live_options(folder);
        options.lateness = 2min;  // records lie a minute out of order
        std::mt19937_64 random(seed);
        const std::vector<std::string> lines = records(seed, 400, 2 + seed % 7);
        auto live = must(LiveIngest::start(options));
        for (size_t at = 0; at < lines.size();) {
            std::string piece;
            for (size_t end = at + 1 + random() % 50; at < std::min(end, lines.size()); ++at)
                piece += lines[at];
            folder.append("logs/a.json", piece);
            CHECK(wait_for([&] { return live->newsroom().counters().events_total == at; }));
            if (random() % 3 == 0) continue;
            live.reset();
            live = must(LiveIngest::start(options));
        }
        REQUIRE(live->settle(kLong));
        live.reset();
        check_same(contents(folder / "lake"), ingested_at_once(folder));
    }
}

TEST_CASE("matches that come after their time was decided are decided with the lake's rows") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    const auto line = [](uint64_t id, uint64_t second) {
        return record_of({.id = id, .name = "ListUsers", .time = time_of_day(second)}) + "\n";
    };
    folder.write("logs/a.json", line(1, 1000) + line(3, 9000));
    LiveOptions options = live_options(folder);
    options.lateness = 1min;
    auto live = must(LiveIngest::start(options));
    REQUIRE(live->settle(kLong));
    const auto often = [&] {
        auto lake = must(store::Lake::open(folder / "lake"));
        uint64_t count = 0;
        for (const auto& finding : must(lake.catalog().findings()))
            if (finding.title == "Users listed often") count += finding.count;
        return count;
    };
    CHECK(often() == 0);
    folder.write("logs/b.json", line(4, 1020));
    REQUIRE(live->settle(kLong));
    CHECK(often() == 1);
    live.reset();
    live = must(LiveIngest::start(options));
    REQUIRE(live->settle(kLong));
    CHECK(often() == 1);
}

TEST_CASE("killed at any moment, it goes on where the lake is") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    const std::vector<std::string> lines = records(7, 300);
    std::mt19937_64 random(7);
    folder.write("logs/flow.log", kFlowHeader);
    size_t at = 0;
    for (int round = 0; round < 6; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto live = LiveIngest::start(live_options(folder));
            if (live) (*live)->settle(kLong);
            std::this_thread::sleep_for(kLong);
            ::_exit(0);
        }
        for (int i = 0; i < 10 && at < lines.size(); ++i) {
            std::string piece;
            for (int j = 0; j < 5 && at < lines.size(); ++j) piece += lines[at++];
            folder.append(fmt::format("logs/{}.json", random() % 3), piece);
            folder.append("logs/flow.log", flow_line(random() % 100));
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    for (; at < lines.size(); ++at) folder.append("logs/0.json", lines[at]);
    auto live = must(LiveIngest::start(live_options(folder)));
    REQUIRE(live->settle(kLong));
    live.reset();
    check_same(contents(folder / "lake"), ingested_at_once(folder));
    CHECK(must(store::verify(folder / "lake")).problems.empty());
}

TEST_CASE("a line becomes a row and a finding that listeners hear of") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    std::filesystem::create_directories(folder / "logs");
    auto live = must(LiveIngest::start(live_options(folder)));
    std::mutex mutex;
    std::vector<std::string> told;
    uint64_t events = 0;
    bool has_rows = false;
    const uint64_t id = live->newsroom().subscribe([&](const LiveNews& news) {
        const std::lock_guard lock(mutex);
        for (const auto& finding : news.findings) told.push_back(finding.title);
        events = news.counters.events_total;
        has_rows = has_rows || news.first_segment.has_value();
    });
    folder.append("logs/a.json", record_of({.id = 1, .name = "ListUsers"}) + "\n");
    CHECK(wait_for([&] {
        const std::lock_guard lock(mutex);
        return !told.empty() && events == 1 && has_rows;
    }));
    CHECK(told == std::vector<std::string>{"Users listed"});
    live->newsroom().unsubscribe(id);
    CHECK(live->watched().at(0).objects >= 1);
}

TEST_CASE("an edited rule is in use when reload_rules returns, and a mistake is told") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    std::filesystem::create_directories(folder / "logs");
    auto live = must(LiveIngest::start(live_options(folder)));
    std::mutex mutex;
    size_t mistakes = 0;
    live->newsroom().subscribe([&](const LiveNews& news) {
        const std::lock_guard lock(mutex);
        if (news.rules) mistakes = std::max(mistakes, news.rules->mistakes.size());
    });
    folder.write("rules/b.yml",
                 "title: Roles listed\nid: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d04\nlevel: high\n"
                 "logsource: {product: aws, service: cloudtrail}\ndetection:\n    s: {eventName: "
                 "ListRoles}\n    condition: s\n");
    live->reload_rules();
    CHECK(live->rules()->rules.size() == 3);
    folder.append("logs/a.json", record_of({.id = 1, .name = "ListRoles"}) + "\n");
    REQUIRE(live->settle(kLong));
    auto lake = must(store::Lake::open(folder / "lake"));
    CHECK(must(lake.catalog().findings()).size() == 1);
    folder.write("rules/b.yml", "title: [");
    live->reload_rules();
    CHECK(live->rules()->rules.size() == 3);
    CHECK(wait_for([&] {
        const std::lock_guard lock(mutex);
        return mistakes > 0;
    }));
}

TEST_CASE("without folders the lake stays free, and commits of others are news") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    folder.write("logs/a.json", records(3, 1)[0]);
    LiveOptions options = live_options(folder);
    options.watch.clear();
    auto live = must(LiveIngest::start(options));
    CHECK(wait_for([&] { return std::filesystem::exists(folder / "lake/catalog.sqlite"); }));
    IngestOptions other;
    other.paths = {folder / "logs"};
    other.lake = folder / "lake";
    other.writer.wait = 30s;
    const auto rules = must(rule::load_rules(rules_of(folder)));
    must(ingest({rules.rules, rules.correlations, rules.first_seen}, other));
    CHECK(wait_for([&] { return live->newsroom().counters().events_total == 1; }));
    // A job takes the writer, and gives it back.
    folder.write("more/b.json", records(4, 50)[20] + records(4, 50)[21]);
    must(live->ingest_folder(folder / "more"));
    REQUIRE(live->wait_for_job(kLong));
    CHECK(live->job()->error == "");
    CHECK(wait_for([&] { return live->newsroom().counters().events_total == 3; }));
    must(store::Writer::open(folder / "lake", {}));
    CHECK_FALSE(live->ingest_folder(folder / "nothing").has_value());
    CHECK_FALSE(live->ingest_folder(folder / "lake").has_value());
}

TEST_CASE("the sample goes as it came: the lake is as before") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    std::string text;
    for (const std::string& line : records(5, 100)) text += line;
    folder.write("logs/a.json", text);
    auto live = must(LiveIngest::start(live_options(folder)));
    REQUIRE(live->settle(kLong));
    const auto before = contents(folder / "lake");
    for (int round = 0; round < 2; ++round) {
        must(live->load_sample());
        CHECK_FALSE(live->load_sample().has_value());  // one at a time
        REQUIRE(live->wait_for_job(kLong));
        REQUIRE(live->job()->error == "");
        const auto with = contents(folder / "lake");
        CHECK(with.size() > before.size() + 10'000);
        const auto lake = must(store::Lake::open(folder / "lake"));
        must(live->remove_sample());
        REQUIRE(live->wait_for_job(kLong));
        REQUIRE(live->job()->error == "");
        check_same(contents(folder / "lake"), before);
    }
    live.reset();
    CHECK(must(store::verify(folder / "lake")).problems.empty());
    CHECK_FALSE(std::filesystem::exists(sample_folder(folder / "lake")));
}

TEST_CASE("many small segments of a day are merged in classes of size") {
    std::vector<store::Segment> segments;
    const Timestamp now = from_micros(1'800'000'000'000'000);
    for (int64_t i = 0; i < 12; ++i) {
        store::Segment segment;
        segment.id = i + 1;
        segment.log_type = "cloudtrail";
        segment.day = i < 8 ? "2026-03-02" : "2026-03-03";
        segment.rows = i == 0 ? 300'000 : 10;
        segment.changed = now - 60s;
        segments.push_back(segment);
    }
    CHECK(next_merge(segments, now, 10s).empty());  // seven small ones
    segments.push_back(segments[1]);
    segments.back().id = 20;
    const auto chosen = next_merge(segments, now, 10s);
    CHECK(chosen.size() == 8);
    CHECK(chosen.front().id == 2);
    CHECK(chosen.back().id == 20);
    CHECK(next_merge(segments, now, 120s).empty());  // too young
    for (const int level : {store::kSampleLevel, store::kFullLevel}) {
        for (auto& segment : segments) segment.level = level;
        CHECK(next_merge(segments, now, 10s).empty());
    }
}

TEST_CASE("files that were not looked at for long are forgotten, and go on where the ledger is") {
    const Folder folder;
    folder.write("rules/a.yml", kRules);
    const auto rules = std::make_shared<const CompiledRules>(
        std::make_shared<const rule::RuleSet>(must(rule::load_rules(rules_of(folder)))),
        match::Policy());
    LiveSession::Options options{.lake = folder / "lake"};
    options.most_remembered = 3;
    auto session = must(LiveSession::open(options, rules));
    const std::vector<std::string> lines = records(3, 60);
    std::vector<std::string> paths;
    for (int i = 0; i < 6; ++i)
        paths.push_back(folder.write(fmt::format("logs/{}.log", i), kFlowHeader).string());
    for (size_t at = 0; at < lines.size(); ++at) {
        const size_t file = at % 12 / 2;  // each grows twice, and then rests
        if (at % 2 == 0) folder.append(fmt::format("logs/{}.json", file), lines[at]);
        folder.append(fmt::format("logs/{}.log", file), flow_line(at));
        must(session->read(paths[file], false));
        must(session->read(folder / fmt::format("logs/{}.json", file), true));
        must(session->commit());
        CHECK(session->remembered() <= 3);
    }
    // What has not changed since it was committed is neither opened nor remembered.
    const auto late = folder.append("logs/0.log", flow_line(100)).string();
    session.reset();
    session = must(LiveSession::open(options, rules));
    std::this_thread::sleep_for(2500ms);  // so long a file counts as just changed
    must(session->read(late, true));
    must(session->commit());
    session.reset();
    session = must(LiveSession::open(options, rules));
    must(session->read(late, true));
    CHECK(session->remembered() == 0);
    folder.append("logs/0.log", flow_line(101));
    must(session->read(late, true));
    must(session->commit());
    session.reset();
    const auto rows = [](std::vector<std::string> lines_of) {
        std::erase_if(lines_of, [](const auto& line) { return line.starts_with("finding"); });
        return lines_of;
    };
    check_same(rows(contents(folder / "lake")), rows(ingested_at_once(folder)));
}
