// A query after its names are resolved and its expressions typed: what is read, what is done with
// it, what is shown.
//
// A plan belongs to no engine: sql_text.h writes it as SQL. Columns are numbered, so no name a
// person typed ever reaches SQL text, and every constant becomes a bound value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/account_scope.h"
#include "base/time.h"
#include "logtype/log_type.h"
#include "sql/value.h"

namespace yagura::query {

// What kind of value an expression has.
//
// `any` is text whose real kind only the event knows (a JSON leaf, a parsed part, a field that is
// text in one log type and a number in another): it counts as a number wherever one is asked for
// and it reads as one.
enum class ValueType : uint8_t { nothing, boolean, integer, real, text, any, time, uuid, json };

std::string_view value_type_name(ValueType type);

constexpr bool is_numeric(ValueType type) {
    return type == ValueType::integer || type == ValueType::real;
}
constexpr bool is_textual(ValueType type) {
    return type == ValueType::text || type == ValueType::any;
}

using ColumnId = uint32_t;

struct Node;
using NodePtr =
    std::shared_ptr<const Node>;  // shared: a column's expression may be used in several places

// A typed expression: a column, a constant, or a function over others.
struct Node {
    enum class Kind : uint8_t { column, constant, apply };
    Kind kind = Kind::constant;
    ValueType type = ValueType::nothing;
    ColumnId column = 0;
    sql::Value value;
    std::string_view name;  // apply: how it is called in an explanation; static text
    std::string_view
        sql;  // apply: SQL with {0} {1} … for arguments, {*} for all of them; static text
    std::vector<NodePtr> arguments;
};

// Where a log type keeps what the query asks for.
struct Access {
    enum class Kind : uint8_t {
        none,            // it has no such field: NULL
        column,          // a column
        json,            // a leaf inside a JSON column
        time,            // time of the event
        message,         // the record's bytes
        pointer,         // object_id/ordinal, the key of the row
        log,             // account:log_type
        log_type,        // its name
        log_stream,      // the object it came from
        ingestion_time,  // when the lake took it in
    };
    Kind kind = Kind::none;
    ValueType type = ValueType::nothing;
    std::string_view column;  // of the lake; static text
    // json: RFC 6901; the first that finds something counts.
    std::vector<std::string> pointers;
    bool is_known = false;    // the dictionary has it (not a guess into `extra`)
    bool is_address = false;  // the column keeps IP addresses in canonical form
    std::string_view native;  // the field's own name; static text
};

// A column read from the lake; one Access per log type of the plan, in the same order.
struct BaseColumn {
    ColumnId column;
    std::vector<Access> access;
};

struct Assignment {
    ColumnId column;
    NodePtr value;
};

struct Order {
    NodePtr key;
    bool descending = false;
};

struct Step {
    enum class Kind : uint8_t { extend, filter, aggregate, sort, limit, dedup };
    Kind kind;
    std::vector<Assignment> assignments;  // extend; aggregate: the aggregates
    std::vector<Assignment> keys;         // aggregate: group keys
    NodePtr condition;                    // filter
    std::vector<Order> order;             // sort
    uint64_t limit = 0;
    bool any = false;               // limit: whichever rows come first
    std::vector<ColumnId> columns;  // dedup
};

struct PlanColumn {
    std::string name;
    ValueType type = ValueType::nothing;
    bool is_address = false;  // IP addresses in canonical form, where it holds some
};

struct Output {
    std::string name;
    ColumnId column;
};

// A text that must stand in a row, and in which column it read from the lake; none: in any.
struct Needle {
    std::string text;
    std::optional<ColumnId> column = {};
};

// At least one of these must stand in a segment for any of its rows to be wanted.
using Needles = std::vector<Needle>;

struct Plan {
    std::vector<const logtype::LogType*> types;
    std::vector<PlanColumn> columns;
    std::vector<BaseColumn> base;
    std::vector<Step> steps;
    std::vector<Output> outputs;

    AccountScope scope;               // whose rows may be read at all
    int64_t first_segment = 0;        // only segments with this id or a higher one
    TimeRange range;                  // asked for, narrowed by what filters say about @timestamp
    std::vector<Needles> needles;     // all of these hold
    std::optional<ColumnId> time;     // the base column of @timestamp
    std::optional<ColumnId> message;  // the base column of @message
    bool is_aggregated = false;       // rows are groups, not events
    bool needs_message = false;       // @message is used before the result is cut
};

// The plan in words, for --explain.
std::string explain(const Plan& plan);
std::string constant_text(const sql::Value& value);

}  // namespace yagura::query
