// The condition of a Sigma rule: `selection and not 1 of filter_*`.
//
//   expression = term { "or" term }        term = factor { "and" factor }        factor = "not"
//   factor | primary primary = "(" expression ")" | ("1" | "any" | "all") "of" ("them" | pattern) |
//   identifier
//
// Words are told apart at blanks and parentheses only, so `nota` is an identifier, never `not a`.
#pragma once

#include <optional>

#include "match/ir.h"
#include "rule/sigma/detection.h"

namespace yagura::rule::sigma {

// Compiles the condition in `text` over the identifiers of `detections`, marking those it uses.
// Nullopt after a problem.
std::optional<match::Condition> read_condition(const YamlFile& file,
                                               const YamlNode& text,
                                               Detections& detections,
                                               Problems& problems);

}  // namespace yagura::rule::sigma
