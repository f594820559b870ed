// Who closes the connection stops the work it asked for, also where the answer is one piece.
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "api/api.h"
#include "query/lake_fixture.h"
#include "query/pool.h"
#include "raw_client.h"
#include "server/server.h"
#include "store/catalog.h"

using namespace yagura;
using namespace std::chrono_literals;
using server::RawClient;

namespace {

// A lake behind a real server that has one engine for all.
struct Served {
    std::filesystem::path lake;
    api::Services services;
    std::unique_ptr<query::EnginePool> pool;
    std::unique_ptr<api::Api> api;
    std::unique_ptr<server::Server> server;

    explicit Served(std::filesystem::path folder) : lake(std::move(folder)) {
        query::PoolOptions options;
        options.engines = 1;
        options.quick_engines = 0;
        options.engine.threads = 1;
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
    }
    ~Served() { server->stop(0ms); }

    // Waits for it; a test that fails waits longest.
    template <class Is>
    bool come_to(Is is) const {
        for (int i = 0; i < 1500 && !is(pool->load()); ++i) std::this_thread::sleep_for(10ms);
        return is(pool->load());
    }

    void post(RawClient& client, std::string_view path, std::string_view body) const {
        client.send(fmt::format(
            "POST /api/v1{} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}",
            path,
            body.size(),
            body));
    }
};

// Its engine is lent to us: whoever asks has to wait.
struct Taken {
    test::Folder folder;
    std::optional<Served> served;
    std::optional<query::EnginePool::Lease> ours;

    Taken() {
        REQUIRE(store::Catalog::open(folder.path(), true).has_value());
        served.emplace(folder.path());
        auto lease = served->pool->lease({.person = "us",
                                          .scope = AccountScope::all(),
                                          .weight = query::Weight::quick,
                                          .id = {},
                                          .cancellation = {}});
        REQUIRE(lease.has_value());
        ours.emplace(std::move(*lease));
    }
};

// Flow records, of which the condition below makes minutes of work.
struct Busy {
    test::Folder logs;
    std::optional<query::SampleLake> lake;
    std::optional<Served> served;

    Busy() {
        std::string lines =
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
            "bytes start end action log-status\n";
        for (int i = 0; i < 60'000; ++i) {
            lines += fmt::format(
                "2 123456789010 eni-1 203.0.113.{} 10.0.0.1 {} 443 6 1 40 {} {} ACCEPT OK\n",
                i % 250,
                1024 + i % 60'000,
                1'722'430'000 + i,
                1'722'430'001 + i);
        }
        logs.write("flow.log", lines);
        lake.emplace(std::vector{logs.path()});
        REQUIRE(lake->rows == 60'000);
        served.emplace(lake->folder());
    }

    // True of no record, and dear to find out: each has a number of its own, so nothing of one
    // helps with another.
    static std::string condition() {
        std::string out;
        for (int i = 0; i < 6; ++i) {
            std::string hash = fmt::format("concat(ordinal, '{}')", i);
            for (int depth = 0; depth < 80; ++depth) hash = "sha256(" + hash + ")";
            out += (i > 0 ? " or " : "") + hash + " = 'x'";
        }
        return out;
    }
};

}  // namespace

TEST_CASE("a question nobody waits for any more is stopped while it runs") {
    Busy busy;
    const Served& served = *busy.served;
    const std::string filter = Busy::condition();
    const std::string counts =
        fmt::format(R"({{"fields":["source_ip"],"filter":"{}","types":["vpc_flow"]}})", filter);
    const std::string query = fmt::format(
        R"({{"query":"filter {} | stats count(*) as n","types":["vpc_flow"]}})", filter);
    uint64_t stopped = 0;
    for (const auto& [path, body] : {std::pair{"/facets", counts},
                                     std::pair{"/histogram", counts},
                                     std::pair{"/query", query}}) {
        CAPTURE(path);
        RawClient client(served.server->port());
        served.post(client, path, body);
        REQUIRE(served.come_to([](const auto& load) { return load.running == 1; }));
        client.leave();
        CHECK(served.come_to([](const auto& load) { return load.running == 0; }));
        // Not at its end, nor because its time was up.
        CHECK(served.pool->load().stopped == ++stopped);
    }
    RawClient client(served.server->port());
    served.post(client, "/facets", R"({"fields":["srcaddr"],"types":["vpc_flow"]})");
    CHECK(client.read_answer().find(R"("total":60000)") != std::string::npos);
}

TEST_CASE("a question nobody waits for any more is given up while it waits for its turn") {
    Taken taken;
    const Served& served = *taken.served;
    for (const std::string_view asked : {"/facets", "/histogram"}) {
        CAPTURE(asked);
        RawClient client(served.server->port());
        served.post(client, asked, R"({"fields":["eventName"],"since":"24h"})");
        REQUIRE(served.come_to([](const auto& load) { return load.waiting == 1; }));
        client.leave();
        // Although the engine is still ours.
        CHECK(served.come_to([](const auto& load) { return load.waiting == 0; }));
    }
    CHECK(served.pool->load().running == 1);
    CHECK(served.pool->load().stopped == 2);
}
