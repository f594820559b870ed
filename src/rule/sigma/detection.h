// The `detection` section of a Sigma rule: search identifiers compiled to predicates and condition
// trees.
//
// A map is AND, a list of maps is OR, a list of values is keywords; see docs/sigma.md. The
// `condition` itself is read by condition.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "match/ir.h"
#include "rule/problems.h"
#include "rule/yaml.h"

namespace yagura::rule {
class Lists;
}

namespace yagura::rule::sigma {

// Bounds of one compiled rule: aliases, dashes and repeated identifiers may multiply what was
// written.
constexpr size_t kMaxOperands = 100'000;
constexpr size_t kMaxConditionNodes = 100'000;

struct SearchIdentifier {
    std::string name;
    Position at;
    match::Condition condition;
    size_t nodes = 1;   // of the condition tree
    bool used = false;  // by a condition
};

struct Detections {
    std::vector<SearchIdentifier> identifiers;
    std::vector<match::Predicate> predicates;  // equal ones stand here once
};

// Looks at each field name a rule uses, to warn of unknown ones. May be empty.
using FieldCheck = std::function<void(std::string_view field, Position at)>;

// Reads every search identifier of the `detection` map. Problems are reported; what was readable is
// returned. `lists` is where `expand` takes values from.
Detections read_detections(const YamlFile& file,
                           const YamlNode& detection,
                           const FieldCheck& check_field,
                           Problems& problems,
                           const Lists* lists = nullptr);

// Reads one search (a map, a list of maps, keywords) as a rule that is nothing but a condition.
match::Rule read_search(const YamlFile& file,
                        const YamlNode& definition,
                        const FieldCheck& check_field,
                        Problems& problems,
                        const Lists* lists = nullptr);

// A rule with that condition and the predicates it needs, which it counts within `detections`.
match::Rule rule_of(match::RuleInfo info,
                    match::RuleSource source,
                    match::Condition condition,
                    const Detections& detections);

// Conditions built from others, without needless levels.
match::Condition all_of(std::vector<match::Condition> children);
match::Condition any_of(std::vector<match::Condition> children);
match::Condition negation_of(match::Condition child);

}  // namespace yagura::rule::sigma
