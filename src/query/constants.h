// Inside query/ only: constants as they stand in expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/plan.h"
#include "query/syntax.h"

namespace yagura::query {

// The text of a constant, or null.
const std::string* text_constant(const NodePtr& node);
std::optional<double> number_constant(const NodePtr& node);

// A finite number that is all of the text.
std::optional<double> read_number(std::string_view text);

// A whole number where it is one, so that integer columns are compared as integers.
sql::Value number_value(double number);

// "<=": the operator as it is written.
std::string_view op_name(Op op);

}  // namespace yagura::query
