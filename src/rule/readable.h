// A compiled rule as a person reads it: what is asked of which field, and how the answers combine.
//
//   all of
//       eventSource is "cloudtrail.amazonaws.com"
//       eventName is one of "DeleteTrail", "StopLogging"
//       not
//           userAgent contains "terraform" (case matters)
//
// Made from the IR, so it shows what will be evaluated, whatever language the rule was written in.
#pragma once

#include <string>

#include "match/correlation.h"
#include "match/first_seen.h"
#include "match/ir.h"

namespace yagura::rule {

// Lines with `indent` blanks in front, in the user's language; printable, wildcards as * and ?.
std::string readable(const match::Rule& rule, size_t indent = 0);

// One predicate on one line.
std::string readable(const match::Predicate& predicate);

// What is counted, of which rules, for whom, how long and how many.
std::string readable(const match::Correlation& correlation, size_t indent = 0);

// Which values must be new together, for how long they are remembered and when it only learns.
std::string readable(const match::FirstSeen& memory, size_t indent = 0);

// "90 s", "15 min", "2 h", "30 d": the largest unit that divides the microseconds.
std::string readable_duration(int64_t micros);

}  // namespace yagura::rule
