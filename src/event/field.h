// The field dictionary: every name a field of a log type goes by, its type and its meaning.
//
// One row, four names: native (`sourceIPAddress`, a path in the record), lake column (`source_ip`),
// ECS (`source.ip`) and OCSF (`src_endpoint.ip`). Rules and queries may use any of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/language.h"

namespace yagura::event {

// How a field is stored in the lake and compared in queries. Plain Parquet types only.
enum class Type : uint8_t {
    text,
    integer,  // 64 bits, signed
    real,     // double
    boolean,
    time,  // microseconds, UTC
    ip,    // kept as text, in canonical form when it parses (AWS also writes host names here)
    uuid,  // Parquet UUID; a value that is no UUID goes to `extra`
    json,  // the sub-tree as JSON text
};

std::string_view type_name(Type type);

struct Field {
    std::string_view name;    // native; "@…" is derived by us
    std::string_view column;  // in the lake
    Type type = Type::text;
    std::string_view ecs;   // "" when ECS has no such field
    std::string_view ocsf;  // path in OCSF 1.1; "" when it has none
    Text sentence;
    std::string_view also = "";  // further names, separated by blanks
};

using FieldId = uint16_t;

// Names of one log type. Immutable after construction; keeps views into the static table.
class Dictionary {
  public:
    explicit Dictionary(std::span<const Field> fields);

    std::span<const Field> fields() const { return fields_; }
    const Field& operator[](FieldId id) const { return fields_[id]; }

    // By any name, exact in case. When two fields claim a name, native beats column beats ECS beats
    // OCSF.
    std::optional<FieldId> find(std::string_view name) const;

    // All names, for suggestions and completion.
    std::vector<std::string_view> names() const;

  private:
    std::span<const Field> fields_;
    std::unordered_map<std::string_view, FieldId, TextHash, std::equal_to<>> by_name_;
};

}  // namespace yagura::event
