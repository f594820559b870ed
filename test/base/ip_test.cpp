#include "base/ip.h"

#include <doctest/doctest.h>

using namespace yagura;

namespace {

std::string address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    return parsed ? parsed->to_string() : "refused";
}

std::string block(std::string_view text) {
    const auto parsed = Cidr::parse(text);
    return parsed ? parsed->to_string() : "refused";
}

bool within(std::string_view cidr, std::string_view text) {
    return Cidr::parse(cidr)->contains(*IpAddress::parse(text));
}

bool is_private(std::string_view text) {
    return IpAddress::parse(text)->is_private();
}

}  // namespace

TEST_CASE("addresses print as RFC 5952 asks") {
    CHECK(address("192.0.2.7") == "192.0.2.7");
    CHECK(address("2001:0DB8:0000:0000:0001:0000:0000:0001") == "2001:db8::1:0:0:1");
    CHECK(address("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
    CHECK(address("::") == "::");
    CHECK(address("::1") == "::1");
    CHECK(address("1::") == "1::");
    CHECK(address("0:0:0:1::") == "0:0:0:1::");
    CHECK(address("::ffff:192.0.2.1") == "::ffff:192.0.2.1");
}

TEST_CASE("texts that are no address are refused") {
    for (const char* text : {"",
                             "1",
                             "192.0.2",
                             "192.0.2.7.1",
                             "192.0.2.256",
                             "192.0.2.07",
                             "192.0.2.7:443",
                             " 192.0.2.7",
                             "192.0.2.7/32",
                             "0x7f.0.0.1",
                             ":::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7::8",
                             "1:2:",
                             ":1:2:3:4:5:6:7",
                             "12345::",
                             "g::",
                             "fe80::1%eth0",
                             "[::1]",
                             "::192.0.2.1.1",
                             "AWS Internal",
                             "ec2.amazonaws.com"}) {
        CAPTURE(std::string_view(text));
        CHECK(address(text) == "refused");
    }
}

TEST_CASE("blocks are read, and a bare address is its own block") {
    CHECK(block("10.0.0.0/8") == "10.0.0.0/8");
    CHECK(block("0.0.0.0/0") == "0.0.0.0/0");
    CHECK(block("192.0.2.7") == "192.0.2.7/32");
    CHECK(block("2001:db8::/32") == "2001:db8::/32");
    CHECK(block("::1") == "::1/128");
}

TEST_CASE("blocks with host bits set or an odd prefix are refused") {
    for (const char* text : {"10.0.0.1/8",
                             "2001:db8::1/32",
                             "10.0.0.0/33",
                             "::/129",
                             "10.0.0.0/",
                             "10.0.0.0/-1",
                             "10.0.0.0/+8",
                             "10.0.0.0/08",
                             "10.0.0.0/8 ",
                             "/8"}) {
        CAPTURE(std::string_view(text));
        CHECK(block(text) == "refused");
    }
}

TEST_CASE("a block holds its addresses and no others") {
    CHECK(within("10.0.0.0/8", "10.255.255.255"));
    CHECK(!within("10.0.0.0/8", "11.0.0.0"));
    CHECK(within("192.0.2.128/25", "192.0.2.128"));
    CHECK(!within("192.0.2.128/25", "192.0.2.127"));
    CHECK(within("0.0.0.0/0", "203.0.113.1"));
    CHECK(within("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK(!within("2001:db8::/33", "2001:db8:8000::1"));
}

TEST_CASE("families do not mix") {
    CHECK(!within("0.0.0.0/0", "::1"));
    CHECK(!within("::/0", "192.0.2.1"));
}

TEST_CASE("the last address of a block") {
    CHECK(Cidr::parse("10.0.0.0/8")->last().to_string() == "10.255.255.255");
    CHECK(Cidr::parse("192.0.2.7/32")->last().to_string() == "192.0.2.7");
    CHECK(Cidr::parse("2001:db8::/126")->last().to_string() == "2001:db8::3");
}

TEST_CASE("private addresses are those the internet does not route") {
    for (const char* text : {"10.1.2.3",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "127.0.0.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "fd00::1",
                             "fe80::1",
                             "::1"}) {
        CAPTURE(std::string_view(text));
        CHECK(is_private(text));
    }
    for (const char* text :
         {"172.32.0.1", "11.0.0.1", "100.128.0.1", "8.8.8.8", "2001:db8::1", "::2"}) {
        CAPTURE(std::string_view(text));
        CHECK(!is_private(text));
    }
}
