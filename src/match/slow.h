// The plain meaning of a rule: walks the condition tree for one event, nothing cached, nothing indexed.
//
// Slow on purpose. The property test runs it beside the fast evaluator; `rules explain` uses its answers.
#pragma once

#include "event/event.h"
#include "match/ir.h"

namespace yagura::match {

// `plan` must hold every field of the rule (Program::want_fields, or want() per predicate before freezing).
bool matches_slowly(const Rule& rule, event::Event& event);

}  // namespace yagura::match
