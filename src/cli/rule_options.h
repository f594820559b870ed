// The options of every command that matches rules, and what they stand for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "rule/context.h"
#include "rule/loader.h"

namespace yagura::cli {

struct RuleOptions {
    std::vector<std::string> rules;    // -r
    std::vector<std::string> context;  // --context
    bool no_default_rules = false;
};

// -r, --context and --no-default-rules. `options` must outlive the command.
void add_rule_options(CLI::App& command, RuleOptions& options);

// The rule files those options name, with the lists of --lists.
rule::LoadOptions load_options(const RuleOptions& options, const Session& session);

// The first problems of the rules on standard error, and how many more there are.
void show_rule_problems(const std::vector<Diagnostic>& problems);

// How many rules the filters narrow, on standard error, as what they hide is nowhere else.
void show_filters(const rule::RuleSet& set);

// Files and folders of --context, and `more` of them, with the lists of --lists.
Result<rule::Context> load_context(const RuleOptions& options,
                                   const Session& session,
                                   const std::vector<std::filesystem::path>& more = {});

}  // namespace yagura::cli
