// Logs and rules that change while they are followed.
#include "pipeline/follow.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/made.h"

using namespace yagura;
using namespace yagura::pipeline;
using namespace std::chrono_literals;

namespace {

std::string record(uint64_t id, std::string_view name, std::string_view time) {
    return record_of({.id = id, .name = name, .time = time}) + "\n";
}

std::string rule_text(std::string_view id, std::string_view event) {
    return fmt::format(
        "title: {1}\nid: {0}\nlevel: high\nlogsource: {{product: aws}}\ndetection:\n    s: "
        "{{eventName: {1}}}\n    condition: s\n",
        id,
        event);
}

constexpr std::string_view kBurst =
    "title: Burst\nid: burst\nlevel: high\ncorrelation:\n    type: event_count\n    rules: '1'\n   "
    " "
    "group-by: userIdentity.userName\n    timespan: 5m\n    condition: {gte: 2}\n    generate: "
    "true\n";

// A folder of logs, one of rules, and a follower of both.
class Stage {
  public:
    Stage() {
        std::filesystem::create_directories(folder_ / "logs");
        std::filesystem::create_directories(folder_ / "rules");
    }
    ~Stage() { follower_.reset(); }
    void log(std::string_view text, const std::string& name = "a.json") const {
        folder_.append("logs/" + name, text);
    }
    void rule(const std::string& name, std::string_view text) const {
        folder_.write("rules/" + name, text);
    }
    void start(FollowOptions options = {}) {
        options.paths = {folder_ / "logs"};
        rule::LoadOptions load;
        load.added = {folder_ / "rules"};
        auto started = Follower::start(load, options);
        REQUIRE(started.has_value());
        follower_ = std::make_unique<Follower>(std::move(*started));
        sinks_.matches = [this](const ScanResult& result) {
            for (size_t i = 0; i < result.hits.hit_count(); ++i) {
                told += fmt::format("{} {}; ",
                                    result.hits.hit(i).rule->title,
                                    result.hits.hit(i).text(finding::Part::event_id));
            }
            records += result.totals.records_unique();
            late = result.correlations.late;
        };
        sinks_.reload = [this](const rule::Reload& reload) {
            ++reloads;
            kept = reload.kept.size();
        };
    }
    // Steps until `done`, at most for a time that only a failure needs.
    template <class Done>
    void run_until(Done&& done) {
        for (int i = 0; i < 200 && !done(); ++i) REQUIRE(follower_->step(50ms, sinks_));
    }
    void step() { REQUIRE(follower_->step(50ms, sinks_)); }
    void finish() { REQUIRE(follower_->finish(sinks_)); }

    std::string told;
    uint64_t records = 0;
    uint64_t late = 0;
    int reloads = 0;
    size_t kept = 0;

  private:
    Folder folder_;
    FollowSinks sinks_;
    std::unique_ptr<Follower> follower_;
};

}  // namespace

TEST_CASE("what comes is told, what was there is not unless it is asked for") {
    for (const bool from_start : {false, true}) {
        Stage stage;
        stage.rule("1.yml", rule_text("1", "ListUsers"));
        stage.log(record(1, "ListUsers", "2026-03-02T09:15:00Z"));
        FollowOptions options;
        options.from_start = from_start;
        stage.start(options);
        stage.run_until([&] { return stage.records == (from_start ? 1u : 0u); });
        stage.log(record(2, "ListUsers", "2026-03-02T09:15:01Z"));
        stage.log(record(3, "ListRoles", "2026-03-02T09:15:02Z"), "b.json");
        stage.run_until([&] { return stage.records == (from_start ? 3u : 2u); });
        CHECK(stage.told == (from_start ? "ListUsers e-1; ListUsers e-2; " : "ListUsers e-2; "));
    }
}

