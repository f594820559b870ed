// What a plan's filters say about the segments worth opening.
#pragma once

#include "query/plan.h"

namespace yagura::query {

// Narrows plan.range by conditions on @timestamp, fills plan.needles with texts that must occur,
// and tells whether
// @message is needed before the result is cut.
void note_facts(Plan& plan);

}  // namespace yagura::query
