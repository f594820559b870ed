// Loads rule folders: every rule that can be read is, every one that cannot is named with its place
// and reason.
//
//   YAGURA_TRY(RuleSet rules, load_rules({.bundled = {shipped_rules_dir()}, .added =
//   {"my-rules"}})); for (const Diagnostic& problem : rules.quarantined) … std::vector<const
//   match::Rule*> about = rules.select_for(log_type);
//
// Folders are read recursively (*.yml, *.yaml; not `*.test.*`, not hidden files, no links to
// folders), sorted, by all cores; the result does not depend on how many.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "logtype/log_type.h"
#include "match/correlation.h"
#include "match/first_seen.h"
#include "match/ir.h"
#include "rule/disabled.h"
#include "rule/sigma/sigma.h"

namespace yagura::rule {

// What rule files say, by path as loaded.
using FileTexts = std::map<std::string, std::string>;

struct LoadOptions {
    std::vector<std::filesystem::path> bundled;  // files or folders; a missing one is no rules
    std::vector<std::filesystem::path> added;    // `-r`; a missing one is an error
    std::vector<std::filesystem::path> edited;   // written in the console; as `bundled`
    std::vector<std::filesystem::path> lists;    // for `expand`, see lists.h; as `added`
    DisabledIds disabled;                // rules and filters that are switched off, see disabled.h
    DisabledIds disabled_filters;        // filters that are, beside those
    bool warnings = false;               // also collect what lint warns of
    uint32_t threads = 0;                // 0: one per core
    const FileTexts* instead = nullptr;  // read these texts in place of what the files hold now
    FileTexts* texts = nullptr;          // gets what was read; see live.h
};

// A filter: its condition is part of the rules already, unless it is switched off.
struct Filter {
    match::RuleInfo info;
    uint32_t rules = 0;              // that it narrows; one with several conditions counts once
    std::vector<uint32_t> narrowed;  // these, into RuleSet::rules, ascending
    bool is_off = false;             // then it narrows none
};

// A rule whose id another one took over.
struct Original {
    std::string id;
    std::string file;
    uint32_t line = 0;
};

struct RuleSet {
    std::vector<match::Rule> rules;  // bundled first, then in order of path and place in the file
    std::vector<match::Correlation> correlations;  // those others refer to come first
    std::vector<match::FirstSeen> first_seen;
    std::vector<Filter> filters;
    std::vector<Diagnostic> quarantined;  // why rules or files were left out, by file and line
    std::vector<Diagnostic> warnings;
    std::vector<sigma::Skipped> skipped;  // Falco rules that are not for here
    std::vector<Original> originals;      // those that were replaced
    uint32_t files = 0;
    uint32_t loaded = 0;  // rules and correlations in use; one with several conditions counts once
    uint32_t quarantined_count = 0;  // rules refused, including unreadable files
    uint32_t replaced = 0;           // rules whose id an added or edited one took over
    uint32_t disabled = 0;           // rules and correlations left out because they are disabled
    uint32_t repeated = 0;           // the very same rule met again, counted once

    // The rules whose log source covers this log type, in order.
    std::vector<const match::Rule*> select_for(const logtype::LogType& type) const;
};

// An added rule replaces the bundled one of the same id, an edited one both. Within one of these
// sets the first rule keeps an id; another rule with it is quarantined unless it asks the same of
// the same logs.
Result<RuleSet> load_rules(const LoadOptions& options);

// The same from texts in memory, by file name; a name in several sets counts in the first.
struct RuleTexts {
    FileTexts bundled, added, edited, lists;
    DisabledIds disabled_filters;
};
RuleSet load_texts(const RuleTexts& texts, bool warnings = false);

// The text of a rule file, cut one byte behind what is allowed at the earliest; nullopt when it
// cannot be read.
std::optional<std::string> read_rule_file(const std::filesystem::path& path);

// The rule files below `path` in the order they are loaded; `path` itself when it is a file.
Result<std::vector<std::filesystem::path>> find_rule_files(const std::filesystem::path& path);

}  // namespace yagura::rule
