#include "server/site.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include "http/json.h"

using namespace yagura;
using server::Asset;

namespace {

std::string gzip(std::string_view text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(text.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

struct Fixture {
    std::optional<auth::Principal> who;
    api::Services services;
    Metrics metrics;
    std::string page = "<!doctype html><p>Yagura";
    std::string page_gzip = gzip(page);
    std::string script = "let a = 1;";
    std::string script_gzip = gzip(script);
    Asset assets[2] = {asset("/assets/main-B7x2.js", "text/javascript", script, script_gzip, true),
                       asset("/index.html", "text/html; charset=utf-8", page, page_gzip, false)};
    bool lake_works = true;

    static Asset asset(std::string_view path,
                       std::string_view type,
                       const std::string& raw,
                       const std::string& packed,
                       bool immutable) {
        return {path, type, "\"abc\"", std::as_bytes(std::span(packed)), immutable, raw.size()};
    }

    Fixture() {
        services.now = [] { return from_micros(0); };
        services.identify = [this](const http::Request&) { return Result<decltype(who)>(who); };
    }

    http::Response ask(std::string_view target,
                       http::Pairs headers = {},
                       http::Method method = http::Method::get,
                       std::string peer = "127.0.0.1") {
        const server::Site site({.services = services,
                                 .metrics = metrics,
                                 .assets = assets,
                                 .checks = {{"lake",
                                             [this]() -> Result<void> {
                                                 if (lake_works) return {};
                                                 return fail(Code::io, "gone");
                                             }}},
                                 .version = "1.2.3"});
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target(target, request));
        request.headers = std::move(headers);
        request.peer = std::move(peer);
        return site.answer(request).response;
    }
};

std::string field(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

}  // namespace

TEST_CASE("files go out packed to whoever unpacks them, else as they are") {
    Fixture fixture;
    const auto packed = fixture.ask("/", {{"accept-encoding", "br, gzip;q=0.8"}});
    CHECK(packed.body == fixture.page_gzip);
    CHECK(field(packed, "Content-Encoding") == "gzip");
    CHECK(field(packed, "Vary") == "Accept-Encoding");
    const auto plain = fixture.ask("/", {{"accept-encoding", "gzip;q=0, br"}});
    CHECK(plain.body == fixture.page);
    CHECK(field(plain, "Content-Encoding").empty());
    CHECK(field(plain, "ETag") != field(packed, "ETag"));
}

TEST_CASE("a browser that has a file is not sent it again") {
    Fixture fixture;
    const std::string etag = field(fixture.ask("/"), "ETag");
    const auto same = fixture.ask("/", {{"if-none-match", "\"x\", W/" + etag}});
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(field(same, "ETag") == etag);
    CHECK(fixture.ask("/", {{"if-none-match", "\"x\""}}).status == 200);
    CHECK(field(same, "Cache-Control") == "no-cache");
    CHECK(field(fixture.ask("/assets/main-B7x2.js"), "Cache-Control").find("immutable") !=
          std::string::npos);
}

TEST_CASE("the browser's own paths are its page, files that are not there are not") {
    Fixture fixture;
    const auto page = fixture.ask("/discover?x=1", {{"accept", "text/html,*/*"}});
    CHECK(page.body == fixture.page);
    CHECK(fixture.ask("/assets/gone.js", {{"accept", "*/*"}}).status == 404);
    CHECK(fixture.ask("/../etc/passwd").status == 404);
    CHECK(fixture.ask("/api/v1/gone", {{"accept", "text/html"}}).status == 404);
    CHECK(fixture.ask("/api", {{"accept", "text/html"}}).status == 404);
    const auto posted = fixture.ask("/discover", {}, http::Method::post);
    CHECK(posted.status == 405);
    CHECK(field(posted, "Allow") == "GET, HEAD");
}

TEST_CASE("readiness tells which part does not work") {
    Fixture fixture;
    CHECK(fixture.ask("/readyz").status == 200);
    fixture.lake_works = false;
    const auto answer = fixture.ask("/readyz");
    CHECK(answer.status == 503);
    const auto json = http::Json::parse(answer.body);
    REQUIRE(json);
    CHECK(json->list("parts").at(0).text("reason") == "gone");
    CHECK(fixture.ask("/healthz").status == 200);
}

TEST_CASE("numbers are for this machine and for administrators") {
    Fixture fixture;
    fixture.metrics.counter("yagura_test_total", "tests").add(3);
    const http::Pairs ours = {{"host", "localhost:8686"}};
    CHECK(fixture.ask("/metrics", ours).body.find("yagura_test_total 3\n") != std::string::npos);
    const http::Pairs forwarded = {{"host", "localhost:8686"}, {"x-forwarded-for", "192.0.2.1"}};
    CHECK(fixture.ask("/metrics", forwarded).status == 401);
    CHECK(fixture.ask("/metrics", {{"host", "yagura.example"}}).status == 401);
    CHECK(fixture.ask("/metrics", ours, http::Method::get, "192.0.2.1").status == 401);
    fixture.who = auth::Principal{.name = "mika", .role = auth::Role::responder};
    CHECK(fixture.ask("/metrics", ours, http::Method::get, "192.0.2.1").status == 401);
    fixture.who->role = auth::Role::admin;
    CHECK(fixture.ask("/metrics", ours, http::Method::get, "192.0.2.1").status == 200);
}

TEST_CASE("nothing inline, nothing from elsewhere, no frames") {
    const auto plain = server::security_headers(false);
    const auto tls = server::security_headers(true);
    CHECK(tls.size() == plain.size() + 1);
    CHECK(plain.front().second.find("script-src 'self';") != std::string::npos);
    CHECK(plain.front().second.find("unsafe") == std::string::npos);
}
