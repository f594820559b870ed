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

TEST_CASE("records nobody knows before the first known one cost themselves, each at its place") {
    Folder folder;
    folder.write("mixed.json", "{\"a\":1}\n{\"a\":2}\n" + record(1) + "\n");
    struct Places : ObjectConsumer {
        void consume(event::Event&, const TypePlan&, const decode::RecordOrigin&) override {}
        void fault(const Fault& fault,
                   const decode::RecordOrigin& origin,
                   std::string_view bytes) override {
            seen.push_back(fmt::format("{} {} {}", origin.ordinal, fault.offset, bytes));
        }
        Result<bool> begin(const source::Object&, source::Input&) override { return true; }
        Result<void> end(const source::Object&, const decode::ReadStats&) override { return {}; }
        void unreadable(const source::Object&, const Error&) override {}
        std::vector<std::string> seen;
    };
    Places places;
    ObjectConsumer* const consumer = &places;
    const TypePlans plans({}, {});
    const std::string paths[] = {folder.path()};
    const auto listing = source::list_objects(paths);
    REQUIRE(listing);
    REQUIRE(run_workers(listing->objects, plans, {}, {&consumer, 1}));
    CHECK(places.seen == std::vector<std::string>{"0 0 {\"a\":1}", "1 8 {\"a\":2}"});
}

TEST_CASE("JSON and lines in one log group or file are told apart, whichever comes first") {
    const std::string flow =
        "2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772442900 1772442960 ACCEPT OK";
    const auto message = [](std::string text) {
        for (size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2)
            text.insert(at, "\\");
        return R"({"id":"1","timestamp":1772442900000,"message":")" + text + "\"}";
    };
    const auto envelope = [&](const std::string& events) {
        return R"({"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g",)"
               R"("logStream":"s","logEvents":[)" +
               events + "]}";
    };
    Folder folder;
    folder.write("a.json",
                 envelope(message(record(1)) + "," + message(flow) + "," + message(record(2)) +
                          "," + message(flow)));
    folder.write("b.json",
                 envelope(message(flow) + "," + message(record(3)) + "," + message(flow)));
    folder.write("c.log", flow + "\n" + record(4) + "\n" + flow + "\n");
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.by_log_type.at("cloudtrail") == 4);
    CHECK(result.totals.by_log_type.at("vpc_flow") == 6);
    CHECK(result.totals.quarantine.is_empty());
}

TEST_CASE("a broken record in a log group costs that record") {
    Folder folder;
    folder.write("a.json",
                 R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s",)"
                 R"("logEvents":[{"id":"1","timestamp":1772442900000,"message":)"
                 R"("{\"eventSource\":\"s\",\"eventName\":\"A\",\"eventID\":\"1\"}"},)"
                 R"({"id":"2","timestamp":1772442900000,"message":"{\"eventSource\":\"s\",\"ev"},)"
                 R"({"id":"3","timestamp":1772442900000,"message":"hello"},)"
                 R"({"id":"4","timestamp":1772442900000,"message":"{\"level\":\"info\"}"},)"
                 R"({"id":"5","timestamp":1772442900000,"message":)"
                 R"("{\"eventSource\":\"s\",\"eventName\":\"A\",\"eventID\":\"2\"}"}]})");
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.by_log_type.at("cloudtrail") == 2);
    CHECK(result.totals.quarantine.records() == 3);
    CHECK(result.totals.quarantine.by_code().at(FaultCode::bad_json) == 1);
    CHECK(result.totals.quarantine.by_code().at(FaultCode::unknown_type) == 2);
}

TEST_CASE("what only holds a CloudTrail record, or looks like one, is none") {
    Folder folder;
    folder.write("around.json", R"({"_source":)" + record(1) + "}");
    folder.write(
        "notice.json",
        R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1",)"
        R"("eventTime":"2026-03-02T09:15:00Z","eventName":"ObjectCreated:Put"}]})");
    const ScanResult result = must_scan(folder, {});
    CHECK(result.totals.records == 0);
    CHECK(result.totals.quarantine.objects() == 2);
    CHECK(result.totals.quarantine.by_code().at(FaultCode::unknown_type) == 2);
}

TEST_CASE("a record is known however far into it what tells it stands") {
    Folder folder;
    std::string long_before = record(1);
    long_before.insert(1, R"("additionalEventData":{"pad":")" + std::string(100'000, 'x') + "\"},");
    folder.write("a.json", R"({"Records":[)" + long_before + "]}");
    CHECK(must_scan(folder, {}).totals.by_log_type.at("cloudtrail") == 1);
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
