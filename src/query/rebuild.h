// Records put together again from the lake's columns, for when the object they came from is gone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/event_row.h"
#include "query/selection.h"
#include "sql/database.h"

namespace yagura::query {

// One JSON object per origin found in `segments`: "@rebuilt": true, then every column that has a
// value under its native name. Not the record's bytes, but all of its values.
Result<std::map<Origin, std::string>> rebuild_records(sql::Database& database,
                                                      const store::Snapshot& snapshot,
                                                      const Plan& plan,
                                                      const Segments& segments,
                                                      std::vector<Origin> wanted);

// The same of one row that was read with all of its columns.
std::string rebuilt_record(const store::Schema& schema, const sql::Rows& rows, size_t row);

}  // namespace yagura::query
