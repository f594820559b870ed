// What a compiled condition comes to, whatever it looks like: never true, always true, with parts
// that cannot be, or true of nearly everything. Lints for `yagura rules lint`.
#pragma once

#include "match/ir.h"
#include "rule/problems.h"

namespace yagura::rule::sigma {

// `at` is where the condition is written.
void warn_of_meaning(const match::Rule& rule, Position at, Problems& problems);

}  // namespace yagura::rule::sigma
