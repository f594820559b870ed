// Correlations over logs that overlap in time with what a lake holds: decided from the signals kept
// of its rows, with the answer that asking the rows again gives.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/hash.h"
#include "detect/first_seen.h"
#include "pipeline/ingest.h"
#include "pipeline/made.h"
#include "pipeline/scan.h"
#include "sqlite/database.h"
#include "store/compact.h"
#include "store/lake.h"
#include "store/verify.h"
#include "support/must.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

using match::Correlation;
using match::CorrelationType;
using match::Threshold;
using test::must;
using Kind = match::Threshold::Kind;

constexpr const char* kUser = "userIdentity.userName";
constexpr const char* kAddress = "sourceIPAddress";

match::Condition condition_of(match::Condition::Kind kind, std::vector<match::Condition> children) {
    match::Condition made;
    made.kind = kind;
    made.children = std::move(children);
    return made;
}

match::Condition seen(uint32_t reference) {
    match::Condition made;
    made.kind = match::Condition::Kind::predicate;
    made.predicate = reference;
    return made;
}

// Correlations of every way to decide, to measure and to group, over matches of four calls.
struct Rules {
    std::vector<match::Rule> rules;
    std::vector<Correlation> correlations;
    std::vector<match::FirstSeen> first_seen;

    Rules() {
        for (const char* name : {"ListUsers", "ListRoles", "GetUser", "CreateUser"}) {
            rules.push_back(rule_about(name));
            rules.back().reports = false;
        }
        Correlation& burst = add("burst", CorrelationType::event_count, 90, {kUser}, {{0}});
        burst.thresholds = {{Kind::greater_equal, 3}};
        // Sees the same of events as the one before, and says when more of them come.
        add("long_burst", CorrelationType::event_count, 400, {kUser}, {{0}}).thresholds = {
            {Kind::greater_equal, 8}};
        add("lonely", CorrelationType::event_count, 300, {kUser}, {{1}}).thresholds = {
            {Kind::less_equal, 1}};
        add("quiet", CorrelationType::event_count, 200, {kUser}, {{3}}).thresholds = {
            {Kind::equal, 0}};
        Correlation& many = add("many", CorrelationType::value_count, 120, {kAddress}, {{0, 1, 2}});
        many.references[0].value_fields = {kUser};
        many.thresholds = {{Kind::greater_equal, 4}};
        Correlation& both =
            add("both", CorrelationType::temporal_ordered, 60, {kUser, kAddress}, {{1}, {2}});
        both.thresholds = {};
        Correlation& without = add("without", CorrelationType::temporal, 90, {kUser}, {{2}, {3}});
        without.condition =
            condition_of(match::Condition::Kind::all,
                         {seen(0), condition_of(match::Condition::Kind::negation, {seen(1)})});
        Correlation& session = add("session", CorrelationType::event_count, 600, {}, {{3}});
        session.window = match::WindowKind::session;
        session.gap = 120'000'000;
        session.thresholds = {{Kind::greater_equal, 5}};
        // Users one after another from one address, each in a burst.
        Correlation& inner =
            add("inner", CorrelationType::event_count, 60, {kUser, kAddress}, {{0}});
        inner.thresholds = {{Kind::greater_equal, 2}};
        inner.reports = false;
        const auto place = static_cast<uint32_t>(correlations.size() - 1);
        Correlation& outer = add("outer", CorrelationType::value_count, 300, {kAddress}, {{}});
        outer.references[0].correlations = {place};
        outer.references[0].value_fields = {kUser};
        outer.thresholds = {{Kind::greater_equal, 2}};
        match::FirstSeen fresh;
        fresh.info.id = fresh.info.title = "fresh";
        fresh.info.level = match::Level::medium;
        fresh.rules = {0, 1};
        fresh.fields = {kUser, "eventName"};
        fresh.history = int64_t{400} * 1'000'000;
        first_seen.push_back(fresh);
    }

    Correlation& add(const char* id,
                     CorrelationType type,
                     int64_t seconds,
                     std::vector<std::string> group_by,
                     std::vector<std::vector<uint32_t>> references) {
        Correlation& made = correlations.emplace_back();
        made.info.id = made.info.title = id;
        made.info.level = match::Level::high;
        made.type = type;
        made.timespan = seconds * 1'000'000;
        made.group_by = group_by;
        for (auto& of : references) {
            auto& reference = made.references.emplace_back();
            reference.rules = of;
            reference.group_by = group_by;
        }
        return made;
    }

    detect::RulesView view() const { return {rules, correlations, first_seen}; }
};

struct Line {
    uint64_t user;
    std::string text;
};

