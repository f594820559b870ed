#include <doctest/doctest.h>

#include "logtype/parse.h"

using namespace yagura;
using namespace yagura::logtype;

namespace {

constexpr std::string_view kAssumedRole =
    R"({"eventVersion":"1.09","userIdentity":{"type":"AssumedRole",
  "principalId":"AROAEXAMPLE:alice","arn":"arn:aws:sts::111122223333:assumed-role/Admin/alice","accountId":"111122223333",
  "sessionContext":{"sessionIssuer":{"type":"Role","userName":"Admin","arn":"arn:aws:iam::111122223333:role/Admin"}}},
  "eventTime":"2026-03-02T09:15:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1",
  "sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.15","requestParameters":{"bucketName":"payroll","key":"2026/march.csv"},
  "responseElements":null,"eventID":"0d7ee3e7-2f24-4d6a-8f0e-5d1c6a2f9b01","recipientAccountId":"111122223333"})";

}  // namespace

TEST_CASE("an assumed role is named by role and session") {
    Parsed parsed(*find("cloudtrail"));
    REQUIRE_FALSE(parsed.json(kAssumedRole));
    CHECK(parsed.text("principal") == "Admin/alice");
    CHECK(parsed.text("user.name") == "Admin/alice");
    CHECK(parsed.text("@target") == "payroll");
    CHECK(parsed.text("event.outcome") == "success");
    CHECK(parsed.text("source.ip") == "198.51.100.7");
    CHECK(parsed.text("src_endpoint.ip") == "198.51.100.7");
    CHECK(format_iso8601(parsed.event.time) == "2026-03-02T09:15:00Z");
}

TEST_CASE("every name of a field leads to the same slot") {
    for (const LogType* type : all()) {
        const auto& dictionary = type->dictionary();
        for (size_t i = 0; i < type->fields.size(); ++i) {
            CHECK(dictionary.find(type->fields[i].name) == static_cast<event::FieldId>(i));
            CHECK(dictionary.find(type->fields[i].column) == static_cast<event::FieldId>(i));
        }
    }
}

TEST_CASE(
    "no two fields of a log type share a column and every field is explained in both languages") {
    for (const LogType* type : all()) {
        std::vector<std::string_view> columns;
        for (const event::Field& field : type->fields) {
            CHECK(std::find(columns.begin(), columns.end(), field.column) == columns.end());
            columns.push_back(field.column);
            CHECK_FALSE(field.sentence.english.empty());
            CHECK_FALSE(field.sentence.japanese.empty());
        }
    }
}

TEST_CASE("failed calls and failed console logins are failures") {
    Parsed parsed(*find("cloudtrail"));
    REQUIRE_FALSE(parsed.json(
        R"({"eventTime":"2026-03-02T09:15:00Z","eventName":"X","errorCode":"AccessDenied"})"));
    CHECK(parsed.text("event.outcome") == "failure");
    REQUIRE_FALSE(parsed.json(
        R"({"eventTime":"2026-03-02T09:15:00Z","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"}})"));
    CHECK(parsed.text("event.outcome") == "failure");
    REQUIRE_FALSE(
        parsed.json(R"({"eventTime":"2026-03-02T09:15:00Z","eventName":"ConsoleLogin"})"));
    CHECK(parsed.text("event.outcome") == "success");
}

TEST_CASE("a digest is recognised and kept apart from the logs") {
    constexpr std::string_view kDigest =
        R"({"awsAccountId":"111122223333","digestStartTime":"2026-03-02T08:00:00Z","logFiles":[]})";
    CHECK(recognise(Shape::json, kDigest, {}) == find("cloudtrail"));
    Parsed parsed(*find("cloudtrail"));
    const auto fault = parsed.json(kDigest);
    REQUIRE(fault);
    CHECK(fault->code == FaultCode::not_a_log);
}

TEST_CASE("events of two accounts with one id are different events") {
    Parsed a(*find("cloudtrail"));
    Parsed b(*find("cloudtrail"));
    REQUIRE_FALSE(a.json(
        R"({"eventTime":"2026-03-02T09:15:00Z","eventName":"X","eventID":"x","recipientAccountId":"1"})"));
    REQUIRE_FALSE(b.json(
        R"({"eventTime":"2026-03-02T09:15:00Z","eventName":"X","eventID":"x","recipientAccountId":"2"})"));
    CHECK(event_identity(a.type, a.event) != event_identity(b.type, b.event));
    CHECK(event_identity(a.type, a.event) == event_identity(a.type, a.event));
}
