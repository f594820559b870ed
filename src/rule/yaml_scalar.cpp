#include "rule/yaml_scalar.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/hex.h"

// The resolver of YAML 1.1 (yaml.org/type: null, bool, int, float, timestamp) as PyYAML 6
// implements it. Each reader takes the whole scalar or refuses; none allocates unless it succeeds.

namespace yagura::rule {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
    for (std::string_view word : words) {
        if (text == word) return true;
    }
    return false;
}

constexpr size_t kLongestWord = 5;  // of these
constexpr std::string_view kNull[] = {"", "~", "null", "Null", "NULL"};
constexpr std::string_view kTrue[] = {
    "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr std::string_view kFalse[] = {
    "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};

std::string without_underscores(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c != '_') out += c;
    }
    return out;
}

// Digits of `base` and underscores, at least one digit.
bool all_digits(std::string_view text, int base) {
    bool any = false;
    for (char c : text) {
        if (c == '_') continue;
        const int value = hex_digit(c);
        if (value < 0 || value >= base) return false;
        any = true;
    }
    return any;
}

void set_integer(YamlNode& node, bool negative, uint64_t magnitude) {
    node.kind = YamlNode::Kind::integer;
    node.number = static_cast<double>(magnitude) * (negative ? -1 : 1);
    node.spelling = (negative && magnitude != 0 ? "-" : "") + std::to_string(magnitude);
}

bool read_based(YamlNode& node, bool negative, std::string_view digits, int base) {
    if (!all_digits(digits, base)) return false;
    const std::string plain = without_underscores(digits);
    uint64_t magnitude = 0;
    const auto [end, error] =
        std::from_chars(plain.data(), plain.data() + plain.size(), magnitude, base);
    if (error == std::errc() && end == plain.data() + plain.size()) {
        set_integer(node, negative, magnitude);
        return true;
    }
    if (base != 10) return false;
    node.kind = YamlNode::Kind::integer;
    node.number = (negative ? -1 : 1) * std::strtod(plain.c_str(), nullptr);
    node.spelling = (negative ? "-" : "") + plain;
    return std::isfinite(node.number);
}

// "12:30:45" counts in sixties; only the first part may exceed 59. `fraction` follows the last
// part.
bool read_sexagesimal(YamlNode& node, bool negative, std::string_view text) {
    const size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    uint64_t total = 0;
    size_t parts = 0;
    for (size_t at = 0; at <= whole.size(); ++parts) {
        size_t end = whole.find(':', at);
        if (end == std::string_view::npos) end = whole.size();
        const std::string_view part = whole.substr(at, end - at);
        const bool first = parts == 0;
        if (part.empty() || !is_digit(part[0])) return false;
        if (!first && (part.size() > 2 || (part.size() == 2 && part[0] > '5'))) return false;
        uint64_t value = 0;
        for (char c : part) {
            if (c == '_' && first) continue;
            if (!is_digit(c) || value > 1'000'000'000) return false;
            value = value * 10 + static_cast<uint64_t>(c - '0');
        }
        if (total > std::numeric_limits<uint64_t>::max() / 128) return false;
        total = total * 60 + value;
        at = end + 1;
    }
    if (parts < 2) return false;
    if (dot == std::string_view::npos) {
        if (whole[0] == '0') return false;
        set_integer(node, negative, total);
        return true;
    }
    const std::string digits = without_underscores(text.substr(dot + 1));
    if (!digits.empty() && !all_digits(digits, 10)) return false;
    node.kind = YamlNode::Kind::real;
    node.number =
        (static_cast<double>(total) + std::strtod(("0." + digits + "0").c_str(), nullptr)) *
        (negative ? -1 : 1);
    node.spelling = fmt::format("{}", node.number);
    return true;
}

bool read_integer(YamlNode& node, bool negative, std::string_view digits) {
    if (digits.empty() || !is_digit(digits[0])) return false;
    if (digits.find(':') != std::string_view::npos) return read_sexagesimal(node, negative, digits);
    if (digits.starts_with("0b")) return read_based(node, negative, digits.substr(2), 2);
    if (digits.starts_with("0x")) return read_based(node, negative, digits.substr(2), 16);
    if (digits == "0") return read_based(node, negative, digits, 10);
    return read_based(node, negative, digits, digits[0] == '0' ? 8 : 10);
}

// 1.5  1_0.  .5  1.0e+3 — an exponent needs a point before it and a sign, as YAML 1.1 says. PyYAML
// takes -.5 for text.
bool read_real(YamlNode& node, bool is_signed, bool negative, std::string_view text) {
    if (is_one_of(text, std::array<std::string_view, 3>{".inf", ".Inf", ".INF"})) {
        node.kind = YamlNode::Kind::real;
        node.number = (negative ? -1 : 1) * std::numeric_limits<double>::infinity();
        node.spelling = fmt::format("{}", node.number);
        return true;
    }
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos || text.find(':') != std::string_view::npos) return false;
    size_t exponent = text.find_first_of("eE", dot);
    if (exponent == std::string_view::npos) exponent = text.size();
    const std::string_view whole = text.substr(0, dot);
    const std::string_view fraction = text.substr(dot + 1, exponent - dot - 1);
    if (!whole.empty() && !(is_digit(whole[0]) && all_digits(whole, 10))) return false;
    if (whole.empty() && (is_signed || fraction.empty() || !is_digit(fraction[0]))) return false;
    if (without_underscores(fraction).size() > 0 && !all_digits(fraction, 10)) return false;
    if (exponent < text.size()) {
        const std::string_view power = text.substr(exponent + 1);
        if (power.size() < 2 || (power[0] != '-' && power[0] != '+')) return false;
        if (power.find('_') != std::string_view::npos || !all_digits(power.substr(1), 10))
            return false;
    }
    const std::string plain = without_underscores(text);
    node.number = (negative ? -1 : 1) * std::strtod(plain.c_str(), nullptr);
    node.kind = YamlNode::Kind::real;
    node.spelling = fmt::format("{}", node.number);
    return true;
}

