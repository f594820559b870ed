#include "server/proxies.h"

#include <doctest/doctest.h>

#include "raw_client.h"
#include "server/server.h"

using namespace yagura;
using namespace yagura::server;

namespace {

std::vector<Cidr> trusted(std::vector<std::string> texts) {
    return *read_proxies(texts);
}

struct Seen {
    std::string peer;
    bool is_secure;
};

// What is taken from a request of `peer` with these headers, when 10.0.0.0/8 is ours.
Seen seen(std::string_view peer, http::Pairs headers, bool is_secure = false) {
    http::Request request;
    request.peer = peer;
    request.is_secure = is_secure;
    request.headers = std::move(headers);
    REQUIRE(take_forwarded(request, trusted({"10.0.0.0/8", "2001:db8::/32"})));
    return {request.peer, request.is_secure};
}

std::string client(std::string_view header) {
    return seen("10.0.0.1", {{"x-forwarded-for", std::string(header)}}).peer;
}

Handled say_peer(const http::Request& request) {
    return {http::Response::text(request.peer + (request.is_secure ? " secure" : " plain"),
                                 "text/plain"),
            "/"};
}

}  // namespace

TEST_CASE("nobody but a trusted proxy is believed") {
    const Seen stranger = seen("192.0.2.9",
                               {{"x-forwarded-for", "198.51.100.7"},
                                {"forwarded", "for=198.51.100.7;proto=https"},
                                {"x-forwarded-proto", "https"}});
    CHECK(stranger.peer == "192.0.2.9");
    CHECK_FALSE(stranger.is_secure);
    http::Request request;
    request.peer = "127.0.0.1";
    request.headers = {{"x-forwarded-for", "198.51.100.7"}};
    CHECK(take_forwarded(request, {}));
    CHECK(request.peer == "127.0.0.1");
}

TEST_CASE("the client is the rightmost address that is no proxy of ours") {
    CHECK(client("198.51.100.7") == "198.51.100.7");
    CHECK(client("127.0.0.1, 198.51.100.7") == "198.51.100.7");
    CHECK(client("1.1.1.1, 198.51.100.7, 10.2.3.4, 10.0.0.9") == "198.51.100.7");
    CHECK(client("10.5.5.5, 10.0.0.9") == "10.5.5.5");
    CHECK(client("198.51.100.7:4711") == "198.51.100.7");
    CHECK(client("[2a00::5]:4711") == "2a00::5");
    CHECK(client("2a00::5, 2001:db8::9") == "2a00::5");
    CHECK(seen("::ffff:10.0.0.1", {{"x-forwarded-for", "198.51.100.7"}}).peer == "198.51.100.7");
    CHECK(seen("10.0.0.1",
               {{"x-forwarded-for", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.7, 10.0.0.9"}})
              .peer == "198.51.100.7");
}

TEST_CASE("behind what cannot be read nothing is believed") {
    CHECK(client("") == "10.0.0.1");
    CHECK(client("nonsense") == "10.0.0.1");
    CHECK(client("198.51.100.7, unknown") == "10.0.0.1");
    CHECK(client("198.51.100.7, unknown, 10.0.0.9") == "10.0.0.9");
    CHECK(client("198.51.100.7,") == "10.0.0.1");
    CHECK(client("[") == "10.0.0.1");
    CHECK(client("010.1.1.1") == "10.0.0.1");
}

TEST_CASE("Forwarded is read as the standard writes it") {
    const auto forwarded = [](std::string_view text) {
        return seen("10.0.0.1", {{"forwarded", std::string(text)}});
    };
    CHECK(forwarded("for=198.51.100.7").peer == "198.51.100.7");
    CHECK(forwarded("For=\"[2a00::5]:47\" ; Proto=HTTPS; by=10.0.0.1").peer == "2a00::5");
    CHECK(forwarded("for=198.51.100.7;proto=https").is_secure);
    CHECK_FALSE(forwarded("for=198.51.100.7;proto=http").is_secure);
    CHECK(forwarded("for=9.9.9.9;proto=https, for=198.51.100.7;proto=http, for=10.0.0.9").peer ==
          "198.51.100.7");
    CHECK(forwarded("for=198.51.100.7, for=_hidden").peer == "10.0.0.1");
    CHECK(forwarded("proto=https").peer == "10.0.0.1");
}

TEST_CASE("two headers that name different clients are refused") {
    http::Request request;
    request.peer = "10.0.0.1";
    request.headers = {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=9.9.9.9"}};
    CHECK_FALSE(take_forwarded(request, trusted({"10.0.0.1"})));
    request.headers = {{"x-forwarded-for", "198.51.100.7"}, {"forwarded", "for=198.51.100.7"}};
    CHECK(take_forwarded(request, trusted({"10.0.0.1"})));
    CHECK(request.peer == "198.51.100.7");
}

TEST_CASE("the scheme is the one the proxy next to us says") {
    CHECK(seen("10.0.0.1", {{"x-forwarded-proto", "https"}}).is_secure);
    CHECK_FALSE(seen("10.0.0.1", {{"x-forwarded-proto", "https, http"}}).is_secure);
    CHECK_FALSE(seen("10.0.0.1", {{"x-forwarded-proto", "http"}}, true).is_secure);
    CHECK(seen("10.0.0.1", {}, true).is_secure);
}

TEST_CASE("what is no address or block is refused by its name") {
    const auto wrong = read_proxies(std::vector<std::string>{"10.0.0.1/8"});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().sentence().find("10.0.0.1/8") != std::string::npos);
}

TEST_CASE("on the wire a client cannot choose its address, a trusted proxy can") {
    const auto ask = [](std::vector<Cidr> proxies, std::string_view more) {
        Options options;
        options.port = 0;
        options.proxies = std::move(proxies);
        auto server = Server::start(options, say_peer);
        REQUIRE(server);
        RawClient raw((*server)->port());
        raw.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string(more) + "\r\n");
        return raw.read_all();
    };
    constexpr std::string_view kLie =
        "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n";
    CHECK(ask({}, kLie).ends_with("127.0.0.1 plain"));
    CHECK(ask(trusted({"10.0.0.0/8"}), kLie).ends_with("127.0.0.1 plain"));
    CHECK(ask(trusted({"127.0.0.1"}), kLie).ends_with("203.0.113.5 secure"));
    // As an appending proxy hands on what its client made up.
    CHECK(ask(trusted({"127.0.0.1"}), "X-Forwarded-For: 127.0.0.1, 198.51.100.7\r\n")
              .ends_with("198.51.100.7 plain"));
    CHECK(ask(trusted({"127.0.0.1"}), "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=4.3.2.1\r\n")
              .starts_with("HTTP/1.1 400"));
}
