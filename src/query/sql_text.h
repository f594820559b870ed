// Writes a plan as SQL with bound values.
//
//   const SqlText text = write_sql(plan, {.tables = tables, .range = plan.range, .limit = 10'000});
//   connection.query(text.sql, text.values);
//
// Columns are c0, c1, …; nothing a person typed stands in the text.
// Functions that begin with yagura_ are ours (native.h).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "query/plan.h"
#include "sql/value.h"

namespace yagura::query {

struct SqlOptions {
    // What to read per log type of the plan, as "(SELECT … FROM read_parquet([…]))"; empty:
    // nothing.
    std::vector<std::string> tables;
    TimeRange range;
    uint64_t limit = 10'000;
    bool is_ordered = true;  // false: all rows in any order, for statements around this one
    // Groups of the plan's aggregation by each of these choices of its keys (their places), instead
    // of by all of them. The bits of a last column, c_set, tell which keys a row is not grouped by;
    // the highest is that of the first key.
    std::vector<std::vector<size_t>> sets;
};

struct SqlText {
    std::string sql;
    std::vector<sql::Value> values;
    // Position of each output of the plan among the result's columns; -1 for @message, which the
    // runner adds from the two last columns: object id and ordinal.
    std::vector<int> positions;
    bool has_origin = false;
};

// Code::limit when the query would become too long for the engine.
Result<SqlText> write_sql(const Plan& plan, const SqlOptions& options);

}  // namespace yagura::query
