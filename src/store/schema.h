// The columns one log type has in the lake.
//
// `event_time` first, then one column per dictionary field in the dictionary's order, then where
// the row came from and what was found on it. Plain Parquet types only; every column may be null
// except those of the origin. Columns are only ever added: older segments simply lack them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/field.h"
#include "logtype/log_type.h"

namespace yagura::store {

// How a column lies in a segment: VARCHAR, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP (µs, UTC) and UUID in
// SQL.
enum class Storage : uint8_t { text, integer, real, boolean, time, uuid };

Storage storage_of(event::Type type);
std::string_view sql_type(Storage storage);

struct ColumnSpec {
    std::string name;
    Storage storage = Storage::text;
    int slot = -1;  // dictionary field, or -1 for a column of ours
    event::Type type = event::Type::text;
};

class Schema {
  public:
    explicit Schema(const logtype::LogType& type);

    const logtype::LogType& log_type() const { return *type_; }
    std::span<const ColumnSpec> columns() const { return columns_; }
    // Index of a column, or -1.
    int find(std::string_view column) const;

    // Column index of dictionary field `slot`, or -1 when a column of ours holds its value (see
    // below).
    int column_of(size_t slot) const { return of_slot_[slot]; }

    // Indices of the columns every log type has.
    struct Common {
        size_t event_time, object_id, ordinal, oddities, extra, detections, detection_level;
    };
    const Common& common() const { return common_; }

  private:
    const logtype::LogType* type_;
    std::vector<ColumnSpec> columns_;
    std::vector<int> of_slot_;
    Common common_{};
};

// The schema of a log type; built once, lives as long as the program.
const Schema& schema_of(const logtype::LogType& type);

}  // namespace yagura::store
