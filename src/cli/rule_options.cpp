#include "cli/rule_options.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/messages/scan.h"

namespace yagura::cli {
namespace {

constexpr size_t kShown = 5;

}  // namespace

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

Result<rule::Context> load_context(const std::vector<std::string>& paths, const Session& session) {
    std::vector<Diagnostic> problems;
    YAGURA_TRY(const rule::Lists lists,
               rule::load_lists({session.lists.begin(), session.lists.end()}, problems));
    return rule::load_context({paths.begin(), paths.end()}, lists);
}

}  // namespace yagura::cli
