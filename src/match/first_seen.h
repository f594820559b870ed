// What a first-seen rule says: an event that a rule matches is worth telling when a combination of
// its values was never there before. Compiled by rule/sigma, evaluated by detect/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "match/ir.h"

namespace yagura::match {

constexpr size_t kMaxFirstSeenFields = 3;

struct FirstSeen {
    RuleInfo info;
    std::vector<uint32_t> rules;      // into RuleSet::rules: whose matches are looked at
    std::vector<std::string> fields;  // 1 to kMaxFirstSeenFields; the combination must be new
    int64_t history = 0;              // microseconds; what was not seen for so long is new again
    // Microseconds from the first match of all in which the rule only learns.
    int64_t learning = 0;
    // The same from the first match of an entity, told by these fields (an account, a principal):
    // everything is new about whoever is new. Both empty and 0: not asked.
    std::vector<std::string> entity;
    int64_t entity_age = 0;
};

}  // namespace yagura::match
