// Where was this address, key, ARN, id, domain or word ever seen?
//
//   YAGURA_TRY(auto found, find(lake, indicators, {.limit = 100}));
//
// The side indexes say which columns of which row groups may hold an indicator; only those are
// read, and every row is checked before it counts. An indicator that never occurs opens no segment
// at all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/account_scope.h"
#include "base/result.h"
#include "base/time.h"
#include "store/lake.h"
#include "store/tokens.h"

namespace yagura::store {

struct FindOptions {
    TimeRange range;
    size_t limit = 100;                        // rows returned, the newest; all are counted
    AccountScope scope = AccountScope::all();  // only its rows are found and counted
};

struct FoundRow {
    Timestamp time{};
    std::string log_type;
    std::string indicator;
    std::vector<std::string> columns;  // that hold it
    int64_t object_id = 0;
    int64_t ordinal = 0;
    std::vector<sql::Value> values;  // of all columns of the log type's schema, in its order
};

struct Found {
    std::vector<FoundRow> rows;  // newest first
    uint64_t total = 0;          // rows that match, returned or not
    // Of the whole lake, so 0 when the scope is not all of it.
    uint64_t segments = 0;  // in the time range
    uint64_t segments_read = 0;
};

Result<Found> find(Lake& lake,
                   std::span<const Indicator> indicators,
                   const FindOptions& options = {});

}  // namespace yagura::store
