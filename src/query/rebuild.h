// Records put together again from the lake's columns, for when the object they came from is gone.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/selection.h"
#include "sql/database.h"

namespace yagura::query {

// Where a row came from.
struct Origin {
    int64_t object = 0;
    int64_t ordinal = 0;
    friend auto operator<=>(const Origin&, const Origin&) = default;
};

// One JSON object per origin found in `segments`: "@rebuilt": true, then every column that has a
// value under its native name. Not the record's bytes, but all of its values.
Result<std::map<Origin, std::string>> rebuild_records(
    sql::Database& database,
    const store::Snapshot& snapshot,
    const std::vector<const logtype::LogType*>& types,
    const Segments& segments,
    std::vector<Origin> wanted);

}  // namespace yagura::query
