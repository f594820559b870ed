// What a rule asks, as one number: equal when two rules match the same events, whatever they are
// called and however they are told.
//
// Two rules may match the same events and differ here, as only the words of the condition are
// looked at; never the other way round. The number is the same in every run and on every machine.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "match/ir.h"
#include "match/policy.h"

namespace yagura::match {

// Of the log source, the predicates and the condition.
uint64_t fingerprint(const Rule& rule);

// Of the exceptions that hold back matches of this rule at `now`; 0 when there are none.
uint64_t exceptions_fingerprint(const Policy& policy, const RuleInfo& rule, Timestamp now);

}  // namespace yagura::match
