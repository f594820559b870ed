// Matching logs as they come: folders are watched, rules follow their files.
//
//   YAGURA_TRY(Follower follower, Follower::start(load_options, options));
//   while (!stop) YAGURA_CHECK(follower.step(500ms, sinks));
//   YAGURA_CHECK(follower.finish(sinks));                     // what correlations still wait for
//
// A changed rule file is loaded and compiled by a thread of its own and taken up between two files
// of logs: reading never waits for it, and a rule with a mistake leaves the one before in use.
// Correlations look at events in order of event time, so they are told when nothing earlier can
// come any more (`lateness`); what first-seen rules remember goes over to the new rules, windows
// begin anew with them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/stream.h"
#include "finding/throttle.h"
#include "pipeline/firing_judge.h"
#include "pipeline/scan.h"
#include "pipeline/scan_consumer.h"
#include "rule/live.h"
#include "source/folder_watch.h"
#include "source/tail.h"

namespace yagura::pipeline {

struct FollowOptions {
    std::vector<std::string> paths;              // files and folders; must exist
    match::Level keep_from = match::Level::low;  // matches below are counted but not told
    const match::Policy* policy = nullptr;       // must outlive the Follower
    bool from_start = false;                     // also what the files hold already
    std::chrono::microseconds lateness = detect::kCloudTrailLateness;
    bool poll = false;                        // for file systems that do not tell of others' writes
    const std::atomic<bool>* stop = nullptr;  // set by Ctrl+C: a long read ends early
};

struct FollowSinks {
    // What one step found: hits finished, totals of what was read. Valid during the call.
    std::function<void(const ScanResult&)> matches;
    // Rules were loaded again, with what effect.
    std::function<void(const rule::Reload&)> reload;
    // They could not be (a folder is gone); the ones in use stay.
    std::function<void(const Error&)> reload_failed;
};

class Follower {
  public:
    static Result<Follower> start(rule::LoadOptions rules, const FollowOptions& options);
    Follower(Follower&&) noexcept;
    ~Follower();

    // Waits at most `timeout` for something to read, reads it and tells.
    Result<void> step(std::chrono::milliseconds timeout, const FollowSinks& sinks);

    // Decides everything that was read, as if nothing more would come.
    Result<void> finish(const FollowSinks& sinks);

    // The rules in use.
    std::shared_ptr<const rule::RuleSet> rules() const;

    struct Impl;

  private:
    explicit Follower(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::pipeline
