// The exceptions of a rule as a condition that excepts: any of them, each a row of comparisons.
#pragma once

#include <optional>
#include <vector>

#include "rule/falco/definitions.h"
#include "rule/falco/lower.h"

namespace yagura::rule::falco {

// Adds what is excepted by `rule`, one condition per exception with values. False after a mistake.
bool lower_exceptions(const RuleItem& rule,
                      Lowering& lowering,
                      std::vector<match::Condition>& excepted,
                      std::vector<Mistake>& mistakes);

}  // namespace yagura::rule::falco
