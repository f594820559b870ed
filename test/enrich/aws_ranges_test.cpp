#include "enrich/aws_ranges.h"

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::enrich;

namespace {

// The shape of the list AWS publishes; blocks of documentation.
constexpr std::string_view kList = R"({
  "syncToken": "1790000000", "createDate": "2026-09-21-14-13-20",
  "prefixes": [
    {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"},
    {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"},
    {"ip_prefix": "192.0.2.128/28", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"},
    {"ip_prefix": "192.0.2.128/28", "region": "eu-west-1", "service": "CLOUDFRONT", "network_border_group": "eu-west-1"},
    {"ip_prefix": "198.51.100.0/25", "region": "GLOBAL", "service": "AMAZON", "network_border_group": "GLOBAL"}
  ],
  "ipv6_prefixes": [
    {"ipv6_prefix": "2001:db8:1::/48", "region": "ap-northeast-1", "service": "S3", "network_border_group": "ap-northeast-1"}
  ]})";

std::string found(const AwsRanges& ranges, std::string_view address) {
    const AwsRange* range = ranges.find(*IpAddress::parse(address));
    return range ? range->service + " " + range->region : "";
}

}  // namespace

TEST_CASE("the narrowest block counts, and of equal ones the service that says most") {
    const auto ranges = AwsRanges::read(kList);
    REQUIRE(ranges);
    CHECK(ranges->size() == 6);
    CHECK(ranges->built() == Timestamp(std::chrono::seconds(1'790'000'000)));
    CHECK(found(*ranges, "192.0.2.1") == "EC2 eu-west-1");
    CHECK(found(*ranges, "192.0.2.129") == "CLOUDFRONT eu-west-1");
    CHECK(found(*ranges, "192.0.2.255") == "EC2 eu-west-1");
    CHECK(found(*ranges, "198.51.100.127") == "AMAZON GLOBAL");
    CHECK(found(*ranges, "198.51.100.128").empty());
    CHECK(found(*ranges, "2001:db8:1::5") == "S3 ap-northeast-1");
    CHECK(found(*ranges, "2001:db8:2::5").empty());
}

TEST_CASE("what is no such list is told") {
    CHECK(AwsRanges::read("").error().code() == Code::invalid);
    CHECK(AwsRanges::read("{}").error().code() == Code::invalid);
    CHECK(AwsRanges::read(R"({"prefixes": 3})").error().code() == Code::invalid);
    const auto bad = AwsRanges::read(R"({"prefixes": [{"ip_prefix": "10.0.0.1/8"}]})");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().sentence().find("10.0.0.1/8") != std::string::npos);
}
