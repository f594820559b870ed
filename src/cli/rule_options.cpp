#include "cli/rule_options.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

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

Result<rule::Context> load_context(const std::vector<std::string>& paths, const Session& session) {
    std::vector<Diagnostic> problems;
    YAGURA_TRY(const rule::Lists lists,
               rule::load_lists({session.lists.begin(), session.lists.end()}, problems));
    return rule::load_context({paths.begin(), paths.end()}, lists);
}

}  // namespace yagura::cli
