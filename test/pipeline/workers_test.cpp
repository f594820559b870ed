#include "pipeline/workers.h"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include "pipeline/made.h"

using namespace yagura;
using namespace yagura::pipeline;

namespace {

// Waits in finish() until it is let go.
struct Waiting : ObjectConsumer {
    void consume(event::Event&, const TypePlan&, const decode::RecordOrigin&) override {}
    void fault(const Fault&, const decode::RecordOrigin&, std::string_view) override {}
    Result<bool> begin(const source::Object&, source::Input&) override { return true; }
    Result<void> end(const source::Object&, const decode::ReadStats&) override {
        ++ended;
        return fails ? Result<void>(fail(Code::internal, "as wanted")) : Result<void>();
    }
    void unreadable(const source::Object&, const Error&) override {}
    Result<void> finish() override {
        while (!may_finish) std::this_thread::yield();
        ++finished;
        return {};
    }
    std::atomic<int> ended = 0, finished = 0;
    std::atomic<bool> may_finish = false;
    bool fails = false;
};

struct Fixture {
    Fixture() {
        for (int i = 0; i < 5; ++i)
            folder.write(fmt::format("{}.json", i), record_of({.id = static_cast<uint64_t>(i)}));
    }
    Result<void> run(uint32_t threads, const std::function<void()>& when_read) {
        const auto listed = start_listing({folder.path()}, {.threads = threads});
        REQUIRE(listed.get());
        ObjectConsumer* const all[] = {&consumers[0], &consumers[1]};
        return run_workers(listed.get()->objects,
                           TypePlans({}, {}),
                           {.threads = threads},
                           std::span(all).first(threads),
                           when_read);
    }
    int ended() const { return consumers[0].ended + consumers[1].ended; }

    Folder folder;
    Waiting consumers[2];
};

}  // namespace

TEST_CASE("with several cores, what waits for all objects need not wait for the last commit") {
    Fixture fixture;
    int calls = 0;
    REQUIRE(fixture.run(2, [&] {
        ++calls;
        CHECK(fixture.ended() == 5);
        for (Waiting& consumer : fixture.consumers) {
            CHECK(consumer.finished == 0);
            consumer.may_finish = true;
        }
    }));
    CHECK(calls == 1);
    CHECK(fixture.consumers[0].finished + fixture.consumers[1].finished == 2);
}

TEST_CASE("one core does one thing after the other") {
    Fixture fixture;
    fixture.consumers[0].may_finish = true;
    int calls = 0;
    REQUIRE(fixture.run(1, [&] {
        ++calls;
        CHECK(fixture.consumers[0].finished == 1);
    }));
    CHECK(calls == 1);
}

TEST_CASE("after an error nobody is told that all has been read") {
    Fixture fixture;
    for (Waiting& consumer : fixture.consumers) {
        consumer.fails = true;
        consumer.may_finish = true;
    }
    int calls = 0;
    CHECK_FALSE(fixture.run(2, [&] { ++calls; }));
    CHECK(calls == 0);
}
