// Small text tools everybody needs: ASCII case, UTF-8, and making strangers' text safe to show.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yagura {

constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equals_ignore_case(std::string_view a, std::string_view b);  // ASCII only

// Simple case folding: ASCII fast, other scripts through Unicode's simple one-to-one mapping
// (Latin to Extended-A, Greek, Cyrillic, Armenian, full-width). Invalid UTF-8 passes unchanged.
std::string fold_case(std::string_view text);
void append_folded(std::string& out, std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

bool is_valid_utf8(std::string_view text);

// Replaces every invalid sequence by U+FFFD.
std::string repair_utf8(std::string_view text);

void append_utf8(std::string& out, uint32_t code_point);

// Decodes one code point at `position` and moves past it; U+FFFD for an invalid byte.
uint32_t next_code_point(std::string_view text, size_t& position);

// Terminal columns of a UTF-8 text: East Asian wide characters count two.
size_t display_width(std::string_view text);

// Cuts to at most `columns` terminal columns, with … when something was cut.
std::string shorten(std::string_view text, size_t columns);

// For terminals and logs: whatever steers the terminal (C0, C1, DEL), changes the reading order
// (bidi marks), breaks lines or cannot be seen (zero-width, tags, soft hyphen) becomes a visible
// escape such as \x1b, \u202e or \U000e0041; tabs and newlines too. Invalid UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

// The text between quotes of a JSON string: escapes " \ and control characters. Invalid UTF-8
// becomes U+FFFD.
std::string json_escape(std::string_view text);
std::string json_quote(std::string_view text);

// "12,345,678"
std::string with_thousands(uint64_t number);

// "1.3 GiB", "512 B"
std::string human_bytes(uint64_t bytes);

}  // namespace yagura
