#include "http/message.h"

#include <doctest/doctest.h>

#include "http/event_stream.h"
#include "http/json.h"

using namespace yagura;
using namespace yagura::http;

namespace {

Request at(std::string_view target) {
    Request request;
    REQUIRE(read_target(target, request));
    return request;
}

bool is_refused(std::string_view target) {
    Request request;
    return !read_target(target, request);
}

}  // namespace

TEST_CASE("a target becomes path, parts and parameters") {
    const Request request =
        at("/api/v1/entities/role/arn%3Aaws%2Frole%2Fx?from=2026-01-01&q=a+b%26c&flag");
    CHECK(request.path == "/api/v1/entities/role/arn:aws/role/x");
    REQUIRE(request.segments.size() == 5);
    CHECK(request.segments[4] == "arn:aws/role/x");
    CHECK(request.parameter("q") == "a b&c");
    CHECK(request.parameter("flag") == "");
    CHECK_FALSE(request.parameter("absent"));
}

TEST_CASE("a malformed target is refused") {
    CHECK(is_refused(""));
    CHECK(is_refused("api"));
    CHECK(is_refused("/%"));
    CHECK(is_refused("/%zz"));
    CHECK(is_refused("/a%00b"));
    CHECK(is_refused("/%ff"));
    CHECK(is_refused("/?a=%c3"));
}

TEST_CASE("a cookie is found among others") {
    Request request;
    request.headers = {{"cookie", "a=1; yagura_session=abc=; b="}};
    CHECK(request.cookie("yagura_session") == "abc=");
    CHECK(request.cookie("a") == "1");
    CHECK(request.cookie("session") == "");
}

TEST_CASE("the language is the chosen one, else the first that we speak") {
    Request request;
    CHECK(request.language() == Language::english);
    request.headers = {{"accept-language", "fr-FR, ja;q=0.9, en;q=0.8"}};
    CHECK(request.language() == Language::japanese);
    request.headers.push_back({"x-yagura-language", "en"});
    CHECK(request.language() == Language::english);
}

TEST_CASE("JSON of a request is bounded in depth and refused when it is none") {
    const auto body = Json::parse(R"({"name":"x","ids":["a",1,"b"],"n":3,"on":true})");
    REQUIRE(body);
    CHECK(body->text("name") == "x");
    CHECK(body->texts("ids") == std::vector<std::string>{"a", "b"});
    CHECK(body->integer("n") == 3);
    CHECK(body->boolean("on"));
    CHECK(body->text("n") == "");
    CHECK_FALSE(Json::parse("{"));
    CHECK_FALSE(Json::parse(""));
    CHECK_FALSE(Json::parse(std::string(40, '[') + std::string(40, ']')));
    CHECK(Json::parse(std::string(20, '[') + std::string(20, ']')));
}

TEST_CASE("an event may have several lines") {
    CHECK(*EventStream::frame("x", "a\nb\r\nc") == "event: x\ndata: a\ndata: b\ndata: c\n\n");
}

TEST_CASE("a slow reader loses news, and they are counted") {
    EventStream stream;
    int woken = 0;
    stream.attach([&] { ++woken; });
    const auto frame = EventStream::frame("x", "y");
    for (size_t i = 0; i < EventStream::kMaxWaiting; ++i) CHECK(stream.push(frame));
    CHECK_FALSE(stream.push(frame));
    CHECK(stream.dropped() == 1);
    CHECK(woken == static_cast<int>(EventStream::kMaxWaiting));
    CHECK(stream.take().size() == EventStream::kMaxWaiting);
    CHECK(stream.push(frame));
}

TEST_CASE("who feeds a stream learns that its reader left") {
    EventStream stream;
    int told = 0;
    stream.on_leave([&] { ++told; });
    stream.leave();
    stream.leave();
    CHECK(told == 1);
    stream.on_leave([&] { ++told; });
    CHECK(told == 2);
    CHECK_FALSE(stream.push(EventStream::frame("x", "y")));
}
