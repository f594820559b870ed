// The functions of the query language: one row each, with the SQL they become.
//
// The row is all there is to know: arity and argument kinds are checked from it, help and docs are
// printed from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "query/plan.h"

namespace yagura::query {

class Typing;
struct Expr;

struct FunctionRow {
    enum class Family : uint8_t {
        numeric,
        datetime,
        general,
        json,
        ip,
        string,
        hash,
        aggregate,
        event
    };
    Family family;
    std::string_view name;
    std::string_view aliases;  // separated by blanks
    uint8_t least;             // arguments
    uint8_t most;              // 255: any number
    // One letter per argument, the last one repeats:
    //   t text   n number   b condition   d time   j JSON   v anything, as it is   c text constant
    std::string_view kinds;
    std::string_view usage;  // "substr(text, start[, length])"
    ValueType result;        // nothing: that of the first argument
    std::string_view sql;    // template, see Node::sql; one "|"-separated template per number of
                             // arguments, from `least`
    NodePtr (*build)(Typing& typing,
                     const Expr& call,
                     std::vector<NodePtr> arguments);  // instead of `sql`, or null
    Text sentence;

    bool is_aggregate() const { return family == Family::aggregate || family == Family::event; }
};

std::span<const FunctionRow> scalar_functions();
std::span<const FunctionRow> aggregate_functions();

// By any name, without case; null when there is none.
const FunctionRow* find_function(std::string_view name);
std::vector<std::string_view> function_names();
// Functions Logs Insights has and this version does not.
bool is_later_function(std::string_view name);
std::string_view family_name(FunctionRow::Family family);

}  // namespace yagura::query
