#include "server/request_reader.h"

#include <doctest/doctest.h>

using namespace yagura;
using server::RequestReader;

namespace {

const std::vector<std::string> kHosts = {"localhost", "127.0.0.1", "::1"};

struct Outcome {
    int status = 0;  // 0: accepted
    http::Request request;
    size_t used = 0;
    bool is_done = false;
};

Outcome read(std::string_view bytes, size_t step = std::string_view::npos) {
    const server::Limits limits;
    RequestReader reader(limits, kHosts);
    Outcome outcome;
    size_t given = 0;
    while (given < bytes.size() && !reader.problem() && !reader.is_done()) {
        given =
            step == std::string_view::npos ? bytes.size() : std::min(bytes.size(), given + step);
        outcome.used += reader.take(bytes.substr(outcome.used, given - outcome.used));
    }
    if (reader.problem()) outcome.status = reader.problem()->status;
    outcome.is_done = reader.is_done();
    outcome.request = std::move(reader.request());
    return outcome;
}

// A request with these lines behind the host.
int status_with(std::string_view lines, std::string_view start = "POST /a HTTP/1.1") {
    return read(std::string(start) + "\r\nHost: localhost\r\n" + std::string(lines) + "\r\n")
        .status;
}

}  // namespace

TEST_CASE("a request is the same however its bytes arrive") {
    const std::string bytes =
        "POST /a%20b?x=1&y=%E3%81%82 HTTP/1.1\r\nHost: localhost:8686\r\nContent-Length: 5\r\n"
        "Cookie: a=b\r\n\r\nhelloGET";
    for (const size_t step : {size_t{1}, size_t{2}, size_t{7}, std::string_view::npos}) {
        CAPTURE(step);
        const Outcome outcome = read(bytes, step);
        CHECK(outcome.status == 0);
        REQUIRE(outcome.is_done);
        CHECK(outcome.used == bytes.size() - 3);
        CHECK(outcome.request.method == http::Method::post);
        CHECK(outcome.request.path == "/a b");
        CHECK(outcome.request.parameter("y") == "あ");
        CHECK(outcome.request.cookie("a") == "b");
        CHECK(outcome.request.body == "hello");
    }
}

TEST_CASE("a chunked body is put together") {
    const Outcome outcome = read(
        "PUT /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;note=1\r\nde\r\n0\r\n\r\nX");
    REQUIRE(outcome.is_done);
    CHECK(outcome.request.body == "abcde");
}

TEST_CASE("shapes that two parties could read differently are refused") {
    CHECK(status_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") == 400);
    CHECK(status_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") == 400);
    CHECK(status_with("Content-Length: 5\r\nContent-Length: 5\r\n") == 400);
    CHECK(status_with("Content-Length: 5\r\nContent-Length: 6\r\n") == 400);
    CHECK(status_with("Content-Length: 5, 5\r\n") == 400);
    CHECK(status_with("Content-Length: +5\r\n") == 400);
    CHECK(status_with("Content-Length: -5\r\n") == 400);
    CHECK(status_with("Content-Length: 0x5\r\n") == 400);
    CHECK(status_with("Content-Length: 99999999999999999999999\r\n") == 400);
    CHECK(status_with("Content-Length : 5\r\n") == 400);
    CHECK(status_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") == 400);
    CHECK(status_with("Transfer-Encoding: gzip, chunked\r\n") == 501);
    CHECK(status_with("Transfer-Encoding: identity\r\n") == 501);
    CHECK(status_with("Transfer-Encoding: xchunked\r\n") == 501);
    CHECK(status_with("Transfer-Encoding: chunked\r\n", "POST /a HTTP/1.0") == 400);
    CHECK(status_with("Expect: 200-ok\r\n") == 417);
    CHECK(status_with("X: a\nY: b\r\n") == 400);
    CHECK(status_with("X\tY: b\r\n") == 400);
    CHECK(status_with(std::string_view("X: a\0b\r\n", 8)) == 400);
}

TEST_CASE("a request names one host that is ours") {
    CHECK(read("GET / HTTP/1.1\r\n\r\n").status == 400);
    CHECK(read("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n").status == 400);
    CHECK(read("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 421);
    CHECK(read("GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n").status == 421);
    CHECK(read("GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n").status == 421);
    CHECK(read("GET / HTTP/1.1\r\nHost: \r\n\r\n").status == 421);
    CHECK(read("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 421);
    CHECK(read("GET / HTTP/1.1\r\nHost: LOCALHOST.:8686\r\n\r\n").status == 0);
    CHECK(read("GET / HTTP/1.1\r\nHost: [::1]:8686\r\n\r\n").status == 0);
    CHECK(read("GET / HTTP/1.0\r\n\r\n").status == 0);
    const Outcome absolute = read("GET http://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(absolute.status == 0);
    CHECK(absolute.request.path == "/a");
}

TEST_CASE("methods and targets that are not for here are refused") {
    CHECK(status_with("", "OPTIONS /a HTTP/1.1") == 405);
    CHECK(status_with("", "OPTIONS * HTTP/1.1") == 405);
    CHECK(status_with("", "TRACE /a HTTP/1.1") == 405);
    CHECK(status_with("", "CONNECT localhost:443 HTTP/1.1") == 405);
    CHECK(status_with("", "BREW /a HTTP/1.1") == 501);
    CHECK(status_with("", "get /a HTTP/1.1") == 501);
    CHECK(status_with("", "GET a HTTP/1.1") == 400);
    CHECK(status_with("", "GET /%zz HTTP/1.1") == 400);
    CHECK(status_with("", "GET /%00 HTTP/1.1") == 400);
    CHECK(status_with("", "GET /%ff HTTP/1.1") == 400);
    CHECK(status_with("", "GET /a HTTP/2.0") == 505);
    CHECK(status_with("", "GET /a") == 400);
    CHECK(read("\x16\x03\x01\x02\x01 hello TLS").status == 400);
    CHECK(read("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status != 0);
}

TEST_CASE("what is too large is refused before it is kept") {
    CHECK(status_with("X: " + std::string(17'000, 'x') + "\r\n") == 431);
    CHECK(read("GET /" + std::string(17'000, 'x')).status == 431);
    CHECK(status_with("Content-Length: 4194305\r\n") == 413);
    CHECK(read("POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
               "500000\r\n")
              .status == 413);
    std::string many;
    for (int i = 0; i < 3000; ++i) many += "a: b\r\n";
    CHECK(status_with(many) == 431);
}
