#include <doctest/doctest.h>

#include "logtype/parse.h"

using namespace yagura;
using namespace yagura::logtype;

namespace {

std::string finding(std::string_view severity) {
    return R"({"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","id":"a1","type":"AttackSequence:IAM/CompromisedCredentials",
      "arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/a1","severity":)" +
           std::string(severity) +
           R"(,"updatedAt":"2026-03-02T09:20:00.000Z","resource":{"resourceType":"AccessKey","accessKeyDetails":{"userName":"ci","accessKeyId":"AKIAEXAMPLE"}},
      "service":{"serviceName":"guardduty","action":{"actionType":"AWS_API_CALL","awsApiCallAction":{"api":"ListUsers","remoteIpDetails":{"ipAddressV4":"203.0.113.9"}}}}})";
}

}  // namespace

TEST_CASE("severity falls into the four bands, critical from 9.0") {
    Parsed parsed(*find("guardduty"));
    const std::pair<const char*, const char*> cases[] = {{"1", "low"},
                                                         {"3.9", "low"},
                                                         {"4.0", "medium"},
                                                         {"6.9", "medium"},
                                                         {"7", "high"},
                                                         {"8.9", "high"},
                                                         {"9.0", "critical"},
                                                         {"10", "critical"}};
    for (const auto& [severity, band] : cases) {
        REQUIRE_FALSE(parsed.json(finding(severity)));
        CHECK(parsed.text("@severity_band") == band);
    }
}

TEST_CASE("the remote address is found whichever action reported it") {
    Parsed parsed(*find("guardduty"));
    REQUIRE_FALSE(parsed.json(finding("8")));
    CHECK(parsed.text("source.ip") == "203.0.113.9");
    CHECK(parsed.text("principal") == "ci");
    CHECK(parsed.text("@purpose") == "AttackSequence");
}

TEST_CASE("an updated finding is another event with the same id") {
    Parsed a(*find("guardduty"));
    Parsed b(*find("guardduty"));
    REQUIRE_FALSE(a.json(R"({"id":"x","type":"T:R/F","updatedAt":"2026-03-02T09:20:00Z"})"));
    REQUIRE_FALSE(b.json(R"({"id":"x","type":"T:R/F","updatedAt":"2026-03-02T10:20:00Z"})"));
    CHECK(event_identity(a.type, a.event) != event_identity(b.type, b.event));
}