// 2024-07-31 or 2024-7-31 12:29:16 with fraction and offset.
bool is_timestamp(std::string_view text) {
    size_t at = 0;
    const auto digits = [&](size_t least, size_t most) {
        const size_t from = at;
        while (at < text.size() && at - from < most && is_digit(text[at])) ++at;
        return at - from >= least;
    };
    const auto take = [&](std::string_view any_of) {
        if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
        ++at;
        return true;
    };
    if (!digits(4, 4) || !take("-") || !digits(1, 2) || !take("-") || !digits(1, 2)) return false;
    if (at == text.size()) return text.size() == 10;
    if (!take("Tt")) {
        if (!take(" \t")) return false;
        while (take(" \t")) {
        }
    }
    if (!digits(1, 2) || !take(":") || !digits(2, 2) || !take(":") || !digits(2, 2)) return false;
    if (take(".")) digits(0, text.size());
    while (take(" \t")) {
    }
    if (at == text.size() || take("Z")) return at == text.size();
    if (!take("+-") || !digits(1, 2)) return false;
    if (take(":") && !digits(2, 2)) return false;
    return at == text.size();
}

}  // namespace

void resolve_plain_scalar(YamlNode& node) {
    const std::string_view text = node.text;
    node.kind = YamlNode::Kind::text;
    if (text.size() > 100) return;
    const char first = text.empty() ? '~' : text[0];
    if (is_digit(first) || first == '-' || first == '+' || first == '.') {
        const bool signed_text = first == '-' || first == '+';
        const std::string_view digits = signed_text ? text.substr(1) : text;
        const bool negative = first == '-';
        if (read_integer(node, negative, digits) || read_real(node, signed_text, negative, digits))
            return;
        if (is_one_of(text, std::array<std::string_view, 3>{".nan", ".NaN", ".NAN"})) {
            node.kind = YamlNode::Kind::real;
            node.number = std::numeric_limits<double>::quiet_NaN();
            node.spelling = "nan";
        } else if (is_timestamp(text)) {
            node.kind = YamlNode::Kind::date;
        }
        return;
    }
    if (text.size() > kLongestWord) return;
    if (is_one_of(text, kNull)) {
        node.kind = YamlNode::Kind::null;
    } else if (is_one_of(text, kTrue) || is_one_of(text, kFalse)) {
        node.kind = YamlNode::Kind::boolean;
        node.number = is_one_of(text, kTrue) ? 1 : 0;
        node.spelling = node.number == 1 ? "true" : "false";
    }
}

}  // namespace yagura::rule
