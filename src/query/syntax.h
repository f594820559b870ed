// The syntax tree of a Logs Insights query, as written: nothing is resolved or typed yet.
//
// Every node keeps the stretch of text it came from, so that whoever finds a mistake later can
// point at it. Trees are at most kMaxHeight high (the parser sees to it), so recursive walks over
// them are safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::query {

constexpr uint32_t kMaxHeight = 100;
constexpr size_t kMaxQueryBytes = 256 * 1024;

// Bytes [offset, offset + length) of the query text.
struct Span {
    uint32_t offset = 0;
    uint32_t length = 0;
};

// One step of a field path. `items.0` and `items[0]` both give an index step of name "0".
struct Segment {
    std::string name;
    bool quoted = false;  // stood in back-ticks
    bool index = false;   // written as [n]
};

enum class Op : uint8_t {
    none,
    logical_or,   // any number of operands
    logical_and,  // any number of operands
    logical_not,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    like,  // operands: subject, text or regex
    not_like,
    in,  // operands: subject, then the listed values
    not_in,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    power,
    negate,
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
    enum class Kind : uint8_t {
        text,       // "x", 'x', and unquoted URLs
        number,     // 42, 1.5e3
        boolean,    // true, false
        period,     // 5m
        regex,      // /re/
        field,      // a.b.`c d`.0
        access,     // operand.path: jsonParse(x).a[0]
        operation,  // op over operands
        call,       // name(operands)
        star,       // the * of count(*)
    };

    Kind kind = Kind::text;
    Op op = Op::none;
    Span span;
    std::string text;   // content of a literal, name of a function, spelling of a number
    double number = 0;  // number
    std::vector<Segment> path;
    std::vector<ExprPtr> operands;
    uint32_t height = 1;
};

// "a.b.c d" of a path: how it is shown and looked up.
std::string path_text(const std::vector<Segment>& path);

// `expr as alias`; `name` is the alias, or else the text of the expression with blanks collapsed.
struct Item {
    ExprPtr expr;
    std::string name;
    bool has_alias = false;
    Span span;
};

struct SortKey {
    ExprPtr expr;
    std::string name;
    bool descending = false;
};

enum class ParseMode : uint8_t { glob, regex, logfmt, csv };

struct CommandRow;  // commands.h

// One command of the pipe; which members count depends on the command.
struct Command {
    const CommandRow* row = nullptr;
    Span span;  // of the command's name

    std::vector<Item> items;      // fields, display, stats: what it computes
    std::vector<Item> keys;       // stats: after `by`
    ExprPtr condition;            // filter
    std::vector<SortKey> order;   // sort
    std::vector<ExprPtr> fields;  // dedup
    uint64_t limit = 0;           // limit
    bool any = false;             // limit any N: order does not matter

    // parse
    ParseMode mode = ParseMode::glob;
    ExprPtr subject;  // null: @message
    std::string pattern;
    Span pattern_span;
    std::vector<std::string> names;  // what it makes
    bool multi = false;
};

struct Query {
    std::string text;
    std::vector<Command> commands;
};

}  // namespace yagura::query
