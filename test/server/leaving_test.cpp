// Who closes the connection stops the work it asked for, also where the answer is one piece.
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "api/api.h"
#include "query/pool.h"
#include "raw_client.h"
#include "server/server.h"
#include "store/catalog.h"

using namespace yagura;
using namespace std::chrono_literals;
using server::RawClient;

namespace {

// A lake whose only engine is lent to us, behind a real server: whoever asks has to wait.
struct Taken {
    std::filesystem::path lake;
    api::Services services;
    std::unique_ptr<query::EnginePool> pool;
    std::unique_ptr<api::Api> api;
    std::unique_ptr<server::Server> server;
    std::optional<query::EnginePool::Lease> ours;

    Taken() {
        static int count = 0;
        lake = std::filesystem::temp_directory_path() /
               fmt::format("yagura_leaving_{}_{}", getpid(), count++);
        std::filesystem::create_directories(lake);
        REQUIRE(store::Catalog::open(lake, true).has_value());
        query::PoolOptions options;
        options.engines = 1;
        options.quick_engines = 0;
        pool = std::make_unique<query::EnginePool>(lake, options);
        services.lake = lake;
        services.now = current_time;
        services.engines = pool.get();
        services.identify = [](const http::Request&) -> Result<std::optional<auth::Principal>> {
            auth::Principal who;
            who.name = "alice";
            who.role = auth::Role::admin;
            who.accounts = AccountScope::all();
            return std::optional(who);
        };
        api = std::make_unique<api::Api>(services);
        server::Options listen;
        listen.port = 0;
        listen.hosts = {"localhost"};
        auto started = server::Server::start(listen, [this](const http::Request& request) {
            api::Answered answered = api->answer(request);
            return server::Handled{std::move(answered.response), answered.route};
        });
        REQUIRE(started.has_value());
        server = std::move(*started);
        auto lease = pool->lease({.person = "us",
                                  .scope = AccountScope::all(),
                                  .weight = query::Weight::quick,
                                  .id = {},
                                  .cancellation = {}});
        REQUIRE(lease.has_value());
        ours.emplace(std::move(*lease));
    }
    ~Taken() {
        ours.reset();
        server->stop(0ms);
        std::filesystem::remove_all(lake);
    }

    bool come_to(size_t waiting) const {
        for (int i = 0; i < 1000 && pool->load().waiting != waiting; ++i)
            std::this_thread::sleep_for(10ms);
        return pool->load().waiting == waiting;
    }
};

}  // namespace

TEST_CASE("a question nobody waits for any more is given up while it waits for its turn") {
    Taken taken;
    for (const std::string_view asked : {"/facets", "/histogram"}) {
        CAPTURE(asked);
        const std::string body = R"({"fields":["eventName"],"since":"24h"})";
        RawClient client(taken.server->port());
        client.send(fmt::format(
            "POST /api/v1{} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}",
            asked,
            body.size(),
            body));
        REQUIRE(taken.come_to(1));
        client.leave();
        CHECK(taken.come_to(0));  // although the engine is still ours
    }
    CHECK(taken.pool->load().running == 1);
}
