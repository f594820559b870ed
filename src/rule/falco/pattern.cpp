#include "rule/falco/pattern.h"

#include "base/text.h"

namespace yagura::rule::falco {
namespace {

using match::Operand;

void append_literal(std::string& out, char c) {
    constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
}

// The bracket expression at the start of `pattern` as one of RE2; 0 when it never closes, and the
// bracket then stands for itself.
size_t append_bracket(std::string& out, std::string_view pattern) {
    size_t at = 1;
    std::string set = "[";
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
        set += '^';
        ++at;
    }
    for (bool first = true; at < pattern.size(); first = false) {
        char c = pattern[at++];
        if (c == ']' && !first) {
            out += set + "]";
            return at;
        }
        if (c == '[' && at < pattern.size() && pattern[at] == ':') {
            const size_t end = pattern.find(":]", at);
            if (end != std::string_view::npos) {
                set.append(pattern, at - 1, end + 3 - at);
                at = end + 2;
                continue;
            }
        }
        if (c == '\\' && at < pattern.size()) c = pattern[at++];
        const bool is_range = c == '-' && !first && at < pattern.size() && pattern[at] != ']';
        if (!is_range && (c == '\\' || c == '[' || c == ']' || c == '^' || c == '-')) set += '\\';
        set += c;
    }
    return 0;
}

// `any` and `one` are what * and ? may stand for.
std::string expression_of(std::string_view pattern, std::string_view any, std::string_view one) {
    std::string out;
    for (size_t at = 0; at < pattern.size();) {
        const char c = pattern[at];
        if (c == '[') {
            if (const size_t size = append_bracket(out, pattern.substr(at))) {
                at += size;
                continue;
            }
        }
        ++at;
        if (c == '*') {
            out += any;
        } else if (c == '?') {
            out += one;
        } else {
            append_literal(out, c == '\\' && at < pattern.size() ? pattern[at++] : c);
        }
    }
    return out;
}

Operand text_operand(std::string text) {
    return {Operand::Kind::text, std::move(text), 0};
}

}  // namespace

void set_glob(match::Predicate& predicate, std::string_view pattern) {
    if (pattern.find('[') != std::string_view::npos) {
        predicate.op = match::Op::regex;
        const std::string_view flags = predicate.cased ? "(?s)" : "(?si)";
        predicate.operands.push_back(
            text_operand(std::string(flags) + "\\A" + expression_of(pattern, ".*", ".") + "\\z"));
        return;
    }
    std::string out;
    for (size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        const bool escapes = c == '\\' && at + 1 < pattern.size();
        out += c == '*' ? match::kAnyRun : c == '?' ? match::kAnyOne : escapes ? pattern[++at] : c;
    }
    predicate.op = match::Op::glob;
    predicate.operands.push_back(text_operand(std::move(out)));
}

std::string path_expression(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    return "(?s)\\A" + expression_of(path, "[^/]*", "[^/]") + "(?:/.*)?\\z";
}

std::string whole_expression(std::string_view pattern) {
    return "\\A(?m:" + std::string(pattern) + ")\\z";
}

std::optional<std::string> bytes_of_hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (text.empty() || text.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (size_t at = 0; at < text.size(); at += 2) {
        const size_t high = kDigits.find(ascii_lower(text[at]));
        const size_t low = kDigits.find(ascii_lower(text[at + 1]));
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

}  // namespace yagura::rule::falco
