// The `filter` documents of Sigma (meta rules): a condition that is added to rules from outside, so
// that a deployment's exceptions need no edit of the rules. rule/resolve.h adds it.
#pragma once

#include <optional>
#include <vector>

#include "rule/sigma/detection.h"
#include "rule/sigma/document.h"

namespace yagura::rule::sigma {

constexpr size_t kMaxFilterRules = 10'000;  // that one filter names

struct FilterDraft {
    match::Rule rule;            // what must hold besides a rule's own condition; its log source
                                 // must contain the rule's
    bool names_rules = false;    // else: every rule of the log source
    std::vector<Mention> rules;  // that it names
    Hash128 content{};           // of what decides its meaning
    bool is_off = false;         // switched off: checked, but nothing is narrowed
};

// Nullopt after a problem. Lint also warns of a condition that may be meant the other way round.
std::optional<FilterDraft> read_filter(const YamlFile& file,
                                       const YamlNode& root,
                                       const ReadOptions& options,
                                       Problems& problems);

}  // namespace yagura::rule::sigma