// Calls of an hour, several in many a second.
std::vector<Line> calls(std::mt19937_64& random, uint64_t count) {
    constexpr const char* kNames[] = {
        "ListUsers", "ListUsers", "ListRoles", "GetUser", "CreateUser"};
    std::vector<Line> lines;
    for (uint64_t id = 0; id < count; ++id) {
        const uint64_t user = random() % 9;
        const std::string time = time_of_day(random() % 3600);
        const std::string name = fmt::format("user{}", user);
        const std::string address = fmt::format("198.51.100.{}", random() % 3);
        lines.push_back({user,
                         record_of({.id = id,
                                    .name = kNames[random() % std::size(kNames)],
                                    .time = time,
                                    .user = name,
                                    .address = address}) +
                             "\n"});
    }
    return lines;
}

// The lines as so many files, each in the one that `file_of` says.
std::vector<std::string> deal(const Folder& folder,
                              const std::vector<Line>& lines,
                              size_t files,
                              const std::function<size_t(const Line&)>& file_of) {
    std::vector<std::string> texts(files), paths;
    for (const Line& line : lines) texts[file_of(line)] += line.text;
    for (size_t i = 0; i < files; ++i) {
        paths.push_back(folder / fmt::format("logs/{:02}.json", i));
        folder.write(fmt::format("logs/{:02}.json", i), texts[i]);
    }
    return paths;
}

IngestResult ingest_into(const std::string& lake,
                         const std::string& path,
                         const detect::RulesView& rules,
                         const match::Policy* policy = nullptr,
                         const std::atomic<bool>* stop = nullptr) {
    IngestOptions options;
    options.policy = policy;
    options.lake = lake;
    options.paths = {path};
    options.workers.threads = 2;
    options.workers.stop = stop;
    return must(ingest(rules, options));
}

std::string line_of(std::string_view rule, std::string_view principal, uint64_t count) {
    return fmt::format("{} {} {}", rule, principal, count);
}