TEST_CASE("an edited rule is used from then on; a mistake leaves the rule before") {
    Stage stage;
    stage.rule("1.yml", rule_text("1", "ListUsers"));
    stage.start();
    stage.rule("1.yml", rule_text("1", "ListRoles"));
    stage.run_until([&] { return stage.reloads == 1; });
    stage.log(record(1, "ListUsers", "2026-03-02T09:15:00Z"));
    stage.log(record(2, "ListRoles", "2026-03-02T09:15:01Z"));
    stage.run_until([&] { return stage.records == 2; });
    CHECK(stage.told == "ListRoles e-2; ");
    stage.rule("1.yml", "title: [");
    stage.run_until([&] { return stage.reloads == 2; });
    CHECK(stage.kept == 1);
    stage.log(record(3, "ListRoles", "2026-03-02T09:15:02Z"));
    stage.run_until([&] { return stage.records == 3; });
    CHECK(stage.told == "ListRoles e-2; ListRoles e-3; ");
}

TEST_CASE("correlations are told when nothing earlier can come, or at the end") {
    Stage stage;
    stage.rule("1.yml", rule_text("1", "ListUsers"));
    stage.rule("2.yml", kBurst);
    FollowOptions options;
    options.lateness = 60s;
    stage.start(options);
    // Out of order, and split over two files.
    stage.log(record(1, "ListUsers", "2026-03-02T09:15:30Z"));
    stage.log(record(2, "ListUsers", "2026-03-02T09:15:00Z"), "b.json");
    stage.run_until([&] { return stage.records == 2; });
    CHECK(stage.told.find("Burst") == std::string::npos);
    stage.log(record(3, "ListRoles", "2026-03-02T09:20:00Z"));
    stage.run_until([&] { return stage.records == 3; });
    CHECK(stage.told.find("Burst e-1") != std::string::npos);
    stage.log(record(4, "ListUsers", "2026-03-02T09:30:00Z"));
    stage.log(record(5, "ListUsers", "2026-03-02T09:30:01Z"));
    stage.run_until([&] { return stage.records == 5; });
    stage.finish();
    CHECK(stage.told.find("Burst e-5") != std::string::npos);
}

TEST_CASE("an event delivered twice is told once") {
    Stage stage;
    stage.rule("1.yml", rule_text("1", "ListUsers"));
    stage.start();
    stage.log(record(1, "ListUsers", "2026-03-02T09:15:00Z"));
    stage.run_until([&] { return stage.records == 1; });
    stage.log(record(1, "ListUsers", "2026-03-02T09:15:00Z"), "b.json");
    stage.log(record(2, "ListRoles", "2026-03-02T09:15:00Z"), "c.json");
    stage.run_until([&] { return stage.records == 2; });
    CHECK(stage.told == "ListUsers e-1; ");
}

TEST_CASE("what is to be stopped reads no further") {
    Stage stage;
    stage.rule("1.yml", rule_text("1", "ListUsers"));
    stage.log(record(1, "ListUsers", "2026-03-02T09:15:00Z"));
    const std::atomic<bool> stop{true};
    FollowOptions options;
    options.from_start = true;
    options.stop = &stop;
    stage.start(options);
    stage.step();
    stage.finish();
    CHECK(stage.records == 0);
    CHECK(stage.told.empty());
}

TEST_CASE("a match that comes too late for its window is counted as late") {
    Stage stage;
    stage.rule("1.yml", rule_text("1", "ListUsers"));
    stage.rule("2.yml", kBurst);
    FollowOptions options;
    options.lateness = 60s;
    stage.start(options);
    stage.log(record(1, "ListUsers", "2026-03-02T09:30:00Z"));
    stage.run_until([&] { return stage.records == 1; });
    CHECK(stage.late == 0);
    stage.log(record(2, "ListUsers", "2026-03-02T09:15:00Z"));
    stage.run_until([&] { return stage.records == 2; });
    stage.finish();  // counted when the stream is looked at next
    CHECK(stage.late == 1);
    CHECK(stage.told.find("ListUsers e-2") != std::string::npos);  // matched all the same
}
