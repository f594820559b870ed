// The parts of `yagura rules`, one file each: rules_list.cpp (list), rules_show.cpp,
// rules_check.cpp (lint, test), rules_coverage.cpp, rules_bench.cpp, rules_falco.cpp. With --lake
// list, show and lint are about the rules of a console (lake_rules.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "match/correlation.h"
#include "rule/known.h"
#include "rule/loader.h"

namespace yagura::cli {

// Which rules a command is about, in the words of its command line.
struct RuleChoice {
    std::vector<std::string> added;  // -r, or PATHs
    bool no_default = false;
    std::string lake;  // --lake: as the console of this lake has them
};

struct ListOptions {
    RuleChoice choice;
    std::string format = "table";
    std::string min_level = "informational";
    std::string tactic;    // "persistence", "TA0003"; empty: any
    std::string log_type;  // "cloudtrail"; empty: any
    std::string text;      // in title, description, id, author or tags, any language and case
};

struct ShowOptions {
    RuleChoice choice;
    std::string format = "table";
    std::string wanted;  // id, the first characters of one, or a title
};

struct CoverageOptions {
    RuleChoice choice;
    std::string format = "table";
    std::string output = "-";
    std::string name = "Yagura";  // of the layer
};

struct CheckOptions {
    std::vector<std::string> paths;  // empty: the bundled rules
    std::string format = "table";
    bool list = false;  // lint: print what is looked for
    std::string lake;   // lint: what was written in the console of this lake
};

int list_rules(const ListOptions& options, const Session& session);
int show_rule(const ShowOptions& options, const Session& session);
int show_coverage(const CoverageOptions& options, const Session& session);
int lint_rules(const CheckOptions& options, const Session& session);
int test_rules(const CheckOptions& options, const Session& session);
int bench_rules(const CheckOptions& options, const Session& session);
int list_falco_fields();

// --- what they share ---

// Rules that were read and are not in use, by no mistake of theirs; to stderr.
void tell_skipped(const rule::RuleSet& set);

using rule::known_rules;
using rule::KnownRule;
using rule::source_name;

// Complains and gives nothing when a path is wrong.
std::optional<rule::RuleSet> load_chosen(const RuleChoice& choice, const Session& session);
std::optional<rule::RuleSet> load_for_check(const CheckOptions& options,
                                            bool warnings,
                                            const Session& session);

std::string shown_title(const match::RuleInfo& info);  // in the user's language, printable
std::string json_list(const std::vector<std::string>& items);

// The keys that `list -f json` and `show -f json` share, without braces.
std::string json_facts(const KnownRule& rule);

void print_diagnostics(std::FILE* to, const std::vector<Diagnostic>& diagnostics);

}  // namespace yagura::cli
