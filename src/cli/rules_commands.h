// The commands of `yagura rules` that ask a lake or an event, one file each: rules_backtest.cpp
// (test), rules_convert.cpp and rules_explain.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace yagura::cli {

// What `test` does without --lake: checks the rules of these files (none: the bundled ones) against
// the samples beside them.
using CheckSamples = std::function<int(const std::vector<std::string>& paths)>;

void add_rules_test(CLI::App* rules, Session& session, CheckSamples check);
void add_rules_convert(CLI::App* rules, Session& session);
void add_rules_explain(CLI::App* rules, Session& session);

}  // namespace yagura::cli
