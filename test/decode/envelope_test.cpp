// CloudWatch Logs and EventBridge envelopes.
#include <doctest/doctest.h>

#include "decode/collect.h"

namespace yagura::decode {
namespace {

std::string subscription(const std::string& group,
                         const std::string& events,
                         const std::string& type = "DATA_MESSAGE") {
    return R"({"messageType":")" + type + R"(","owner":"111122223333","logGroup":")" + group +
           R"(","logStream":"s-1","subscriptionFilters":["all"],"logEvents":[)" + events + "]}";
}

std::string log_event(const std::string& message, int64_t timestamp = 1'700'000'000'123) {
    return R"({"id":"1","timestamp":)" + std::to_string(timestamp) + R"(,"message":)" +
           json_quote(message) + "}";
}

const std::string kBridge =
    R"({"version":"0","id":"e1","detail-type":"GuardDuty Finding","source":"aws.guardduty",)"
    R"("account":"444455556666","time":"2024-07-31T12:00:00Z","region":"eu-west-1","resources":[],)"
    R"("detail":{"schemaVersion":"2.0","id":"f1"}})";
const std::string kDetail = R"({"schemaVersion":"2.0","id":"f1"})";

TEST_CASE("a subscription envelope gives its messages, JSON as records and text as lines") {
    const std::string record = R"({"eventVersion":"1.08","text":"a \"quoted\" \\ word"})";
    const std::string text =
        subscription("/aws/trail",
                     log_event(record) + "," + log_event("2 111 eni-1 - - - -", 1'700'000'001'000));
    const Collector sink = collect(text);
    REQUIRE(sink.seen.size() == 2);
    CHECK(sink.records() == Texts{record});
    CHECK(sink.lines() == Texts{"2 111 eni-1 - - - -"});
    for (const Seen& one : sink.seen) {
        CHECK(one.log_group == "/aws/trail");
        CHECK(one.log_stream == "s-1");
        CHECK(one.account == "111122223333");
    }
    CHECK(sink.seen[0].time == from_micros(1'700'000'000'123'000));
    CHECK(sink.seen[1].time == from_micros(1'700'000'001'000'000));
    CHECK(sink.seen[1].ordinal == 1);
    CHECK(text.substr(sink.seen[1].offset, 5) == "2 111");
}

TEST_CASE("envelopes follow each other without separator, each with its own group") {
    const std::string text =
        subscription("/a", log_event("one")) + subscription("/b", log_event("two")) + "\n" +
        subscription("/c", "", "CONTROL_MESSAGE") + subscription("/d", log_event("three"));
    const Collector sink = collect(text);
    CHECK(sink.lines() == Texts{"one", "two", "three"});
    CHECK(sink.faults() == Texts{});
    CHECK(sink.seen[1].log_group == "/b");
    CHECK(sink.seen[2].log_group == "/d");
}

TEST_CASE("a control message is no record and no fault") {
    const Collector sink = collect(
        subscription("", log_event("CWL CONTROL MESSAGE: Checking health"), "CONTROL_MESSAGE"));
    CHECK(sink.seen.empty());
}

TEST_CASE("the order of an envelope's keys does not matter") {
    const std::string text =
        R"({"logEvents":[{"message":"one","timestamp":1000000000000}],)"
        R"("logGroup":"g","owner":"1","logStream":"s","messageType":"DATA_MESSAGE"})";
    const Collector sink = collect(text);
    CHECK(sink.lines() == Texts{"one"});
    CHECK(sink.seen[0].log_group == "g");
}

TEST_CASE("a log event without message costs that event") {
    const Collector sink = collect(subscription(
        "/a",
        R"({"id":"1"},)" + log_event("two") + R"(,7,{"id":"4","message":7},)" + log_event("")));
    CHECK(sink.lines() == Texts{"two"});
    CHECK(sink.faults() == Texts{"not_a_record", "not_a_record", "not_a_record", "empty_object"});
    CHECK(sink.seen[1].ordinal == 1);
    CHECK(sink.seen[4].ordinal == 4);
}

TEST_CASE("a message that only looks like JSON is a line") {
    const Collector sink = collect(subscription(
        "/a", log_event("{timestamp} started") + "," + log_event("{\"a\":1} and more")));
    CHECK(sink.lines() == Texts{"{timestamp} started", "{\"a\":1} and more"});
}

TEST_CASE("an EventBridge envelope gives its detail and says where it came from") {
    for (const std::string& text :
         {kBridge, kBridge + "\n" + kBridge, "[" + kBridge + "," + kBridge + "]"}) {
        const Collector sink = collect(text);
        REQUIRE(!sink.seen.empty());
        CHECK(sink.faults() == Texts{});
        for (const Seen& one : sink.seen) {
            CHECK(one.text == kDetail);
            CHECK(one.detail_type == "GuardDuty Finding");
            CHECK(one.account == "444455556666");
            CHECK(one.region == "eu-west-1");
            CHECK(one.time == parse_iso8601("2024-07-31T12:00:00Z"));
            CHECK(text.substr(one.offset, kDetail.size()) == kDetail);
        }
    }
}

TEST_CASE("an EventBridge envelope inside a log group keeps both origins") {
    const Collector sink = collect(subscription("/events", log_event(kBridge)));
    CHECK(sink.records() == Texts{kDetail});
    CHECK(sink.seen[0].log_group == "/events");
    CHECK(sink.seen[0].detail_type == "GuardDuty Finding");
}

TEST_CASE("envelopes and bare records mix") {
    const std::string bare = R"({"schemaVersion":"2.0","id":"f0"})";
    const Collector sink =
        collect(bare + kBridge + bare + subscription("/g", log_event("line")) + bare);
    CHECK(sink.records() == Texts{bare, kDetail, bare, bare});
    CHECK(sink.lines() == Texts{"line"});
    CHECK(sink.seen[2].detail_type.empty());
    CHECK(sink.seen[4].log_group.empty());
}

TEST_CASE("an EventBridge envelope without an object inside is no record") {
    std::string text = kBridge;
    text.replace(text.find(kDetail), kDetail.size(), "\"text\"");
    CHECK(collect(text).faults() == Texts{"not_a_record"});
}

TEST_CASE("records that merely share keys with an envelope stay as they are") {
    for (const std::string& text :
         {std::string(
              R"({"version":"1.100000","account_id":"1","region":"r","query_name":"a.b."})"),
          std::string(R"({"source":"x","detail":{"a":1}})"),
          std::string(R"({"logGroup":"a"})"),
          std::string(R"({"Records":{"a":1}})"),
          std::string(R"({"digestStartTime":"t","logFiles":[]})")}) {
        CHECK(collect(text).records() == Texts{text});
        CHECK(collect(text + "\n" + text).records() == Texts{text, text});
    }
}

TEST_CASE("a broken envelope costs that envelope") {
    const std::string good = subscription("/a", log_event("one"));
    const std::string bad = good.substr(0, good.size() - 8);
    const Collector sink = collect(good + "\n" + bad + "\n" + good);
    CHECK(sink.lines() == Texts{"one", "one"});
    CHECK(sink.faults() == Texts{"bad_json"});
}

}  // namespace
}  // namespace yagura::decode
