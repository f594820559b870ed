#include "query/constants.h"

#include <charconv>
#include <cmath>

namespace yagura::query {

const std::string* text_constant(const NodePtr& node) {
    return node->kind == Node::Kind::constant ? std::get_if<std::string>(&node->value) : nullptr;
}

std::optional<double> number_constant(const NodePtr& node) {
    if (node->kind != Node::Kind::constant) return std::nullopt;
    if (const auto* number = std::get_if<double>(&node->value)) return *number;
    if (const auto* number = std::get_if<int64_t>(&node->value))
        return static_cast<double>(*number);
    return std::nullopt;
}

std::optional<double> read_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        !std::isfinite(value))
        return std::nullopt;
    return value;
}

sql::Value number_value(double number) {
    if (number == std::floor(number) && std::fabs(number) < 9e15)
        return static_cast<int64_t>(number);
    return number;
}

std::string_view op_name(Op op) {
    switch (op) {
        case Op::equal:
            return "=";
        case Op::not_equal:
            return "!=";
        case Op::less:
            return "<";
        case Op::less_equal:
            return "<=";
        case Op::greater:
            return ">";
        case Op::greater_equal:
            return ">=";
        case Op::add:
            return "+";
        case Op::subtract:
            return "-";
        case Op::multiply:
            return "*";
        case Op::divide:
            return "/";
        case Op::modulo:
            return "%";
        default:
            return "^";
    }
}

}  // namespace yagura::query
