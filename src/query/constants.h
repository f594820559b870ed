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

// 8-4-4-4-12 hexadecimal digits, in any case.
bool is_uuid(std::string_view text);

// Name of the node that reads a UUID column as text, what did not fit it included.
constexpr std::string_view kUuidText = "uuid text";
inline bool is_uuid_text(const NodePtr& node) {
    return node->kind == Node::Kind::apply && node->name == kUuidText;
}
// Where the column holds UUIDs in all log types that have it; in others it may hold texts.
inline bool is_pure_uuid_text(const NodePtr& node) {
    return is_uuid_text(node) && node->arguments[0]->type == ValueType::uuid;
}

}  // namespace yagura::query
