// Rules as people name them on a command line: files, folders, ids, the first characters of an id,
// names and titles.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "pipeline/backtest.h"
#include "rule/loader.h"

namespace yagura::cli {

struct ChosenRules {
    rule::RuleSet set;
    pipeline::Chosen chosen;
};

// No words mean all bundled rules. `more` are files and folders to look for ids in, too. What those
// files hold that is no rule is told on standard error; a word that names nothing is complained
// about, with the nearest there is, and gives nothing.
std::optional<ChosenRules> choose_rules(const std::vector<std::string>& words,
                                        const std::vector<std::string>& more,
                                        bool no_default,
                                        const Session& session);

}  // namespace yagura::cli
