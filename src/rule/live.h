// Rules that follow their files while they are in use.
//
//   YAGURA_TRY(LiveRules live, LiveRules::load(options));
//   std::shared_ptr<const RuleSet> rules = live.current();   // stays valid and unchanged
//   … a file below live.paths() changed …
//   YAGURA_TRY(const Reload reload, live.reload());          // rules in use stay as they are until
//   then
//
// A file that has got a mistake keeps the rules it had when it was last without one, and the
// mistake is told. Not thread-safe, but the rule sets handed out may be used by any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rule/loader.h"

namespace yagura::rule {

// What a reload changed, by rule (several conditions of one document count once).
struct Reload {
    std::shared_ptr<const RuleSet> rules;
    uint32_t added = 0;
    uint32_t removed = 0;
    std::vector<std::string> kept;  // files with a mistake, whose earlier rules stay in use
    std::vector<Diagnostic> mistakes;
};

class LiveRules {
  public:
    static Result<LiveRules> load(LoadOptions options);

    std::shared_ptr<const RuleSet> current() const { return current_; }

    // Reads all files again. An error (a folder that is gone) leaves everything as it was.
    Result<Reload> reload();

    // For the next reload().
    void set_disabled_filters(DisabledIds ids) { options_.disabled_filters = std::move(ids); }
    const LoadOptions& options() const { return options_; }
    // What the files said when they were last without a mistake, by path.
    const FileTexts& texts() const { return good_; }

    // The files and folders that exist and should be watched.
    std::vector<std::string> paths() const;

  private:
    explicit LiveRules(LoadOptions options) : options_(std::move(options)) {}

    Result<Reload> load_keeping_good();

    LoadOptions options_;
    FileTexts good_;  // what each file said when it was last without a mistake
    std::shared_ptr<const RuleSet> current_;
};

}  // namespace yagura::rule
