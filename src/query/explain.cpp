#include <fmt/format.h>

#include "query/plan.h"

namespace yagura::query {
namespace {

std::string column_text(const Plan& plan, ColumnId id) {
    return fmt::format(
        "c{}[{}: {}]", id, plan.columns[id].name, value_type_name(plan.columns[id].type));
}

std::string node_text(const Plan& plan, const NodePtr& node) {
    if (node->kind == Node::Kind::column) return column_text(plan, node->column);
    if (node->kind == Node::Kind::constant) return constant_text(node->value);
    std::string out = std::string(node->name) + "(";
    for (size_t i = 0; i < node->arguments.size(); ++i)
        out += (i > 0 ? ", " : "") + node_text(plan, node->arguments[i]);
    return out + ")";
}

std::string access_text(const Access& access) {
    switch (access.kind) {
        case Access::Kind::none:
            return "-";
        case Access::Kind::column:
            return std::string(access.column);
        case Access::Kind::json:
            return fmt::format("{} {}", access.column, fmt::join(access.pointers, " or "));
        case Access::Kind::time:
            return "event_time";
        case Access::Kind::message:
            return "record, re-read from its object";
        case Access::Kind::pointer:
            return "object_id/ordinal";
        case Access::Kind::log_type:
            return "name of the log type";
        case Access::Kind::log:
            return "account:log type";
        case Access::Kind::log_stream:
            return "object it came from";
        case Access::Kind::ingestion_time:
            return "when the object was committed";
    }
    return "";
}

std::string needle_text(const Plan& plan, const Needle& needle) {
    if (!needle.column) return needle.text;
    return fmt::format("{} in {}", needle.text, column_text(plan, *needle.column));
}

std::string step_text(const Plan& plan, const Step& step) {
    std::string out;
    const auto assignments = [&](const std::vector<Assignment>& all) {
        for (const Assignment& one : all)
            out += fmt::format(
                "\n    {} := {}", column_text(plan, one.column), node_text(plan, one.value));
    };
    switch (step.kind) {
        case Step::Kind::extend:
            out = "compute";
            assignments(step.assignments);
            break;
        case Step::Kind::filter:
            out = "filter " + node_text(plan, step.condition);
            break;
        case Step::Kind::aggregate:
            out = "group";
            assignments(step.keys);
            out += "\n  aggregate";
            assignments(step.assignments);
            break;
        case Step::Kind::sort:
            out = "sort";
            for (const Order& order : step.order)
                out += fmt::format(
                    " {} {}", node_text(plan, order.key), order.descending ? "desc" : "asc");
            break;
        case Step::Kind::limit:
            out = fmt::format("limit {}", step.limit);
            break;
        case Step::Kind::dedup:
            out = "dedup";
            for (const ColumnId column : step.columns) out += " " + column_text(plan, column);
            break;
    }
    return "  " + out + "\n";
}

}  // namespace

std::string constant_text(const sql::Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "missing"; }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return fmt::format("{}", number); }
        std::string operator()(const std::string& text) const { return "'" + text + "'"; }
        std::string operator()(Timestamp time) const { return format_iso8601(time); }
    };
    return std::visit(Visitor{}, value);
}

std::string explain(const Plan& plan) {
    std::string out = "read";
    for (const logtype::LogType* type : plan.types) out += fmt::format(" {}", type->name);
    if (plan.range.from) out += " from " + format_iso8601(*plan.range.from);
    if (plan.range.to) out += " to " + format_iso8601(*plan.range.to);
    out += "\n";
    for (const BaseColumn& base : plan.base) {
        out += "  " + column_text(plan, base.column);
        for (size_t i = 0; i < plan.types.size(); ++i)
            out += fmt::format(
                "{} {}: {}", i > 0 ? "," : "", plan.types[i]->name, access_text(base.access[i]));
        out += "\n";
    }
    for (const Needles& needles : plan.needles) {
        std::vector<std::string> texts;
        for (const Needle& needle : needles) texts.push_back(needle_text(plan, needle));
        out += fmt::format("  only segments with: {}\n", fmt::join(texts, " or "));
    }
    out += "then\n";
    for (const Step& step : plan.steps) out += step_text(plan, step);
    out += "show";
    for (const Output& output : plan.outputs)
        out += " " + column_text(plan, output.column) +
               (plan.columns[output.column].name == output.name ? "" : " as " + output.name);
    return out + "\n";
}

}  // namespace yagura::query
