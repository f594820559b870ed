#include "base/json_text.h"

#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace yagura {
namespace {

bool needs_escape(uint32_t c) {
    if (c < 0x80) return c < 0x20 || c == 0x7F || c == '<' || c == '>' || c == '&';
    return c <= 0x9F || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF;
}

// How many bytes from `start` on stand for themselves. Nearly all of a log does.
size_t plain_run(std::string_view text, size_t start) {
    size_t end = start;
    while (end < text.size()) {
        const auto c = static_cast<unsigned char>(text[end]);
        if (c >= 0x80 || c == '"' || c == '\\' || needs_escape(c)) break;
        ++end;
    }
    return end - start;
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    out += '"';
    for (size_t i = 0; i < text.size();) {
        const size_t run = plain_run(text, i);
        out.append(text, i, run);
        i += run;
        if (i == text.size()) break;
        const uint32_t c = next_code_point(text, i);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (needs_escape(c)) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
        } else {
            append_utf8(out, c);
        }
    }
    out += '"';
}

void JsonObject::key(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json(out_, key);
    out_ += ':';
}

void JsonObject::text(std::string_view name, std::string_view value) {
    key(name);
    if (value.empty()) {
        out_ += "null";
    } else {
        append_json(out_, value);
    }
}

void JsonObject::number(std::string_view name, uint64_t value) {
    key(name);
    out_ += std::to_string(value);
}

void JsonObject::integer(std::string_view name, int64_t value) {
    key(name);
    out_ += std::to_string(value);
}

void JsonObject::real(std::string_view name, double value) {
    raw(name, std::isfinite(value) ? fmt::format("{}", value) : "null");
}

void JsonObject::raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
}

}  // namespace yagura
