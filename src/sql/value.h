// A value going into a statement, or one cell coming out of it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/time.h"

namespace yagura::sql {

// How a result column is read. Everything DuckDB has beyond these (lists, structs, maps, intervals,
// decimals, dates, …) is `other`: it has a text form, and nested values have theirs as JSON.
enum class Type : uint8_t { boolean, integer, real, text, time, uuid, other };

std::string_view type_name(Type type);

// monostate is NULL. Text must be valid UTF-8.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string, Timestamp>;

inline bool is_null(const Value& value) {
    return std::holds_alternative<std::monostate>(value);
}

// 'it''s': text as a literal, for the few places of SQL that take no bound values (file names,
// settings).
std::string quote_literal(std::string_view text);
// "column": a name, never mistaken for a keyword.
std::string quote_name(std::string_view name);

}  // namespace yagura::sql
