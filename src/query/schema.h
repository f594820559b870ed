// From the names people use to the places a log type keeps its values.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "logtype/log_type.h"
#include "query/plan.h"
#include "query/syntax.h"

namespace yagura::query {

// Fields every log type has, whatever its records say.
struct SystemField {
    std::string_view name;
    Access::Kind kind;
    ValueType type;
    Text sentence;
};
std::span<const SystemField> system_fields();

// Where `type` keeps the field called by `path`: any of its names, a leaf inside one of its JSON
// columns, or else whatever `extra` may hold under that name (then is_known is false).
Access resolve(const logtype::LogType& type, std::span<const Segment> path);

// Where a value of a column stands that did not fit its type.
Access misfit_of(const Access& column);

// Names a person may have meant: those of all fields of these log types and the system fields.
std::vector<std::string_view> known_names(std::span<const logtype::LogType* const> types);

// RFC 6901 pointer of a path.
std::string json_pointer(std::span<const Segment> path);

}  // namespace yagura::query
