// Names and expressions: what a written expression means at its place in the query.
#include "base/ip.h"
#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/constants.h"
#include "query/planning.h"
#include "query/schema.h"

namespace yagura::query {
namespace {

using Kind = Expr::Kind;

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' && c != '`') out += ascii_lower(c);
    }
    return out;
}

}  // namespace

// --- expressions ---

NodePtr Planner::typed(const Expr& expr) {
    switch (expr.kind) {
        case Kind::text:
            return Typing::constant(expr.text);
        case Kind::number: {
            const bool whole = expr.text.find_first_not_of("0123456789") == std::string::npos &&
                               expr.number < 9e15;
            return whole ? Typing::constant(static_cast<int64_t>(expr.number))
                         : Typing::constant(expr.number);
        }
        case Kind::boolean:
            return Typing::constant(equals_ignore_case(expr.text, "true"));
        case Kind::period:
            typing_.error(
                expr.span, say(message::query_stray_period, expr.text), "bin(" + expr.text + ")");
            break;
        case Kind::regex:
            typing_.error(expr.span, say(message::query_regex_place));
            break;
        case Kind::star:
            typing_.error(expr.span, say(message::query_stray_star), "count(*)");
            break;
        case Kind::field:
            return typed_field(expr);
        case Kind::access: {
            NodePtr base = typed(*expr.operands[0]);
            if (base->type == ValueType::json) return json_leaf(std::move(base), expr.path);
            typing_.warning(expr.span, say(message::query_not_a_map), "jsonParse(…)");
            return Typing::null();
        }
        case Kind::operation:
            return typed_operation(expr);
        case Kind::call:
            return typed_call(expr);
    }
    return Typing::null();
}

NodePtr Planner::json_leaf(NodePtr base, std::span<const Segment> path) {
    return Typing::apply(ValueType::any,
                         "json leaf",
                         "json_extract_string({0}, {1})",
                         {std::move(base), Typing::constant(json_pointer(path))});
}

NodePtr Planner::typed_field(const Expr& expr) {
    const std::span<const Segment> path = expr.path;
    const std::string name = path_text(expr.path);
    if (const auto column = find_name(name, !scope_.lake))
        return Typing::column(*column, plan_.columns[*column].type);
    // A path into a map made earlier: js.accounts[0].id
    for (size_t prefix = path.size() - 1; prefix > 0; --prefix) {
        const auto column = find_name(
            path_text({path.begin(), path.begin() + static_cast<ptrdiff_t>(prefix)}), false);
        if (!column) continue;
        NodePtr base = Typing::column(*column, plan_.columns[*column].type);
        if (base->type == ValueType::json) return json_leaf(std::move(base), path.subspan(prefix));
        if (!scope_.lake) break;
    }
    if (aggregating_) {
        typing_.error(expr.span,
                      say(message::query_not_aggregated, printable(name)),
                      "latest(" + printable(name) + ")");
        return Typing::null();
    }
    if (scope_.lake) return with_misfits(lake_field(path, expr.span));
    if (name == "@timestamp" && scope_.bin) return Typing::column(*scope_.bin, ValueType::time);
    std::vector<std::string_view> names;
    for (const auto& [known, column] : scope_.names) names.push_back(known);
    typing_.error(
        expr.span, say(message::query_gone_after_stats, printable(name)), suggest(name, names));
    return Typing::null();
}

// Published samples use back-ticks around text: `United States`. What cannot be a field is taken
// for text.
NodePtr Planner::typed_or_text(const Expr& expr) {
    const bool quoted = expr.kind == Kind::field && expr.path.size() == 1 && expr.path[0].quoted;
    if (!quoted || find_name(expr.path[0].name, false) || !scope_.lake || is_lake_field(expr.path))
        return typed(expr);
    const std::string& text = expr.path[0].name;
    if (text.starts_with('@') || text.find('.') != std::string::npos) return typed(expr);
    typing_.warning(expr.span,
                    say(message::query_backtick_text, printable(text)),
                    "\"" + printable(text) + "\"");
    return Typing::constant(text);
}

NodePtr Planner::typed_operation(const Expr& expr) {
    const auto& operands = expr.operands;
    switch (expr.op) {
        case Op::logical_or:
        case Op::logical_and:
        case Op::logical_not: {
            std::vector<NodePtr> nodes;
            for (const ExprPtr& operand : operands) nodes.push_back(typed(*operand));
            return typing_.logical(expr.op, std::move(nodes));
        }
        case Op::like:
        case Op::not_like: {
            NodePtr subject = typed(*operands[0]);
            NodePtr found =
                operands[1]->kind == Kind::regex
                    ? typing_.like_regex(std::move(subject), operands[1]->text, operands[1]->span)
                    : typing_.like_text(std::move(subject), typed_or_text(*operands[1]));
            return expr.op == Op::like ? found
                                       : typing_.logical(Op::logical_not, {std::move(found)});
        }
        case Op::in:
        case Op::not_in: {
            std::vector<NodePtr> values;
            for (size_t i = 1; i < operands.size(); ++i)
                values.push_back(typed_or_text(*operands[i]));
            NodePtr found = one_of(typed(*operands[0]), std::move(values), expr.span);
            return expr.op == Op::in ? found : typing_.logical(Op::logical_not, {std::move(found)});
        }
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
            return compare(expr.op, typed(*operands[0]), typed_or_text(*operands[1]), expr.span);
        case Op::negate:
            return typing_.negate(typed(*operands[0]));
        default:
            return typing_.arithmetic(expr.op, typed(*operands[0]), typed(*operands[1]));
    }
}

// A person may write an address as the record does; the lake has it in canonical form.
NodePtr Planner::as_kept(const NodePtr& subject, NodePtr value) const {
    const std::string* text = text_constant(value);
    if (!text || subject->kind != Node::Kind::column || !plan_.columns[subject->column].is_address)
        return value;
    const auto address = IpAddress::parse(*text);
    return address ? Typing::constant(address->to_string()) : value;
}

NodePtr Planner::compare(Op op, NodePtr left, NodePtr right, Span span) {
    right = as_kept(left, std::move(right));
    left = as_kept(right, std::move(left));
    if (op == Op::equal && text_constant(right) && is_uuid_text(left))
        return one_of(std::move(left), {std::move(right)}, span);
    return typing_.compare(op, std::move(left), std::move(right), span);
}

NodePtr Planner::one_of(NodePtr subject, std::vector<NodePtr> values, Span span) {
    for (NodePtr& value : values) value = as_kept(subject, std::move(value));
    const bool texts = std::all_of(values.begin(), values.end(), [](const NodePtr& value) {
        return text_constant(value) != nullptr;
    });
    if (!texts || !is_uuid_text(subject))
        return typing_.one_of(std::move(subject), std::move(values), span);
    // UUIDs in small letters are all in their column; in capitals they mean the same ones, but for
    // a column of texts.
    const bool is_pure = is_pure_uuid_text(subject);
    bool only_kept = true;
    for (size_t i = 0, given = values.size(); i < given; ++i) {
        const std::string& text = *text_constant(values[i]);
        const std::string lower = fold_case(text);
        only_kept = only_kept && is_uuid(text) && lower == text;
        if (is_pure && is_uuid(text) && lower != text) values.push_back(Typing::constant(lower));
    }
    if (only_kept) {
        subject = subject->arguments[0];
        if (!is_pure)
            subject = Typing::apply(
                ValueType::text, kUuidText, "CAST({0} AS VARCHAR)", {std::move(subject)});
    }
    return typing_.one_of(std::move(subject), std::move(values), span);
}

// A UUID column holds what is spelled as it spells them; other ids stand in `extra`. Who only asks
// for one that fits reads the column alone.
NodePtr Planner::with_misfits(NodePtr column) {
    const auto base =
        std::find_if(plan_.base.begin(), plan_.base.end(), [&](const BaseColumn& one) {
            return one.column == column->column;
        });
    const auto is_uuid_column = [](const Access& access) {
        return access.kind == Access::Kind::column && access.type == ValueType::uuid;
    };
    if (base == plan_.base.end() ||
        std::none_of(base->access.begin(), base->access.end(), is_uuid_column))
        return column;
    const std::string name = plan_.columns[column->column].name + " in extra";
    const auto known =
        std::find_if(plan_.base.begin(), plan_.base.end(), [&](const BaseColumn& one) {
            return plan_.columns[one.column].name == name;
        });
    ColumnId misfit = known == plan_.base.end() ? 0 : known->column;
    if (known == plan_.base.end()) {
        BaseColumn extra{0, {}};
        for (const Access& access : base->access)
            extra.access.push_back(is_uuid_column(access) ? misfit_of(access) : Access{});
        misfit = extra.column = new_column(name, ValueType::any);
        plan_.base.push_back(std::move(extra));
    }
    return Typing::apply(ValueType::text,
                         kUuidText,
                         "coalesce(CAST({0} AS VARCHAR), {1})",
                         {std::move(column), Typing::column(misfit, ValueType::any)});
}

NodePtr Planner::typed_call(const Expr& expr) {
    const FunctionRow* row = find_function(expr.text);
    if (row == nullptr) {
        const auto names = function_names();
        if (is_later_function(expr.text)) {
            typing_.error(expr.span, say(message::query_not_yet, expr.text + "()"));
        } else {
            typing_.error(expr.span,
                          say(message::query_unknown_function, printable(expr.text)),
                          suggest(expr.text, names));
        }
        return Typing::null();
    }
    const bool star = !expr.operands.empty() && expr.operands[0]->kind == Kind::star;
    const size_t given = star && row->name == "count" ? 0 : expr.operands.size();
    if (given < row->least || given > row->most) {
        typing_.error(
            expr.span, say(message::query_argument_count, row->name), std::string(row->usage));
        return Typing::null();
    }
    if (row->is_aggregate()) return typed_aggregate(*row, expr);
    return typing_.call(*row, expr, typed_arguments(*row, expr));
}

std::vector<NodePtr> Planner::typed_arguments(const FunctionRow& row, const Expr& expr) {
    std::vector<NodePtr> arguments;
    if (row.name == "bin") {
        arguments.push_back(event_time(expr.span));
        return arguments;
    }
    for (const ExprPtr& operand : expr.operands) {
        if (operand->kind == Kind::period || operand->kind == Kind::regex) {
            arguments.push_back(
                Typing::constant(operand->text));  // read from the tree by the function itself
        } else if (operand->kind != Kind::star) {
            arguments.push_back(row.name == "concat" ? typed_or_text(*operand) : typed(*operand));
        }
    }
    return arguments;
}

NodePtr Planner::typed_aggregate(const FunctionRow& row, const Expr& expr) {
    if (aggregating_ == nullptr) {
        const bool nested = outer_ != nullptr;
        typing_.error(expr.span,
                      say(nested ? message::query_nested_aggregate : message::query_aggregate_place,
                          row.name),
                      "stats " + std::string(row.usage));
        return Typing::null();
    }
    // The arguments belong to the rows before the stats.
    Step* step = std::exchange(aggregating_, nullptr);
    Scope inner = std::exchange(scope_, *outer_);
    std::vector<NodePtr> arguments = typed_arguments(row, expr);
    if (row.family == FunctionRow::Family::event) arguments.push_back(event_time(expr.span));
    NodePtr node = typing_.call(row, expr, std::move(arguments));
    scope_ = std::move(inner);
    aggregating_ = step;
    const ColumnId column = new_column(std::string(row.name), node->type);
    step->assignments.push_back({column, std::move(node)});
    return Typing::column(column, plan_.columns[column].type);
}

// --- names ---

std::optional<ColumnId> Planner::find_name(std::string_view name, bool loosely) const {
    for (auto it = scope_.names.rbegin(); it != scope_.names.rend(); ++it) {
        if (it->first == name) return it->second;
    }
    if (!loosely) return std::nullopt;
    // `SUM(Fault)` names a column written sum( Fault ).
    for (auto it = scope_.names.rbegin(); it != scope_.names.rend(); ++it) {
        if (folded(it->first) == folded(name)) return it->second;
    }
    return std::nullopt;
}

bool Planner::is_lake_field(std::span<const Segment> path) const {
    return std::any_of(plan_.types.begin(), plan_.types.end(), [&](const auto* type) {
        return resolve(*type, path).is_known;
    });
}

bool Planner::is_visible(const Expr& field) const {
    if (find_name(path_text(field.path), true)) return true;
    if (path_text(field.path) == "@timestamp" && scope_.bin) return true;
    return std::any_of(scope_.names.begin(), scope_.names.end(), [&](const auto& known) {
        return plan_.columns[known.second].type == ValueType::json &&
               path_text(field.path).starts_with(known.first + ".");
    });
}

void Planner::warn_unknown(const std::string& name, Span span) {
    if (!warned_.insert(name).second) return;
    typing_.warning(span,
                    say(message::query_unknown_field, printable(name)),
                    suggest(name, known_names(plan_.types)));
}

NodePtr Planner::lake_field(std::span<const Segment> path, Span span) {
    BaseColumn base{0, {}};
    bool known = false;
    ValueType type = ValueType::nothing;
    for (const logtype::LogType* log : plan_.types) {
        Access access = resolve(*log, path);
        known = known || access.is_known;
        base.access.push_back(std::move(access));
    }
    for (Access& access : base.access) {
        // Where some log type knows the field, guesses into the others' `extra` would only cost
        // time.
        if (known && !access.is_known) access = {};
        if (access.type == ValueType::nothing || access.type == type) continue;
        if (type == ValueType::nothing) {
            type = access.type;
        } else {
            type = is_numeric(type) && is_numeric(access.type) ? ValueType::real : ValueType::any;
        }
    }
    const bool is_address =
        known && std::all_of(base.access.begin(), base.access.end(), [](const Access& access) {
            return access.kind == Access::Kind::none || access.is_address;
        });
    const std::string name = path_text({path.begin(), path.end()});
    if (!known) warn_unknown(name, span);
    for (const BaseColumn& known_column : plan_.base) {
        if (plan_.columns[known_column.column].name == name)
            return Typing::column(known_column.column, plan_.columns[known_column.column].type);
    }
    base.column = new_column(name, type);
    plan_.columns[base.column].is_address = is_address;
    if (!base.access.empty()) {
        if (base.access[0].kind == Access::Kind::message) plan_.message = base.column;
        if (name == "@timestamp") plan_.time = base.column;
    }
    plan_.base.push_back(base);
    return Typing::column(base.column, type);
}

NodePtr Planner::event_time(Span span) {
    const Segment segment{"@timestamp"};
    if (scope_.lake) return lake_field({&segment, 1}, span);
    typing_.error(span,
                  say(message::query_gone_after_stats, "@timestamp"),
                  "stats … by bin(5m) as t | stats … by datefloor(t, 1h)");
    return Typing::null();
}

}  // namespace yagura::query
