// Engines lent to several people at once.
#include "query/pool.h"

#include <thread>

#include "lake_fixture.h"

namespace yagura::query {
namespace {

// Long enough that it never ends by itself in a test.
constexpr std::string_view kEndless =
    "SELECT count(*) FROM range(1000000000) a JOIN range(1000000000) b ON a.range % 7 <> b.range % "
    "11";

struct Fixture {
    SampleLake lake{{sample_folder()}};
    RowSink nothing{[](const auto&) {}, [](auto) { return true; }};

    static PoolOptions small() {
        PoolOptions options;
        options.engines = 2;
        options.quick_engines = 1;
        options.engine.threads = 1;
        return options;
    }

    static Asker asker(std::string person, Weight weight, std::string id = "") {
        return {std::move(person), AccountScope::all(), weight, std::move(id), make_cancellation()};
    }

    static Question question(std::string_view text) {
        Question out;
        out.text = text;
        out.now = from_micros(1'722'600'000'000'000);
        return out;
    }
};

template <class Condition>
void wait_until(Condition condition) {
    while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a lease asks with the scope of its person, whatever the question says") {
    EnginePool pool(lake.folder(), small());
    Asker nobody = asker("mika", Weight::quick);
    nobody.scope = AccountScope::of({"999999999999"});
    auto lease = must(pool.lease(nobody));
    std::vector<sql::Value> cells;
    nothing.row = [&](auto row) { return cells.assign(row.begin(), row.end()), true; };
    must(lease.ask(question("stats count(*)"), nothing));
    CHECK(std::get<int64_t>(cells.at(0)) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a long question leaves an engine for short ones") {
    EnginePool pool(lake.folder(), small());
    auto first = must(pool.lease(asker("a", Weight::heavy)));
    auto second = must(pool.lease(asker("b", Weight::heavy)));
    CHECK(pool.load().running == 2);
    auto quick = must(pool.lease(asker("c", Weight::quick)));
    CHECK(must(quick.ask(question("stats count(*)"), nothing)).rows == 1);
}

TEST_CASE_FIXTURE(Fixture, "one person gets two long questions at a time, others pass by") {
    PoolOptions options = small();
    options.engines = 3;
    EnginePool pool(lake.folder(), options);
    auto first = must(pool.lease(asker("a", Weight::heavy)));
    auto second = std::make_unique<EnginePool::Lease>(must(pool.lease(asker("a", Weight::heavy))));
    std::atomic<bool> got{false};
    std::thread third([&] {
        const auto lease = pool.lease(asker("a", Weight::heavy));
        got = lease.has_value();
    });
    wait_until([&] { return pool.load().waiting == 1; });
    {
        auto other = must(pool.lease(asker("b", Weight::heavy)));
        CHECK_FALSE(got);
    }
    second.reset();
    third.join();
    CHECK(got);
}

TEST_CASE_FIXTURE(Fixture, "who would wait behind too many is told to come back") {
    PoolOptions options = small();
    options.engines = 1;
    options.most_waiting = 1;
    EnginePool pool(lake.folder(), options);
    auto held = std::make_unique<EnginePool::Lease>(must(pool.lease(asker("a", Weight::heavy))));
    std::thread waiting([&] { must(pool.lease(asker("b", Weight::heavy))); });
    wait_until([&] { return pool.load().waiting == 1; });
    const auto refused = pool.lease(asker("c", Weight::heavy));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Code::busy);
    held.reset();
    waiting.join();
}

TEST_CASE_FIXTURE(Fixture, "who waits can be cancelled, and the next one is served") {
    PoolOptions options = small();
    options.engines = 1;
    EnginePool pool(lake.folder(), options);
    auto held = std::make_unique<EnginePool::Lease>(must(pool.lease(asker("a", Weight::heavy))));
    std::optional<Code> code;
    std::thread waiting([&] {
        const auto lease = pool.lease(asker("b", Weight::heavy, "q"));
        if (!lease) code = lease.error().code();
    });
    wait_until([&] { return pool.load().waiting == 1; });
    CHECK_FALSE(pool.cancel("somebody else", "q"));
    CHECK(pool.cancel("b", "q"));
    waiting.join();
    CHECK(code == Code::cancelled);
    CHECK(pool.load().waiting == 0);
}

TEST_CASE_FIXTURE(Fixture, "a running question is cancelled by its id, and its engine works on") {
    EnginePool pool(lake.folder(), small());
    std::thread canceller([&] { wait_until([&] { return pool.cancel("a", "endless"); }); });
    {
        auto lease = must(pool.lease(asker("a", Weight::heavy, "endless")));
        const auto answer = lease.ask_sql(question(kEndless), nothing);
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code() == Code::cancelled);
    }
    canceller.join();
    CHECK_FALSE(pool.cancel("a", "endless"));
    auto lease = must(pool.lease(asker("a", Weight::heavy)));
    CHECK(must(lease.ask(question("stats count(*)"), nothing)).rows == 1);
}

TEST_CASE_FIXTURE(Fixture, "a question that takes too long ends with a sentence that says so") {
    EnginePool pool(lake.folder(), small());
    auto lease = must(pool.lease(asker("a", Weight::heavy)));
    Question late = question(kEndless);
    late.timeout = std::chrono::milliseconds(1500);
    const auto answer = lease.ask_sql(late, nothing);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code() == Code::limit);
    CHECK(answer.error().sentence().find("longer than 1.5 seconds") != std::string::npos);
    CHECK(must(lease.ask(question("stats count(*)"), nothing)).rows == 1);
}

TEST_CASE_FIXTURE(Fixture, "a pool that stops ends what runs and takes nothing new") {
    EnginePool pool(lake.folder(), small());
    std::thread stopper([&] {
        wait_until([&] { return pool.load().running == 1; });
        pool.stop();
    });
    const auto lease = pool.lease(asker("a", Weight::heavy));
    stopper.join();
    CHECK_FALSE(pool.lease(asker("a", Weight::quick)));
    CHECK(pool.lease(asker("a", Weight::quick)).error().code() == Code::cancelled);
}

TEST_CASE("a pool may be made before its lake") {
    EnginePool pool("/nonexistent/lake", {});
    const auto lease = pool.lease({.person = "a", .scope = AccountScope::all()});
    REQUIRE_FALSE(lease);
    CHECK(lease.error().code() == Code::not_found);
    CHECK(pool.load().running == 0);
}

TEST_CASE_FIXTURE(Fixture, "a limit of the question cuts and says so; one that fits does not") {
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    const auto ask = [&](std::string_view text, uint64_t limit, bool sql = false) {
        Question limited = question(text);
        limited.limit = limit;
        return must(sql ? engine->ask_sql(limited, nothing) : engine->ask(limited, nothing));
    };
    CHECK(ask("fields eventName", 10).rows == 10);
    CHECK(ask("fields eventName", 10).limited);
    CHECK_FALSE(ask("fields eventName", 35).limited);
    CHECK(ask("fields eventName", 35).rows == 35);
    CHECK(ask("fields eventName | limit 20", 10).limited);
    CHECK_FALSE(ask("fields eventName | limit 10", 10).limited);
    CHECK_FALSE(ask("fields eventName | limit 5", 10).limited);
    CHECK(ask("stats count(*) by eventName", 3).limited);
    CHECK(ask("SELECT * FROM cloudtrail", 7, true).rows == 7);
    CHECK(ask("SELECT * FROM cloudtrail", 7, true).limited);
    CHECK_FALSE(ask("SELECT * FROM cloudtrail", 22, true).limited);
}

TEST_CASE_FIXTURE(Fixture, "a question sees only the segments it asks for") {
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    Question late = question("fields eventName");
    late.first_segment = INT64_MAX;
    CHECK(must(engine->ask(late, nothing)).rows == 0);
    late.first_segment = 1;
    CHECK(must(engine->ask(late, nothing)).rows == 35);
}

TEST_CASE_FIXTURE(Fixture,
                  "a question may have less memory than its engine, and the next one not") {
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    Question large =
        question("SELECT count(*) FROM (SELECT DISTINCT a.range FROM range(3000000) a)");
    large.memory_limit_bytes = 16u << 20;
    const auto answer = engine->ask_sql(large, nothing);
    REQUIRE_FALSE(answer);
    CHECK_MESSAGE(answer.error().code() == Code::limit, answer.error().sentence());
    large.memory_limit_bytes = 0;
    CHECK(must(engine->ask_sql(large, nothing)).rows == 1);
}

TEST_CASE_FIXTURE(Fixture, "@ptr is the key of a row") {
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    const Told told =
        ask_lake(*engine, "fields @ptr, object_id, ordinal | filter eventName = 'DeleteTrail'");
    REQUIRE(told.rows.size() == 1);
    const std::string key = told.rows[0].substr(0, told.rows[0].find(' '));
    CHECK(ask_lake(*engine, "filter @ptr = '" + key + "' | display eventName").rows.at(0) ==
          "DeleteTrail");
    const size_t slash = key.find('/');
    const Origin origin{std::stoll(key.substr(0, slash)), std::stoll(key.substr(slash + 1))};
    const auto row = must(engine->event(question(""), origin));
    REQUIRE(row);
    CHECK(row->record.find("DeleteTrail") != std::string::npos);
    CHECK_FALSE(row->is_rebuilt);
    CHECK_FALSE(must(engine->event(question(""), {origin.object, 9999})));
}

}  // namespace yagura::query
