#include "pipeline/scan.h"

#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "pipeline/made.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

std::string record(uint64_t id,
                   std::string_view name = "ListUsers",
                   std::string_view time = "2026-03-02T09:15:00Z") {
    return record_of({.id = id, .name = name, .time = time});
}

ScanResult must_scan(const Folder& folder,
                     std::span<const match::Rule> rules,
                     ScanOptions options = {}) {
    options.paths = {folder.path()};
    auto result = scan(rules, options);
    REQUIRE(result);
    return std::move(*result);
}

}  // namespace

TEST_CASE("an event delivered twice is matched once and counted as a duplicate") {
    Folder folder;
    folder.write("a.json", R"({"Records":[)" + record(1) + "," + record(2) + "]}");
    folder.write("b.json", record(2) + "\n" + record(3) + "\n");
    const match::Rule rules[] = {rule_about("ListUsers")};
    const ScanResult result = must_scan(folder, rules);
    CHECK(result.totals.records == 4);
    CHECK(result.totals.records_duplicate == 1);
    CHECK(result.hits.matches() == 3);
}

TEST_CASE("a scan that lists no matches counts them and finds the same") {
    Folder folder;
    folder.write("a.json", R"({"Records":[)" + record(1) + "," + record(2, "PutObject") + "]}");
    const match::Rule rules[] = {rule_about("ListUsers")};
    const ScanResult listed = must_scan(folder, rules);
    ScanOptions options;
    options.list = false;
    const ScanResult counted = must_scan(folder, rules, options);
    CHECK(listed.hits.hit_count() == 1);
    CHECK(counted.hits.hit_count() == 0);
    CHECK(counted.hits.matches() == 1);
    CHECK(counted.hits.by_level() == listed.hits.by_level());
    REQUIRE(counted.hits.findings().size() == listed.hits.findings().size());
    CHECK(counted.hits.findings()[0].sample_count == listed.hits.findings()[0].sample_count);
}

TEST_CASE("throttled matches are counted also where none are listed") {
    Folder folder;
    folder.write("a.json", R"({"Records":[)" + record(1) + "," + record(2) + "]}");
    const match::Rule rules[] = {rule_about("ListUsers")};
    match::Policy policy;
    policy.throttles.push_back({.choice = {}, .key = {}, .period = 3'600'000'000});
    ScanOptions options;
    options.list = false;
    options.policy = &policy;
    CHECK(must_scan(folder, rules, options).throttled == 1);
}

TEST_CASE("flow log lines are told apart by object content and place") {
    Folder folder;
    const std::string flow =
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
        "start end action log-status\n"
        "2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772442900 1772442960 ACCEPT OK\n"
        "2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772442900 1772442960 ACCEPT OK\n";
    folder.write("a.log", flow);
    folder.write("copy-of-a.log", flow);
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.records == 4);
    CHECK(result.totals.records_duplicate == 2);
    CHECK(result.totals.by_log_type.at("vpc_flow") == 2);
}

TEST_CASE("a file that is no log is one fault, not one a line") {
    Folder folder;
    folder.write("a.json", R"({"Records":[)" + record(1) + "]}");
    folder.write("notes.txt", "first\nsecond\nthird\n");
    folder.write("other.json", R"([{"a":1},{"a":2}])");
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.records == 1);
    CHECK(result.totals.quarantine.objects() == 2);
    CHECK(result.totals.quarantine.records() == 0);
}

TEST_CASE("an unknown record between known ones costs that record") {
    Folder folder;
    folder.write("mixed.json", record(1) + "\n{\"something\":\"else\"}\n" + record(2) + "\n");
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.records == 2);
    CHECK(result.totals.quarantine.records() == 1);
    CHECK(result.totals.quarantine.by_code().at(FaultCode::unknown_type) == 1);
    CHECK(result.totals.quarantine.objects() == 0);
}

TEST_CASE("a record without its time is still a record of its log") {
    Folder folder;
    folder.write("cut.json",
                 R"({"eventSource":"iam.amazonaws.com","eventName":"ListUsers","eventID":"e-1"})");
    const match::Rule rules[] = {rule_about("ListUsers")};
    const ScanResult result = must_scan(folder, rules);
    CHECK(result.totals.records == 1);
    CHECK(result.hits.matches() == 1);
    CHECK(result.totals.quarantine.is_empty());
}

TEST_CASE("log types may be mixed in one file") {
    Folder folder;
    const std::string finding =
        R"({"schemaVersion":"2.0","accountId":"111122223333","region":"us-east-1","id":"f1","type":"Recon:IAMUser/X","severity":5,)"
        R"("arn":"arn:aws:guardduty:us-east-1:111122223333:detector/d/finding/f1","updatedAt":"2026-03-02T09:20:00Z","resource":{},"service":{"serviceName":"guardduty"}})";
    folder.write("mixed.json", record(1) + "\n" + finding + "\n" + record(2) + "\n");
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.by_log_type.at("cloudtrail") == 2);
    CHECK(result.totals.by_log_type.at("guardduty") == 1);
    CHECK(result.totals.quarantine.is_empty());
}

TEST_CASE("events outside the time range are counted and not matched") {
    Folder folder;
    folder.write("a.json",
                 record(1, "ListUsers", "2026-03-01T00:00:00Z") +
                     record(2, "ListUsers", "2026-03-02T00:00:00Z"));
    const match::Rule rules[] = {rule_about("ListUsers")};
    ScanOptions options;
    options.range.from = parse_iso8601("2026-03-01T12:00:00Z");
    const ScanResult result = must_scan(folder, rules, options);
    CHECK(result.totals.records_outside_range == 1);
    CHECK(result.hits.matches() == 1);
}

TEST_CASE("one worker and many find the same") {
    Folder folder;
    for (int file = 0; file < 20; ++file) {
        std::string text;
        for (int i = 0; i < 200; ++i)
            text += record(file * 150 + i, i % 7 == 0 ? "CreateUser" : "ListUsers") + "\n";
        folder.write(fmt::format("{:02}.json", file), text);
    }
    const match::Rule rules[] = {rule_about("CreateUser")};
    ScanOptions one;
    one.workers.threads = 1;
    ScanOptions many;
    many.workers.threads = 8;
    const ScanResult a = must_scan(folder, rules, one);
    const ScanResult b = must_scan(folder, rules, many);
    CHECK(a.totals.records == b.totals.records);
    CHECK(a.totals.records_duplicate == b.totals.records_duplicate);
    CHECK(a.totals.records_duplicate == 19 * 50);
    CHECK(a.hits.findings().size() == b.hits.findings().size());
}

TEST_CASE("a path that does not exist is an error") {
    ScanOptions options;
    options.paths = {"/nonexistent/yagura"};
    CHECK_FALSE(scan({}, options));
}
