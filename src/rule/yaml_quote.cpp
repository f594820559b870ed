#include "rule/yaml_quote.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "rule/yaml_scalar.h"

namespace yagura::rule {
namespace {

// Escaped although it may stand in YAML: it would steer a terminal or hide in an editor.
bool is_hidden(uint32_t c) {
    const bool is_control = c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD;
    const bool is_mark = (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
                         (c >= 0x2060 && c <= 0x206F);
    return is_control || is_mark || c == 0x061C || c == 0xFEFF || c >= 0xFFF9;
}

bool is_plain_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '/' || c == '@' || c == '+' || c == ' ';
}

}  // namespace

std::string yaml_quoted(std::string_view text) {
    const std::string repaired = repair_utf8(text);
    std::string out = "\"";
    for (size_t at = 0; at < repaired.size();) {
        const uint32_t c = next_code_point(repaired, at);
        if (c == '"' || c == '\\') {
            (out += '\\') += static_cast<char>(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (!is_hidden(c) || c == 0xFFFD) {
            append_utf8(out, c);
        } else {
            out += c < 0x100     ? fmt::format("\\x{:02x}", c)
                   : c < 0x10000 ? fmt::format("\\u{:04x}", c)
                                 : fmt::format("\\U{:08x}", c);
        }
    }
    return out + '"';
}

std::string yaml_scalar(std::string_view text) {
    YamlNode node;
    node.text = text;
    resolve_plain_scalar(node);
    const bool is_plain = node.is_text() && !text.empty() && trim(text) == text &&
                          std::all_of(text.begin(), text.end(), is_plain_character) &&
                          std::string_view("-@.+/").find(text[0]) == std::string_view::npos;
    return is_plain ? std::string(text) : yaml_quoted(text);
}

}  // namespace yagura::rule
