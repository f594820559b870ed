// The rules of a set as people know them: the conditions of one document are one rule, a
// correlation is a rule too.
//
//   for (const KnownRule& rule : known_rules(set)) print(rule.info->title, rule.source);
#pragma once

#include <string>
#include <vector>

#include "match/correlation.h"
#include "match/first_seen.h"
#include "match/ir.h"
#include "rule/loader.h"

namespace yagura::rule {

// Points into the set.
struct KnownRule {
    const match::RuleInfo* info = nullptr;
    std::string source;                     // "aws/cloudtrail"; of a correlation "correlation"
    std::vector<const match::Rule*> rules;  // one per condition; none for a correlation
    const match::Correlation* correlation = nullptr;
    const match::FirstSeen* first_seen = nullptr;  // what of the matches of `rules` is told
    std::vector<const Filter*> filters;            // whose conditions are part of `rules`
};

// In the order they were loaded, correlations last.
std::vector<KnownRule> known_rules(const RuleSet& set);

// "aws/cloudtrail"
std::string source_name(const match::RuleSource& source);

}  // namespace yagura::rule
