// What comes to readers of /stream, what the sources and the quarantine tell, and whom.
#include "pipeline/live.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "api/api.h"
#include "api/live_hub.h"
#include "http/event_stream.h"
#include "pipeline/made.h"
#include "support/must.h"

using namespace yagura;
using namespace std::chrono_literals;
using http::Method;
using pipeline::Folder;

namespace {

using test::must;

constexpr auto kLong = 60s;
constexpr std::string_view kAccount = "111122223333";  // of pipeline::record_of

auth::Principal person(const AccountScope& scope, auth::Role role = auth::Role::admin) {
    auth::Principal who;
    who.name = "ana";
    who.role = role;
    who.accounts = scope;
    return who;
}

// A lake with logs that are followed, and the API over it.
class Stage {
  public:
    Stage() {
        std::filesystem::create_directories(folder / "logs");
        pipeline::LiveOptions options;
        options.lake = folder / "lake";
        options.watch = {folder / "logs"};
        live = must(pipeline::LiveIngest::start(options));
        engines = std::make_unique<query::EnginePool>(options.lake, query::PoolOptions());
        hub = std::make_unique<api::LiveHub>(live->newsroom(),
                                             api::LiveHub::Parts{engines.get(), nullptr, nullptr});
        services.lake = options.lake;
        services.now = current_time;
        services.engines = engines.get();
        services.live = live.get();
        services.hub = hub.get();
        services.identify = [this](const http::Request&) -> Result<std::optional<auth::Principal>> {
            return std::optional(who);
        };
    }
    http::Response ask(Method method, const std::string& target, std::string body = {}) {
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target("/api/v1" + target, request));
        request.body = std::move(body);
        return api::Api(services).answer(request).response;
    }
    http::Json json(Method method, const std::string& target, std::string body = {}) {
        const http::Response response = ask(method, target, std::move(body));
        CHECK_MESSAGE(response.status == 200, response.body);
        return must(http::Json::parse(response.body));
    }

    Folder folder;
    auth::Principal who = person(AccountScope::all());
    std::unique_ptr<pipeline::LiveIngest> live;
    std::unique_ptr<query::EnginePool> engines;
    std::unique_ptr<api::LiveHub> hub;
    api::Services services;
};

// Everything a stream was told until `wanted` is in it.
std::string read_until(http::EventStream& stream, std::string_view wanted) {
    std::string all;
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (all.find(wanted) == std::string::npos && std::chrono::steady_clock::now() < until) {
        for (const auto& frame : stream.take()) all += *frame;
        std::this_thread::sleep_for(5ms);
    }
    return all;
}

}  // namespace

TEST_CASE("events come to those whose filter they meet, within their accounts") {
    Stage stage;
    const auto open = [&](const std::string& filter, const AccountScope& scope) {
        api::LiveHub::Wish wish;
        wish.events = true;
        wish.filter = filter;
        wish.scope = scope;
        return must(stage.hub->open(wish));
    };
    const auto all = open("", AccountScope::all());
    const auto users = open("eventName = 'ListUsers'", AccountScope::all());
    const auto own = open("", AccountScope::of({std::string(kAccount)}));
    const auto foreign = open("", AccountScope::of({"999999999999"}));
    stage.folder.append("logs/a.json",
                        pipeline::record_of({.id = 1, .name = "ListRoles"}) + "\n" +
                            pipeline::record_of({.id = 2, .name = "ListUsers"}) + "\n");
    CHECK(read_until(*all, "event: events").find("\"matched\":2") != std::string::npos);
    CHECK(read_until(*users, "event: events").find("\"matched\":1") != std::string::npos);
    CHECK(read_until(*own, "event: events").find("\"matched\":2") != std::string::npos);
    for (const auto& frame : foreign->take()) CHECK(frame->find("event:") == std::string::npos);
    CHECK_FALSE(
        stage.hub->open({.events = true, .filter = "eventName ===", .scope = AccountScope::all()})
            .has_value());
}

TEST_CASE("readers of the same thing share one text") {
    Stage stage;
    std::vector<std::shared_ptr<http::EventStream>> streams;
    for (int i = 0; i < 20; ++i)
        streams.push_back(must(stage.hub->open({.counters = true, .scope = AccountScope::all()})));
    stage.folder.append("logs/a.json", pipeline::record_of({.id = 1}) + "\n");
    for (const auto& stream : streams)
        CHECK(read_until(*stream, "\"events_total\":1").find("event: counters") !=
              std::string::npos);
    for (const auto& stream : streams) stream->leave();
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (stage.hub->readers() > 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    CHECK(stage.hub->readers() == 0);
}

TEST_CASE("a stream ends when its reader may read no more") {
    Stage stage;
    api::LiveHub hub(stage.live->newsroom(), {.heartbeat = std::chrono::milliseconds(10)});
    std::atomic<bool> may_read = true;
    const auto stays = must(hub.open({.counters = true, .scope = AccountScope::all()}));
    const auto ends =
        must(hub.open({.counters = true, .scope = AccountScope::all(), .may_read = [&] {
                           return may_read.load();
                       }}));
    CHECK(ends->is_open());
    may_read = false;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (ends->is_open() && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK_FALSE(ends->is_open());
    CHECK(stays->is_open());
    hub.stop();
}

TEST_CASE("sources are told by account, Region and log type, to who may see them") {
    Stage stage;
    std::string text;
    for (uint64_t i = 0; i < 48; ++i) {
        const std::string time = pipeline::time_of_day(i * 1800);
        text += pipeline::record_of({.id = i, .time = time}) + "\n";
    }
    stage.folder.append("logs/a.json", text + "{broken\n");
    REQUIRE(stage.live->settle(kLong));
    auto sources = stage.json(Method::get, "/sources").list("items");
    REQUIRE(sources.size() == 1);
    CHECK(sources[0].text("account") == kAccount);
    CHECK(sources[0].text("region") == "us-east-1");
    CHECK(sources[0].text("log_type") == "cloudtrail");
    CHECK(sources[0].integer("events") == 48);
    CHECK(sources[0].integer("events_24h") == 48);
    CHECK(sources[0].integer("expected_interval_seconds") == 1800);
    CHECK_FALSE(sources[0].boolean("silent", true));
    CHECK(sources[0].integer("errors") == 1);
    const auto faults = stage.json(Method::get, "/quarantine");
    CHECK(faults.integer("total") == 1);
    CHECK(faults.list("items")[0].integer("count") == 1);
    stage.who = person(AccountScope::of({"999999999999"}));
    CHECK(stage.json(Method::get, "/sources").list("items").empty());
    CHECK(stage.json(Method::get, "/quarantine").integer("total") == 0);
    stage.who = person(AccountScope::of({std::string(kAccount)}));
    sources = stage.json(Method::get, "/sources").list("items");
    REQUIRE(sources.size() == 1);
    CHECK(sources[0].integer("errors") == 0);  // nobody knows whose records those were
}

TEST_CASE("what is set up is told; only an administrator may change it") {
    Stage stage;
    const auto setup = stage.json(Method::get, "/setup");
    CHECK(setup.boolean("empty"));
    CHECK_FALSE(setup.boolean("sample", true));
    CHECK(setup.list("folders").size() == 1);
    stage.who = person(AccountScope::all(), auth::Role::responder);
    CHECK(stage.ask(Method::post, "/setup/folder", R"({"path":"/tmp"})").status == 403);
    CHECK(stage.ask(Method::get, "/stream?topics=nothing").status == 400);
    CHECK(stage.ask(Method::get, "/stream?topics=counters").events != nullptr);
}
