#include "api/api.h"

#include <doctest/doctest.h>

#include "http/json.h"

using namespace yagura;

namespace {

// An API where this one person asks.
struct Fixture {
    std::optional<auth::Principal> who;
    api::Services services;
    api::Api api{services};

    Fixture() {
        services.now = [] { return from_micros(1'000'000); };
        services.identify = [this](const http::Request&) { return Result<decltype(who)>(who); };
    }

    http::Response ask(http::Method method, std::string_view target, http::Pairs headers = {}) {
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target(target, request));
        request.headers = std::move(headers);
        return api.answer(request).response;
    }
};

}  // namespace

TEST_CASE("the API describes itself to everyone") {
    Fixture fixture;
    const auto response = fixture.ask(http::Method::get, "/api/v1/openapi.json");
    CHECK(response.status == 200);
    const auto json = http::Json::parse(response.body);
    REQUIRE(json);
    CHECK(json->text("openapi") == "3.1.0");
    const http::Json* paths = json->find("paths");
    REQUIRE(paths);
    CHECK(paths->find("/api/v1/openapi.json"));
}

TEST_CASE("what is not there is said in the language of the request") {
    Fixture fixture;
    CHECK(fixture.ask(http::Method::get, "/api/v1/nothing").status == 404);
    CHECK(fixture.ask(http::Method::post, "/api/v1/openapi.json").status == 405);
    const auto japanese =
        fixture.ask(http::Method::get, "/api/v1/nothing", {{"x-yagura-language", "ja"}});
    CHECK(japanese.body.find("ありません") != std::string::npos);
}

TEST_CASE("what is beside the API's version is not there") {
    Fixture fixture;
    for (const std::string_view path :
         {"/api", "/api/", "/api/v1", "/api/v2/openapi.json", "/other/v1/openapi.json"})
        CHECK(fixture.ask(http::Method::get, path).status == 404);
}

TEST_CASE("every schema a route names is there") {
    const auto json = http::Json::parse(api::openapi_json(Language::japanese));
    REQUIRE(json);
    const http::Json* schemas = json->find("components")->find("schemas");
    REQUIRE(schemas);
    for (const api::Described& described : api::resources()) {
        for (const api::Route& route : described.resource->routes) {
            CAPTURE(route.path);
            CHECK((route.asks.empty() || schemas->find(route.asks)));
            CHECK((route.answer.empty() || schemas->find(route.answer)));
            CHECK_FALSE(route.summary.japanese.empty());
        }
    }
}
