#include "query/typing.h"

#include <charconv>
#include <cmath>

#include <re2/re2.h>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/constants.h"
#include "query/lexer.h"

namespace yagura::query {
namespace {

using sql::Value;

ValueType type_of(const Value& value) {
    struct Visitor {
        ValueType operator()(std::monostate) const { return ValueType::nothing; }
        ValueType operator()(bool) const { return ValueType::boolean; }
        ValueType operator()(int64_t) const { return ValueType::integer; }
        ValueType operator()(double) const { return ValueType::real; }
        ValueType operator()(const std::string&) const { return ValueType::text; }
        ValueType operator()(Timestamp) const { return ValueType::time; }
    };
    return std::visit(Visitor{}, value);
}

// A missing value where a function wants a kind: the engine has to know which.
NodePtr missing_as(char kind) {
    switch (kind) {
        case 'n':
            return Typing::apply(ValueType::real, "missing", "CAST(NULL AS DOUBLE)", {});
        case 'b':
            return Typing::apply(ValueType::boolean, "missing", "CAST(NULL AS BOOLEAN)", {});
        case 'd':
            return Typing::apply(ValueType::time, "missing", "CAST(NULL AS TIMESTAMP)", {});
        case 'j':
            return Typing::apply(ValueType::json, "missing", "CAST(NULL AS VARCHAR)", {});
        default:
            return Typing::apply(ValueType::any, "missing", "CAST(NULL AS VARCHAR)", {});
    }
}

}  // namespace

std::string_view value_type_name(ValueType type) {
    constexpr std::string_view kNames[] = {
        "nothing", "boolean", "integer", "real", "text", "any", "time", "uuid", "json"};
    return kNames[static_cast<size_t>(type)];
}

void Typing::error(Span span, std::string message, std::string hint) {
    notes_.push_back(diagnostic_at(text_, span, Grade::error, std::move(message), std::move(hint)));
}

void Typing::warning(Span span, std::string message, std::string hint) {
    notes_.push_back(
        diagnostic_at(text_, span, Grade::warning, std::move(message), std::move(hint)));
}

// --- building ---

NodePtr Typing::column(ColumnId id, ValueType type) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::column;
    node->type = type;
    node->column = id;
    return node;
}

NodePtr Typing::constant(Value value) {
    auto node = std::make_shared<Node>();
    node->type = type_of(value);
    node->value = std::move(value);
    return node;
}

NodePtr Typing::null() {
    return constant(std::monostate{});
}

NodePtr Typing::apply(ValueType type,
                      std::string_view name,
                      std::string_view sql,
                      std::vector<NodePtr> arguments) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::apply;
    node->type = type;
    node->name = name;
    node->sql = sql;
    node->arguments = std::move(arguments);
    return node;
}

// --- coercion ---

NodePtr Typing::to_text(NodePtr node) {
    switch (node->type) {
        case ValueType::nothing:
        case ValueType::text:
        case ValueType::any:
        case ValueType::json:
            return node;
        case ValueType::time:
            return apply(ValueType::text, "text", "yagura_time_text({0})", {std::move(node)});
        case ValueType::real:
            // Whole numbers without ".0", as everybody writes them.
            return apply(ValueType::text, "text", "yagura_number_text({0})", {std::move(node)});
        case ValueType::boolean:
            return apply(ValueType::text, "text", "CAST({0} AS VARCHAR)", {std::move(node)});
        case ValueType::integer:
        case ValueType::uuid:
            return apply(ValueType::text, "text", "CAST({0} AS VARCHAR)", {std::move(node)});
    }
    return node;
}

NodePtr Typing::to_number(NodePtr node) {
    switch (node->type) {
        case ValueType::nothing:
        case ValueType::integer:
        case ValueType::real:
            return node;
        case ValueType::boolean:
            return apply(ValueType::integer, "number", "CAST({0} AS BIGINT)", {std::move(node)});
        case ValueType::time:
            return apply(ValueType::integer, "milliseconds", "epoch_ms({0})", {std::move(node)});
        case ValueType::text:
        case ValueType::any:
            if (const std::string* text = text_constant(node)) {
                const auto number = read_number(*text);
                return number ? constant(number_value(*number)) : null();
            }
            return apply(ValueType::real, "number", "yagura_number({0})", {std::move(node)});
        case ValueType::uuid:
        case ValueType::json:
            return null();
    }
    return node;
}

