// A lake that takes in logs as they come, for a program that serves it.
//
//   YAGURA_TRY(auto live, LiveIngest::start({.lake = lake, .watch = {"logs"}, .rules = rules}));
//   const uint64_t id = live->newsroom().subscribe([](const LiveNews& news) { … });
//   YAGURA_CHECK(live->ingest_folder("more-logs"));     // a job; live->job() tells how far it is
//
// One thread follows the folders (new files, growing ones, what was there before) and commits: an
// appended line or a file moved in is a row, and a finding, well within a second. It holds the
// lake's writer for as long as there are folders to follow; without any only while a job runs, so
// that `yagura ingest` can work beside it. Rules follow their files and take effect without a
// pause. Correlations are decided in event time as `yagura watch` does, and land as findings; a
// restart or a crash neither loses nor repeats anything (live_session.h, live_detection.h).
// Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "detect/stream.h"
#include "pipeline/live_jobs.h"
#include "pipeline/live_news.h"
#include "pipeline/rule_keeper.h"

namespace yagura::pipeline {

struct LiveOptions {
    std::filesystem::path lake;      // made when there is none
    std::vector<std::string> watch;  // folders and files; must exist
    rule::LoadOptions rules;
    RuleSource source;                           // of rules; unset: the files of `rules`
    match::Policy policy;                        // stays, whatever the context says
    std::vector<std::filesystem::path> context;  // see rule/context.h; missing ones are none
    std::chrono::microseconds lateness = detect::kCloudTrailLateness;
    bool poll = false;  // for file systems that do not tell of others' writes
    // Gets what rules cost, measured on a sample of what is read (match/cost.h); from our thread.
    std::function<void(const match::RuleCosts&)> costs;
    // How long nothing must come before correlations of old events are decided to the last.
    std::chrono::milliseconds idle{1000};
};

struct WatchedFolder {
    std::string path;
    uint64_t objects = 0;           // read since the start
    std::optional<Timestamp> last;  // when something came last, by the clock
};

class LiveIngest {
  public:
    // Fails when a folder does not exist, lies in the lake or holds it, or rules cannot be loaded.
    static Result<std::unique_ptr<LiveIngest>> start(LiveOptions options);
    // Commits what was read; the next start goes on from there.
    ~LiveIngest();

    // What the destructor does; everything can still be asked.
    void stop();

    LiveNewsroom& newsroom();

    std::vector<WatchedFolder> watched() const;
    // Why nothing is taken in at the moment (another process writes the lake); empty: all is well.
    std::string problem() const;

    std::shared_ptr<const rule::RuleSet> rules() const;
    // Exceptions, levels and throttles in use.
    std::shared_ptr<const match::Policy> policy() const;
    // Rules and context were edited just now; returns when they are in use, or were refused.
    void reload_rules();

    // Jobs. One runs at a time: Code::busy otherwise.
    Result<void> ingest_folder(const std::string& path);
    Result<void> load_sample();
    Result<void> remove_sample();
    Result<void> replay();
    // The latest one.
    std::optional<LiveJob> job() const;
    // Waits until no job runs, at most so long; false: it still does.
    bool wait_for_job(std::chrono::milliseconds most) const;

    // Waits until everything that is in the folders now is in the lake and all its correlations are
    // decided, as if nothing more would come; false when that takes longer than `most`.
    bool settle(std::chrono::milliseconds most);

    struct Impl;

  private:
    explicit LiveIngest(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::pipeline
