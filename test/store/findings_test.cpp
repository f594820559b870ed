#include "store/findings.h"

#include <map>

#include <sqlite3.h>

#include "fixture.h"

using namespace yagura;
using namespace yagura::store;

namespace {

const logtype::LogType& cloudtrail() {
    return *logtype::find("cloudtrail");
}

match::RuleInfo rule_of(std::string id, match::Level level) {
    match::RuleInfo rule;
    rule.id = std::move(id);
    rule.title = "title of " + rule.id;
    rule.author = "somebody";
    rule.level = level;
    rule.tags = {"attack.collection"};
    return rule;
}

// Ingests numbered events as one object; each meets `rule`.
void ingest(const std::filesystem::path& lake,
            const match::RuleInfo& rule,
            std::string_view name,
            uint64_t from,
            uint64_t to,
            size_t buffer_bytes = 1 << 20) {
    auto writer = must(Writer::open(lake, {.buffer_bytes = buffer_bytes}));
    auto worker = writer->worker();
    auto input =
        source::Input::of_bytes(fmt::format("{} {} {}", name, from, to), std::string(name));
    must(input.load(SIZE_MAX));
    if (!is_wanted(must(worker->begin(input)))) return must(worker->finish());
    Records reader(cloudtrail());
    for (uint64_t i = from; i < to; ++i) {
        // One address for all, so that there is one finding for each of the seven users.
        event::Event& event = reader.read(
            cloudtrail_record(i * 65536 * 256, "2024-07-31", R"(,"errorCode":"AccessDenied")"),
            i - from);
        if (!must(worker->admit(cloudtrail(), event))) continue;
        worker->note(rule, cloudtrail(), event);
        must(worker->append(cloudtrail(), event, rule.id, match::level_name(rule.level)));
    }
    must(worker->end());
    must(worker->finish());
}

std::vector<KeptFinding> findings_in(const std::filesystem::path& folder) {
    auto lake = must(Lake::open(folder));
    return must(lake.catalog().findings());
}

KeptFinding finding_of(std::string rule,
                       std::string principal,
                       match::Level level,
                       uint64_t count) {
    KeptFinding finding;
    finding.rule_id = std::move(rule);
    finding.principal = std::move(principal);
    finding.level = level;
    finding.count = count;
    finding.tags = "attack.collection";
    return finding;
}

}  // namespace

