// The `expand` modifier: values with the names of lists in them.
#pragma once

#include <optional>
#include <vector>

#include "rule/problems.h"
#include "rule/sigma/value.h"

namespace yagura::rule {
class Lists;
}

namespace yagura::rule::sigma {

// Every value that `value` stands for: `%name%` is each value of that list, `\%` a percent sign.
// What a list says counts as if it were written in the rule, wildcards too; numbers stay numbers
// where the placeholder is all there is. Nullopt after a problem: a name that nothing fills would
// silently look for the wrong thing.
std::optional<std::vector<Value>> expand_placeholders(const Value& value,
                                                      const Lists* lists,
                                                      Problems& problems);

}  // namespace yagura::rule::sigma
