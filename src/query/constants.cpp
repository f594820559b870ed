#include "query/constants.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

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

// "7", "-0.5", "+1e3", also with blanks around it. What is no number of ours ("NaN", "Infinity",
// beyond a double) would spoil every sum it gets into.
std::optional<double> read_number(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
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

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
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