TEST_CASE("findings grow over commits and runs, and the same logs again add nothing") {
    Folder folder;
    const match::RuleInfo rule = rule_of("rule-1", match::Level::medium);
    for (int again = 0; again < 2; ++again) {
        ingest(folder.path(), rule, "a.json", 0, 70, 20'000);
        ingest(folder.path(), rule, "b.json", 35, 140, 20'000);
    }
    const auto findings = findings_in(folder.path());
    REQUIRE(findings.size() == 7);
    for (const KeptFinding& finding : findings) {
        CHECK(finding.count == 20);
        CHECK(finding.failed == 20);
        CHECK(finding.rule_id == "rule-1");
        CHECK(finding.title == "title of rule-1");
        CHECK(finding.author == "somebody");
        CHECK(finding.level == match::Level::medium);
        CHECK(finding.source_ip == "10.0.0.0");
        REQUIRE(finding.samples.size() == 3);
        CHECK(finding.samples[0].time == finding.first);
        CHECK(finding.first < finding.last);
        CHECK(finding.samples[0].log_type == "cloudtrail");
        CHECK(finding.samples[0].object.ends_with(".json"));
        CHECK(!finding.samples[0].event_id.empty());
    }
}

TEST_CASE("a finding shows its rule as it last matched") {
    Folder folder;
    ingest(folder.path(), rule_of("rule-1", match::Level::low), "a.json", 0, 7);
    match::RuleInfo later = rule_of("rule-1", match::Level::high);
    later.title = "a better title";
    ingest(folder.path(), later, "b.json", 7, 14);
    for (const KeptFinding& finding : findings_in(folder.path())) {
        CHECK(finding.level == match::Level::high);
        CHECK(finding.title == "a better title");
        CHECK(finding.count == 2);
    }
}

TEST_CASE("a changed finding is noticed, and so is a changed sample") {
    const char* const changes[] = {"UPDATE findings SET count = 0 WHERE id = 1",
                                   "UPDATE finding_samples SET event_id = 'x' WHERE finding = 1",
                                   "UPDATE findings SET resources = '0\n' WHERE id = 1",
                                   "DELETE FROM findings WHERE id = 1"};
    for (const char* change : changes) {
        Folder folder;
        ingest(folder.path(), rule_of("rule-1", match::Level::low), "a.json", 0, 7);
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open((folder / "catalog.sqlite").c_str(), &database) == SQLITE_OK);
        REQUIRE(sqlite3_exec(database, change, nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(database);
        auto lake = must(Lake::open(folder.path()));
        const auto findings = lake.catalog().findings();
        REQUIRE(!findings.has_value());
        CHECK(findings.error().code() == Code::corrupt);
        CHECK(!lake.catalog().verify().has_value());
    }
}

TEST_CASE("a lake of a program without findings has none until its next writer") {
    Folder folder;
    { must(Writer::open(folder.path(), {})); }
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open((folder / "catalog.sqlite").c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_exec(database,
                         "DROP TABLE findings; DROP TABLE finding_samples; DELETE FROM meta WHERE "
                         "key = 'findings_sum'",
                         nullptr,
                         nullptr,
                         nullptr) == SQLITE_OK);
    sqlite3_close(database);
    CHECK(findings_in(folder.path()).empty());
    ingest(folder.path(), rule_of("rule-1", match::Level::low), "a.json", 0, 7);
    CHECK(findings_in(folder.path()).size() == 7);
}

TEST_CASE("a finding counts the resources of all its commits") {
    Folder folder;
    const match::RuleInfo rule = rule_of("rule-1", match::Level::medium);
    ingest(folder.path(), rule, "a.json", 0, 35, 20'000);
    ingest(folder.path(), rule, "b.json", 35, 70);
    const auto findings = findings_in(folder.path());
    REQUIRE(findings.size() == 7);
    for (const KeptFinding& finding : findings) {
        // Ten objects in five buckets: the buckets come before any object.
        REQUIRE(finding.resources.size() == 15);
        uint64_t of_buckets = 0;
        for (size_t i = 0; i < 5; ++i) {
            CHECK(finding.resources[i].key.starts_with("AWS::S3::Bucket/bucket-"));
            CHECK(finding.resources[i].count == 2);
            of_buckets += finding.resources[i].count;
        }
        CHECK(of_buckets == finding.count);
        CHECK(finding.resources[5].key.starts_with("AWS::S3::Object/bucket-"));
        CHECK(finding.other_resources == 0);
    }
}

TEST_CASE("the resources that stay are the same however the commits are cut") {
    const match::RuleInfo rule = rule_of("rule-1", match::Level::medium);
    const auto resources = [](const Folder& folder) {
        std::map<std::string, std::vector<KeptResource>> out;  // by principal
        for (const KeptFinding& finding : findings_in(folder.path())) {
            CHECK(finding.resources.size() == finding::Touched::kMost);
            uint64_t sum = finding.other_resources;
            for (const KeptResource& one : finding.resources) sum += one.count;
            CHECK(sum == 2 * finding.count);  // a bucket and an object each
            out[finding.principal] = finding.resources;
        }
        return out;
    };
    Folder once, often;
    ingest(once.path(), rule, "a.json", 0, 700);
    for (uint64_t part = 7; part-- > 0;)
        ingest(often.path(), rule, "a.json", part * 100, part * 100 + 100, 20'000);
    CHECK(resources(once).size() == 7);
    CHECK(resources(once) == resources(often));
}

TEST_CASE("findings of a program that kept no resources open as they are and grow") {
    Folder folder;
    const match::RuleInfo rule = rule_of("rule-1", match::Level::medium);
    // Such a program's rows: seals of findings without resources are what they were.
    {
        auto writer = must(Writer::open(folder.path(), {}));
        auto worker = writer->worker();
        auto input = source::Input::of_bytes("old", "old.json");
        must(input.load(SIZE_MAX));
        REQUIRE(is_wanted(must(worker->begin(input))));
        Records reader(cloudtrail());
        std::string record = cloudtrail_record(1);
        const auto at = record.find("\"requestParameters\"");
        record.replace(at, record.find("},", at) + 2 - at, "");
        event::Event& event = reader.read(record);
        REQUIRE(must(worker->admit(cloudtrail(), event)));
        worker->note(rule, cloudtrail(), event);
        must(worker->append(cloudtrail(), event, rule.id, "medium"));
        must(worker->end());
        must(worker->finish());
    }
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open((folder / "catalog.sqlite").c_str(), &database) == SQLITE_OK);
    REQUIRE(
        sqlite3_exec(
            database, "ALTER TABLE findings DROP COLUMN resources", nullptr, nullptr, nullptr) ==
        SQLITE_OK);
    sqlite3_close(database);
    auto before = findings_in(folder.path());
    REQUIRE(before.size() == 1);
    CHECK(before[0].count == 1);
    CHECK(before[0].resources.empty());
    {
        auto lake = must(Lake::open(folder.path()));
        CHECK(must(lake.catalog().findings_changed(0, 10)).findings.size() == 1);
        must(lake.catalog().verify());
    }
    ingest(folder.path(), rule, "new.json", 2, 7);
    uint64_t resources = 0, events = 0;
    for (const KeptFinding& finding : findings_in(folder.path())) {
        resources += finding.resources.size();
        events += finding.count;
    }
    CHECK(events == 6);
    CHECK(resources == 10);
}

TEST_CASE("grave and rare findings come first") {
    using match::Level;
    std::vector<KeptFinding> findings;
    for (const char* who : {"a", "b", "c", "d"})
        findings.push_back(finding_of("common", who, Level::high, 10));
    findings.push_back(finding_of("rare", "e", Level::high, 1));
    findings.push_back(finding_of("light", "f", Level::low, 1000));
    findings.push_back(finding_of("grave", "g", Level::critical, 1));
    const auto ranked = rank(findings);
    REQUIRE(ranked.size() == 7);
    CHECK(ranked[0].finding.rule_id == "grave");
    CHECK(ranked[1].finding.rule_id == "rare");
    CHECK(ranked[2].finding.principal == "a");
    CHECK(ranked[6].finding.rule_id == "light");
    CHECK(ranked[1].score == doctest::Approx(12.0));
}

TEST_CASE("texts of an event are cut between characters") {
    Folder folder;
    match::RuleInfo rule = rule_of("rule-1", match::Level::low);
    FindingTally tally;
    std::string name;
    for (int i = 0; i < 1000; ++i) name += "é";
    Records reader(cloudtrail());
    event::Event& event = reader.read(fmt::format(
        R"({{"eventTime":"2024-07-31T12:00:00Z","eventName":"A","eventSource":"b","eventID":"x","recipientAccountId":"1","sourceIPAddress":"x{}"}})",
        name));
    tally.add(rule, event, cloudtrail(), "object", 0);
    const auto findings = tally.take();
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].source_ip.size() == 1023);
    CHECK(is_valid_utf8(findings[0].source_ip));
    CHECK(tally.take().empty());
}
