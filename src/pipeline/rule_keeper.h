// The rules of a lake that is written to for long: loaded and compiled aside whenever their files
// change.
//
//   YAGURA_TRY(auto keeper, RuleKeeper::start({.rules = load_options, .context =
//   {"context.yml"}})); std::shared_ptr<const CompiledRules> rules = keeper->current(); … now and
//   then, from the thread that uses them … if (auto news = keeper->take()) …
//
// A rule file with a mistake keeps the rules it had, a context with one keeps the policy before.
// Compiled rules are immutable and shared: they live as long as anybody matches with them.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"
#include "detect/streams.h"
#include "detect/targets.h"
#include "match/policy.h"
#include "pipeline/type_plans.h"
#include "rule/live.h"

namespace yagura::pipeline {

// A rule set with everything compiled from it, for a lake.
struct CompiledRules {
    CompiledRules(std::shared_ptr<const rule::RuleSet> set, match::Policy wanted);

    std::shared_ptr<const rule::RuleSet> rules;
    match::Policy policy;
    detect::RulesView view;
    detect::Targets targets;
    detect::SignalStreams streams;
    TypePlans plans;
};

// Where rules come from when it is not simply their files.
struct RuleSource {
    std::function<Result<rule::Reload>()> read;  // as they are now; called by the keeper's thread
    std::function<std::vector<std::string>()> paths;  // that exist and should be watched
};

struct RuleNews {
    std::shared_ptr<const CompiledRules> rules;  // null: could not be loaded, `error` says why
    rule::Reload reload;
    std::optional<Error> error;  // also when only the context could not be read
    uint64_t asked = 0;          // calls of reload() that came before the files were read
};

class RuleKeeper {
  public:
    struct Options {
        rule::LoadOptions rules;
        RuleSource source;                           // unset: the files of `rules`
        match::Policy policy;                        // stays, whatever the context says
        std::vector<std::filesystem::path> context;  // a missing file is no context
        bool poll = false;
    };
    // Fails when the rules cannot be loaded. A context with a mistake is told by take().
    static Result<std::unique_ptr<RuleKeeper>> start(Options options);
    ~RuleKeeper();

    // As last compiled, taken or not. Any thread.
    std::shared_ptr<const CompiledRules> current() const;
    // What was compiled since the last call.
    std::optional<RuleNews> take();
    // Loads anew without waiting for the file system to tell. Any thread. Returns how often that
    // was asked for, see RuleNews::asked.
    uint64_t reload();

  private:
    explicit RuleKeeper(Options options);
    void run(const std::stop_token& stop);
    RuleNews load();
    match::Policy load_policy(std::optional<Error>& error);

    Options options_;
    match::Policy policy_;  // the last one without a mistake
    mutable std::mutex mutex_;
    std::shared_ptr<const CompiledRules> current_;
    std::optional<RuleNews> news_;
    uint64_t asked_ = 0;
    std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace yagura::pipeline