// What counts as true: true, numbers other than 0, and text other than "", "0" and "false".
NodePtr Typing::to_condition(NodePtr node) {
    switch (node->type) {
        case ValueType::nothing:
        case ValueType::boolean:
            return node;
        case ValueType::integer:
        case ValueType::real:
            return apply(ValueType::boolean, "true?", "({0} <> 0)", {std::move(node)});
        case ValueType::text:
        case ValueType::any:
            return apply(ValueType::boolean,
                         "true?",
                         "(lower({0}) NOT IN ('', '0', 'false'))",
                         {std::move(node)});
        case ValueType::time:
        case ValueType::uuid:
        case ValueType::json:
            return apply(ValueType::boolean,
                         "true?",
                         "CASE WHEN {0} IS NOT NULL THEN TRUE END",
                         {std::move(node)});
    }
    return node;
}

NodePtr Typing::to_time(NodePtr node, Span span) {
    if (node->type == ValueType::time || node->type == ValueType::nothing) return node;
    if (const std::string* text = text_constant(node)) {
        if (const auto time = parse_iso8601(*text)) return constant(*time);
        if (const auto time = parse_epoch(*text)) return constant(*time);
        error(span, say(message::query_not_a_time, printable(*text)));
        return null();
    }
    if (const auto number = number_constant(node)) {
        // Seconds, milliseconds or microseconds, told apart by magnitude.
        if (const auto time = parse_epoch(fmt::format("{:.0f}", *number))) return constant(*time);
        return null();
    }
    if (node->type == ValueType::any || node->type == ValueType::text) {
        return apply(ValueType::time, "time", "yagura_read_time({0})", {std::move(node)});
    }
    NodePtr number = to_number(std::move(node));
    if (number->type == ValueType::nothing) return number;
    return apply(ValueType::time,
                 "time",
                 "CASE WHEN abs(CAST({0} AS DOUBLE)) < 9e15 THEN make_timestamp(CAST({0} * 1000 AS "
                 "BIGINT)) END",
                 {std::move(number)});
}

NodePtr Typing::to_json(NodePtr node) {
    if (node->type == ValueType::json || node->type == ValueType::nothing) return node;
    return apply(ValueType::json,
                 "json",
                 "CASE WHEN json_valid({0}) THEN {0} END",
                 {to_text(std::move(node))});
}

std::vector<NodePtr> Typing::unify(std::vector<NodePtr> nodes) {
    ValueType common = ValueType::nothing;
    for (const NodePtr& node : nodes) {
        if (node->type == ValueType::nothing || node->type == common) continue;
        if (common == ValueType::nothing) {
            common = node->type;
        } else {
            common =
                is_numeric(common) && is_numeric(node->type) ? ValueType::real : ValueType::any;
        }
    }
    for (NodePtr& node : nodes) {
        if (node->type == ValueType::nothing || node->type == common) continue;
        if (common == ValueType::real) {
            node = apply(ValueType::real, "real", "CAST({0} AS DOUBLE)", {node});
        } else {
            node = to_text(node);
        }
    }
    return nodes;
}

// --- operators ---

NodePtr Typing::like_text(NodePtr subject, NodePtr part) {
    return apply(ValueType::boolean,
                 "like",
                 "contains({0}, {1})",
                 {to_text(std::move(subject)), to_text(std::move(part))});
}

NodePtr Typing::like_regex(NodePtr subject, std::string_view pattern, Span span) {
    const std::string checked = checked_regex(pattern, span);
    NodePtr text = to_text(std::move(subject));
    if (checked.empty())
        return apply(ValueType::boolean,
                     "like",
                     "CASE WHEN {0} IS NOT NULL THEN TRUE END",
                     {std::move(text)});
    // Most patterns people write are plain words, and finding those is ten times cheaper.
    if (checked.find_first_of("\\^$.[]|()?*+{}") == std::string::npos)
        return like_text(std::move(text), constant(checked));
    return apply(ValueType::boolean,
                 "like /re/",
                 "regexp_matches({0}, {1})",
                 {std::move(text), constant(checked)});
}

std::string Typing::checked_regex(std::string_view pattern,
                                  Span span,
                                  std::vector<std::string>* groups) {
    std::string out;
    bool in_class = false;  // between [ and ]
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            out += pattern.substr(i++, 2);
            continue;
        }
        out += pattern[i];
        if (in_class) {
            in_class = pattern[i] != ']';
            continue;
        }
        if (pattern[i] == '[') {
            in_class = true;
            // A bracket right behind the opening one stands for itself.
            if (pattern.substr(i + 1).starts_with('^')) out += pattern[++i];
            if (pattern.substr(i + 1).starts_with(']')) out += pattern[++i];
            continue;
        }
        if (!pattern.substr(i).starts_with("(?<") || i + 3 >= pattern.size()) continue;
        if (pattern[i + 3] == '=' || pattern[i + 3] == '!')
            continue;  // look-behind: RE2 will refuse it
        out += "?P";
        ++i;
    }
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(8 << 20);
    const RE2 regex(out, options);
    if (!regex.ok()) {
        error(span, say(message::query_bad_regex, printable(regex.error())));
        return {};
    }
    if (groups) {
        groups->assign(static_cast<size_t>(regex.NumberOfCapturingGroups()), "");
        for (const auto& [index, name] : regex.CapturingGroupNames())
            (*groups)[static_cast<size_t>(index) - 1] = name;
    }
    return out;
}

