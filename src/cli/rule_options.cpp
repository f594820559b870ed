#include "cli/rule_options.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/messages/scan.h"
#include "base/paths.h"

namespace yagura::cli {
namespace {

constexpr size_t kShown = 5;

}  // namespace

void add_rule_options(CLI::App& command, RuleOptions& options) {
    command.add_option("-r,--rules", options.rules, say(message::scan_opt_rules))
        ->allow_extra_args(false);
    command.add_option("--context", options.context, say(message::scan_opt_context))
        ->allow_extra_args(false);
    command.add_flag(
        "--no-default-rules", options.no_default_rules, say(message::scan_opt_no_default_rules));
}

rule::LoadOptions load_options(const RuleOptions& options, const Session& session) {
    rule::LoadOptions load;
    if (!options.no_default_rules) load.bundled.push_back(shipped_rules_dir());
    load.added.assign(options.rules.begin(), options.rules.end());
    load.lists.assign(session.lists.begin(), session.lists.end());
    load.threads = session.threads;
    return load;
}

void show_rule_problems(const std::vector<Diagnostic>& problems) {
    const size_t shown = std::min(kShown, problems.size());
    for (size_t i = 0; i < shown; ++i) fmt::print(stderr, "{}\n", to_string(problems[i]));
    if (shown < problems.size())
        fmt::print(stderr, "{}\n", say(message::scan_more_rule_problems, problems.size() - shown));
}

void show_filters(const rule::RuleSet& set) {
    if (set.filters.empty()) return;
    std::set<uint32_t> narrowed;
    for (const rule::Filter& filter : set.filters)
        narrowed.insert(filter.narrowed.begin(), filter.narrowed.end());
    fmt::print(stderr, "{}\n", say(message::rules_filters, set.filters.size(), narrowed.size()));
}

Result<rule::Context> load_context(const RuleOptions& options,
                                   const Session& session,
                                   const std::vector<std::filesystem::path>& more) {
    std::vector<Diagnostic> problems;
    YAGURA_TRY(const rule::Lists lists,
               rule::load_lists({session.lists.begin(), session.lists.end()}, problems));
    std::vector<std::filesystem::path> files(options.context.begin(), options.context.end());
    files.insert(files.end(), more.begin(), more.end());
    return rule::load_context(files, lists);
}

}  // namespace yagura::cli
