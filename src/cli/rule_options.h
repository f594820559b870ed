// What every command that matches rules does with them: tell what could not be used, read the
// user's context.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "rule/context.h"
#include "rule/loader.h"

namespace yagura::cli {

// The first problems of the rules on standard error, and how many more there are.
void show_rule_problems(const std::vector<Diagnostic>& problems);

// How many rules the filters narrow, on standard error, as what they hide is nowhere else.
void show_filters(const rule::RuleSet& set);

// Files and folders of --context, with the lists of --lists.
Result<rule::Context> load_context(const std::vector<std::string>& paths, const Session& session);

}  // namespace yagura::cli