NodePtr Typing::arithmetic(Op op, NodePtr left, NodePtr right) {
    left = to_number(std::move(left));
    right = to_number(std::move(right));
    if (left->type == ValueType::nothing || right->type == ValueType::nothing) return null();
    const auto a = number_constant(left);
    const auto b = number_constant(right);
    if (a && b) {
        const double x = *a, y = *b;
        const bool by_zero = (op == Op::divide || op == Op::modulo) && y == 0;
        const double result = op == Op::add        ? x + y
                              : op == Op::subtract ? x - y
                              : op == Op::multiply ? x * y
                              : op == Op::divide   ? x / (by_zero ? 1 : y)
                              : op == Op::modulo   ? std::fmod(x, by_zero ? 1 : y)
                                                   : std::pow(x, y);
        if (by_zero || !std::isfinite(result)) return null();
        return constant(number_value(result));
    }
    // Doubles: as in Logs Insights, and nothing overflows.
    std::string_view sql = "(CAST({0} AS DOUBLE) + {1})";
    if (op == Op::subtract) sql = "(CAST({0} AS DOUBLE) - {1})";
    if (op == Op::multiply) sql = "(CAST({0} AS DOUBLE) * {1})";
    if (op == Op::divide) sql = "(CAST({0} AS DOUBLE) / nullif({1}, 0))";
    if (op == Op::modulo) sql = "(CAST({0} AS DOUBLE) % nullif(CAST({1} AS DOUBLE), 0))";
    if (op == Op::power) sql = "TRY(pow({0}, {1}))";
    return apply(ValueType::real, op_name(op), sql, {std::move(left), std::move(right)});
}

NodePtr Typing::negate(NodePtr operand) {
    operand = to_number(std::move(operand));
    if (const auto number = number_constant(operand)) return constant(number_value(-*number));
    if (operand->type == ValueType::nothing) return operand;
    return apply(ValueType::real, "-", "(0 - CAST({0} AS DOUBLE))", {std::move(operand)});
}

NodePtr Typing::logical(Op op, std::vector<NodePtr> operands) {
    for (NodePtr& operand : operands) operand = to_condition(std::move(operand));
    if (op == Op::logical_not)
        return apply(ValueType::boolean, "not", "(NOT {0})", std::move(operands));
    if (operands.size() == 1) return operands[0];
    if (op == Op::logical_and)
        return apply(ValueType::boolean, "and", "({* AND })", std::move(operands));
    return apply(ValueType::boolean, "or", "({* OR })", std::move(operands));
}

std::string Typing::constant_text(const NodePtr& node, Span span) {
    if (const std::string* text = text_constant(node)) return *text;
    error(span, say(message::query_wants_constant));
    return {};
}

// --- functions ---

NodePtr Typing::call(const FunctionRow& row, const Expr& call, std::vector<NodePtr> arguments) {
    for (size_t i = 0; i < arguments.size() && !row.kinds.empty(); ++i) {
        NodePtr& argument = arguments[i];
        const Span span = i < call.operands.size() ? call.operands[i]->span : call.span;
        const char kind = row.kinds[std::min(i, row.kinds.size() - 1)];
        switch (kind) {
            case 't':
                // Maps and lists are no text; Logs Insights gives null.
                if (argument->type == ValueType::json) argument = null();
                argument = to_text(std::move(argument));
                break;
            case 'n':
                argument = to_number(std::move(argument));
                break;
            case 'b':
                argument = to_condition(std::move(argument));
                break;
            case 'd':
                argument = to_time(std::move(argument), span);
                break;
            case 'j':
                argument = to_json(std::move(argument));
                break;
            case 'c':
                if (!text_constant(argument)) error(span, say(message::query_wants_constant));
                break;
            default:
                break;
        }
        if (argument->type == ValueType::nothing) argument = missing_as(kind);
    }
    if (row.build) return row.build(*this, call, std::move(arguments));
    std::string_view sql = row.sql;
    for (size_t i = row.least; i < arguments.size() && sql.find(" | ") != std::string_view::npos;
         ++i)
        sql.remove_prefix(sql.find(" | ") + 3);
    sql = sql.substr(0, sql.find(" | "));
    const ValueType type =
        row.result == ValueType::nothing && !arguments.empty() ? arguments[0]->type : row.result;
    return apply(type, row.name, sql, std::move(arguments));
}

}  // namespace yagura::query