std::string kept(const std::string& folder) {
    auto lake = must(store::Lake::open(folder));
    std::vector<std::string> lines;
    for (const store::KeptFinding& f : must(lake.catalog().findings())) {
        std::string line = line_of(f.rule_id, f.principal, f.count);
        line += fmt::format(" {} {} {}", f.source_ip, to_micros(f.first), to_micros(f.last));
        for (const auto& sample : f.samples)
            line += fmt::format(" {} {} {}", sample.event_id, sample.object, sample.ordinal);
        for (const auto& one : f.resources) line += fmt::format(" {}*{}", one.key, one.count);
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string scanned(const std::vector<std::string>& paths, const detect::RulesView& rules) {
    ScanOptions options;
    options.paths = paths;
    const ScanResult result = must(scan(rules, options));
    std::vector<std::string> lines;
    const finding::StringPool& texts = result.hits.strings();
    for (const finding::Finding& f : result.hits.findings()) {
        std::string line =
            line_of(result.hits.rules()[f.rule].rule->id, texts.text(f.principal), f.count);
        line += fmt::format(" {} {} {}", texts.text(f.source_ip), f.first, f.last);
        for (size_t i = 0; i < f.sample_count; ++i) {
            const auto id = f.samples[i].parts[static_cast<size_t>(finding::Part::event_id)];
            line += fmt::format(
                " {} {} {}", texts.text(id), texts.text(f.samples[i].object), f.samples[i].ordinal);
        }
        for (const finding::TouchedResource& one : f.touched.most(texts))
            line += fmt::format(" {}*{}", texts.text(one.key), one.count);
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

void forget_signals(const std::string& lake) {
    auto file = must(sqlite::Database::open(lake + "/catalog.sqlite", sqlite::Mode::write));
    must(file.run("DELETE FROM signals"));
}

}  // namespace

TEST_CASE("users ingested one after another are found as in one scan, and no row is asked again") {
    for (uint64_t seed = 1; seed < 4; ++seed) {
        const Folder folder;
        Rules rules;
        // What users do together is not known before all are there.
        std::erase_if(rules.correlations, [](const Correlation& one) {
            return one.group_by.empty() || one.group_by[0] != kUser;
        });
        rules.first_seen.clear();
        std::mt19937_64 random(seed);
        const auto paths =
            deal(folder, calls(random, 1500), 9, [](const Line& line) { return line.user; });
        EarlierSignals::Counts earlier;
        for (const std::string& path : paths) {
            earlier = ingest_into(folder / "lake", path, rules.view()).earlier;
            CHECK(earlier.hunted == 0);
        }
        CHECK(earlier.segments > 0);
        const std::string wanted = scanned(paths, rules.view());
        for (const char* rule : {"burst ", "lonely ", "without ", "both "})
            CHECK_MESSAGE(wanted.find(rule) != std::string::npos, rule);
        CHECK_MESSAGE(kept(folder / "lake") == wanted, "seed " << seed);
    }
}

TEST_CASE("signals that were kept give what asking the rows gives, however the logs overlap") {
    for (uint64_t seed = 1; seed < 9; ++seed) {
        const Folder folder;
        const Rules rules;
        std::mt19937_64 random(seed);
        const auto paths = deal(folder, calls(random, 1200), 6, [&](const Line& line) {
            return seed % 2 == 0 ? random() % 6 : line.user % 6;
        });
        uint64_t fetched = 0;
        for (size_t i = 0; i < paths.size(); ++i) {
            const auto quick = ingest_into(folder / "lake", paths[i], rules.view()).earlier;
            CHECK(quick.hunted == 0);
            fetched += quick.fetched;
            if (i > 0) forget_signals(folder / "hunted");
            const auto slow = ingest_into(folder / "hunted", paths[i], rules.view()).earlier;
            CHECK(slow.hunted == slow.segments);
            CHECK(slow.kept == 0);
            REQUIRE_MESSAGE(kept(folder / "lake") == kept(folder / "hunted"),
                            "seed " << seed << ", part " << i);
            if (i == 3 && seed % 3 == 0) must(store::compact(folder / "lake", {.grace = {}}));
        }
        CHECK(fetched > 0);
        CHECK(must(store::verify(folder / "lake")).problems.empty());
        for (const char* rule : {"burst ", "long_burst ", "quiet ", "many ", "outer ", "session "})
            CHECK_MESSAGE(kept(folder / "lake").find(rule) != std::string::npos, rule);
    }
}

TEST_CASE("logs in order of time are found as in one scan, in any parts, with what was kept") {
    for (uint64_t seed = 20; seed < 26; ++seed) {
        const Folder folder;
        Rules rules;
        std::mt19937_64 random(seed);
        // Many groups never rest; those of few calls do.
        auto lines = calls(random, seed % 2 == 0 ? 1200 : 250);
        const auto time_of = [](const Line& line) {
            return line.text.substr(line.text.find("eventTime"), 34);
        };
        std::sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
            return time_of(a) < time_of(b);
        });
        // The calls of a second are in one file.
        std::vector<size_t> files;
        for (size_t i = 0; i < lines.size(); ++i) {
            const bool is_same = i > 0 && time_of(lines[i]) == time_of(lines[i - 1]);
            files.push_back(is_same ? files.back() : i * 12 / lines.size());
        }
        size_t place = 0;
        const auto paths = deal(folder, lines, 12, [&](const Line&) { return files[place++]; });
        for (const std::string& path : paths)
            CHECK(ingest_into(folder / "lake", path, rules.view()).earlier.hunted == 0);
        CHECK_MESSAGE(kept(folder / "lake") == scanned(paths, rules.view()), "seed " << seed);
    }
}

TEST_CASE("an edited rule is asked of the rows, and only it; so is one with another exception") {
    const Folder folder;
    const Rules before;
    std::mt19937_64 random(31);
    const auto paths =
        deal(folder, calls(random, 1200), 4, [&](const Line&) { return random() % 4; });
    Rules after;
    after.rules[0].predicates[0].operands.push_back({.text = "GetUser"});
    match::Policy policy;
    policy.exceptions.resize(1);
    policy.exceptions[0].choice.rules = {"listroles"};
    policy.exceptions[0].scope.predicates.push_back(
        {.field = kUser, .op = match::Op::equals, .operands = {{.text = "user1"}}});
    policy.exceptions[0].scope.condition.kind = match::Condition::Kind::predicate;
    const auto both = [&](size_t i, const Rules& rules, const match::Policy* exceptions) {
        const auto quick = ingest_into(folder / "lake", paths[i], rules.view(), exceptions).earlier;
        if (i > 0) forget_signals(folder / "hunted");
        ingest_into(folder / "hunted", paths[i], rules.view(), exceptions);
        CHECK_MESSAGE(kept(folder / "lake") == kept(folder / "hunted"), "part " << i);
        return quick;
    };
    both(0, before, nullptr);
    const auto edited = both(1, after, nullptr);
    CHECK(edited.hunted > 0);
    CHECK(edited.kept > 0);  // of the rules that are as they were
    const auto excepted = both(2, after, &policy);
    CHECK(excepted.hunted == excepted.segments);
    const auto later = both(3, after, &policy);
    CHECK(later.hunted > 0);
    CHECK(later.hunted < later.segments);
}

TEST_CASE("what an ingest left undecided is decided from what it kept") {
    const Folder folder;
    Rules rules;
    rules.first_seen.clear();
    std::mt19937_64 random(41);
    const auto paths =
        deal(folder, calls(random, 900), 3, [&](const Line&) { return random() % 3; });
    const std::atomic<bool> stop = true;
    ingest_into(folder / "whole", folder / "logs", rules.view());
    ingest_into(folder / "lake", folder / "logs", rules.view(), nullptr, &stop);
    CHECK(kept(folder / "lake").empty());
    const auto last = ingest_into(folder / "lake", folder / "logs", rules.view());
    CHECK(last.earlier.hunted == 0);
    CHECK(kept(folder / "lake") == kept(folder / "whole"));
    CHECK(kept(folder / "lake") == scanned(paths, rules.view()));
}

TEST_CASE("damaged signals count as none, and verify tells of them") {
    const Folder folder;
    const Rules rules;
    std::mt19937_64 random(51);
    const auto paths =
        deal(folder, calls(random, 600), 2, [&](const Line&) { return random() % 2; });
    for (const char* lake : {"lake", "hunted"}) ingest_into(folder / lake, paths[0], rules.view());
    forget_signals(folder / "hunted");
    must(must(sqlite::Database::open(folder / "lake/catalog.sqlite", sqlite::Mode::write))
             .run("UPDATE signals SET bytes = substr(bytes, 1, length(bytes) - 3)"));
    CHECK(must(store::verify(folder / "lake")).problems.size() == 1);
    for (const char* lake : {"lake", "hunted"}) ingest_into(folder / lake, paths[1], rules.view());
    CHECK(kept(folder / "lake") == kept(folder / "hunted"));
}

TEST_CASE("what an earlier program told is not told again") {
    const Folder folder;
    Rules rules;
    std::erase_if(rules.correlations,
                  [](const Correlation& one) { return one.info.id != "burst"; });
    rules.first_seen.clear();
    std::string text;
    for (uint64_t i = 0; i < 3; ++i)
        text += record_of({.id = i, .time = time_of_day(100 + i), .user = "ana"}) + "\n";
    folder.write("logs.json", text);
    ingest_into(folder / "lake", folder / "logs.json", rules.rules);
    const std::vector<std::optional<std::string_view>> group{"ana"};
    const auto what = detect::hash_values(group, hash64("burst"));
    const int64_t time = 1'772'409'600'000'000 + 102'000'000;
    must(must(sqlite::Database::open(folder / "lake/catalog.sqlite", sqlite::Mode::write))
             .run("INSERT INTO firings VALUES (?,?)", static_cast<int64_t>(what), time));
    ingest_into(folder / "lake", folder / "logs.json", rules.view());
    CHECK(kept(folder / "lake").empty());
    CHECK(scanned({folder / "logs.json"}, rules.view()).starts_with("burst ana 1 "));
}

TEST_CASE("an event whose identity holds a time is found again however that was spelled") {
    const Folder folder;
    match::Rule reported;
    reported.info.id = reported.info.title = "reported";
    reported.source = {"aws", "guardduty", ""};
    reported.predicates.push_back(
        {.field = "accountId", .op = match::Op::equals, .operands = {{.text = "111122223333"}}});
    reported.condition.kind = match::Condition::Kind::predicate;
    reported.reports = false;
    Rules rules;
    rules.rules = {reported};
    rules.first_seen.clear();
    rules.correlations.clear();
    Correlation& kinds =
        rules.add("kinds", CorrelationType::value_count, 600, {"accountId"}, {{0}});
    kinds.references[0].value_fields = {"type"};
    kinds.thresholds = {{Kind::greater_equal, 3}};
    const auto finding = [](int number) {
        return fmt::format(
            R"({{"schemaVersion":"2.0","accountId":"111122223333","region":"us-east-1","partition":"aws",)"
            R"("id":"{0}","arn":"arn:aws:guardduty:us-east-1:111122223333:detector/1/finding/{0}",)"
            R"("type":"Discovery:IAMUser/Kind{0}","resource":{{"resourceType":"AccessKey"}},)"
            R"("service":{{"serviceName":"guardduty","eventLastSeen":"2026-03-02T00:0{0}:00.000Z"}},)"
            R"("severity":5,"createdAt":"2026-03-02T00:0{0}:00.000Z","updatedAt":"2026-03-02T00:0{0}:00.000Z"}})"
            "\n",
            number);
    };
    folder.write("first.json", finding(1) + finding(3));
    folder.write("late.json", finding(2));
    ingest_into(folder / "lake", folder / "first.json", rules.view());
    CHECK(ingest_into(folder / "lake", folder / "late.json", rules.view()).earlier.fetched > 0);
    auto lake = must(store::Lake::open(folder / "lake"));
    const auto findings = must(lake.catalog().findings());
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].account == "111122223333");
    REQUIRE(findings[0].samples.size() == 1);
    CHECK(findings[0].samples[0].event_id == "3");
}
