// The plain meaning of a rule: walks the condition tree for one event, nothing cached, nothing
// indexed.
//
// Slow on purpose. The property test runs it beside the fast evaluator; `rules explain` uses its
// answers.
#pragma once

#include "event/event.h"
#include "logtype/log_type.h"
#include "match/ir.h"

namespace yagura::match {

// `event.plan()` must hold every field of the rule (Program::want_fields, or want() per predicate
// before freezing); a field it does not hold counts as missing. `shape` tells keywords where to
// look: for JSON `event.record` must be valid and padded, as walk_record() leaves it. Does not look
// at the log source.
bool matches_slowly(const Rule& rule,
                    event::Event& event,
                    logtype::Shape shape = logtype::Shape::json);

}  // namespace yagura::match
