// What is legal in a Sigma rule but likely a mistake: warnings for `yagura rules lint`.
#pragma once

#include <span>
#include <string_view>

#include "match/ir.h"
#include "rule/sigma/detection.h"
#include "rule/yaml.h"

namespace yagura::rule::sigma {

// Missing id, level, tags or false positives, ids that are no UUID, unknown status, misspelt keys,
// ….
void warn_of_habits(const YamlNode& rule, Problems& problems);

// The keys of a rule, and the values of `status`, as Sigma has them and we read them.
std::span<const std::string_view> rule_keys();
std::span<const std::string_view> statuses();

// Warns of fields that no log type of this log source knows; empty when the source is none of ours.
// Only the part before the first dot is compared: what lies below may be anything a service writes.
FieldCheck field_check(const match::RuleSource& source, Problems& problems);

}  // namespace yagura::rule::sigma
