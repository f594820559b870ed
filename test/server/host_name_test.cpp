#include "server/host_name.h"

#include <doctest/doctest.h>

using namespace yagura;
using server::host_name;
using server::read_endpoint;

TEST_CASE("addresses to listen on are read as people write them") {
    struct Case {
        std::string_view text, address;
        uint16_t port;
        bool is_loopback;
    };
    for (const Case& expected : {Case{"127.0.0.1:8686", "127.0.0.1", 8686, true},
                                 Case{"[::1]:0", "::1", 0, true},
                                 Case{"[::]:80", "::", 80, false},
                                 Case{"0.0.0.0", "0.0.0.0", 8686, false},
                                 Case{":8080", "0.0.0.0", 8080, false},
                                 Case{"8080", "127.0.0.1", 8080, true},
                                 Case{"localhost:80", "127.0.0.1", 80, true},
                                 Case{"127.9.9.9:1", "127.9.9.9", 1, true},
                                 Case{"192.0.2.7:443", "192.0.2.7", 443, false}}) {
        CAPTURE(expected.text);
        const auto endpoint = read_endpoint(expected.text);
        REQUIRE(endpoint);
        CHECK(endpoint->address == expected.address);
        CHECK(endpoint->port == expected.port);
        CHECK(endpoint->is_loopback == expected.is_loopback);
    }
    for (const std::string_view bad :
         {"", "example.org:80", "127.0.0.1:70000", "127.0.0.1:x", "[::1", "[::1]x", "1.2.3:80"}) {
        CAPTURE(bad);
        CHECK_FALSE(read_endpoint(bad));
    }
}

TEST_CASE("the name of a host has no port, no brackets and no capitals") {
    CHECK(host_name("Example.ORG:8686") == "example.org");
    CHECK(host_name("example.org.") == "example.org");
    CHECK(host_name("[2001:DB8::1]:80") == "2001:db8::1");
    CHECK(host_name("a:b").empty());
    CHECK(host_name("a:80:80").empty());
    CHECK(host_name("").empty());
}
