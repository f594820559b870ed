// Why a rule matched an event, or where it failed: its condition with the truth of every part, and
// what the event held where it was asked.
//
//   const Explanation why = explain(rule, event, type.shape);
//   if (const Explanation* failed = first_failure(why)) … failed->asked->values …
//
// Truth is slow.h's, asked part by part. For people: slow, and texts are cut.
#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "logtype/log_type.h"
#include "match/ir.h"

namespace yagura::match {

// What became of one predicate.
enum class Outcome : uint8_t {
    holds,
    missing,  // the record has no such field
    null,     // it has, and it is null
    differs,  // it has other values
};

struct Asked {
    const Predicate* predicate = nullptr;  // of the rule, which must outlive this
    Outcome outcome = Outcome::differs;
    std::vector<std::string> values;  // of the field, at most kMaxShownValues
    bool more_values = false;
    // holds: the value that did, and the operand it matched (an index), where one value did.
    std::string value;
    int operand = -1;
    // differs: an operand close to one of the values, such as the same in another case; or empty.
    std::string nearest;
};

struct Explanation {
    Condition::Kind kind = Condition::Kind::constant;
    bool holds = false;
    // Enough to know the truth of the whole: the matching parts of a match, the failing ones else.
    bool decides = false;
    std::vector<Explanation> parts;
    Asked asked;  // kind predicate
};

constexpr size_t kMaxShownValues = 8;
constexpr size_t kMaxShownBytes = 300;  // of one value

// `event` as for matches_slowly().
Explanation explain(const Rule& rule, event::Event& event, logtype::Shape shape);

// The first predicate, in the order of the rule, because of which it did not match; null when it
// did, or when no predicate is to blame.
const Explanation* first_failure(const Explanation& explanation);

// The predicates that made it match, in the order of the rule.
std::vector<const Explanation*> reasons(const Explanation& explanation);

}  // namespace yagura::match
