#include "enrich/network.h"

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::enrich;

namespace {

std::string_view name_of(std::string_view address) {
    return network_name(network_kind(*IpAddress::parse(address)));
}

}  // namespace

TEST_CASE("addresses are told by the block they lie in, at both of its ends") {
    CHECK(name_of("10.0.0.0") == "private");
    CHECK(name_of("10.255.255.255") == "private");
    CHECK(name_of("11.0.0.0") == "global");
    CHECK(name_of("172.15.255.255") == "global");
    CHECK(name_of("172.16.0.0") == "private");
    CHECK(name_of("172.32.0.0") == "global");
    CHECK(name_of("100.63.255.255") == "global");
    CHECK(name_of("100.64.0.0") == "carrier");
    CHECK(name_of("127.0.0.1") == "loopback");
    CHECK(name_of("192.0.2.1") == "documentation");
    CHECK(name_of("198.19.255.255") == "benchmark");
    CHECK(name_of("239.1.1.1") == "multicast");
    CHECK(name_of("255.255.255.255") == "reserved");
    CHECK(name_of("0.0.0.0") == "reserved");
    CHECK(name_of("52.94.76.1") == "global");
}

TEST_CASE("the endpoints of AWS inside an instance are no mere link-local addresses") {
    CHECK(name_of("169.254.169.254") == "aws_internal");
    CHECK(name_of("169.254.170.2") == "aws_internal");
    CHECK(name_of("fd00:ec2::254") == "aws_internal");
    CHECK(name_of("169.254.1.1") == "link_local");
}

TEST_CASE("blocks of IPv6 are told apart") {
    CHECK(name_of("::1") == "loopback");
    CHECK(name_of("::") == "reserved");
    CHECK(name_of("fe80::1") == "link_local");
    CHECK(name_of("fd12::1") == "private");
    CHECK(name_of("2001:db8::1") == "documentation");
    CHECK(name_of("2600:1f18::1") == "global");
    CHECK(name_of("ff02::1") == "multicast");
}

TEST_CASE("every kind has a name and a title of its own in both languages") {
    for (size_t i = 0; i < network_names().size(); ++i) {
        const auto kind = static_cast<NetworkKind>(i);
        CHECK(network_name(kind) == network_names()[i]);
        CHECK_FALSE(network_title(kind, Language::english).empty());
        CHECK(network_title(kind, Language::japanese) != network_title(kind, Language::english));
    }
}
