#include "store/json_text.h"

#include <algorithm>

#include "base/byte_scan.h"
#include "base/text.h"

namespace yagura::store {

using event::Kind;
using event::ValueView;

namespace {

void append_escaped(std::string& out, std::string_view text) {
    is_plain_ascii<'"', '\\'>(text) ? out += text : out += json_escape(text);
}

// The text between the quotes. What was escaped in the record is kept as it was.
void append_string(std::string& out, const ValueView& text) {
    text.escaped ? void(out += text.text()) : append_escaped(out, text.text());
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
    });
}

// 'h' for the escape of a high surrogate at `i`, 'l' for a low one, 0 for anything else.
char surrogate_at(std::string_view json, size_t i) {
    if (i + 6 > json.size() || json[i] != '\\' || json[i + 1] != 'u' ||
        !is_hex(json.substr(i + 2, 4)))
        return 0;
    const char second = ascii_lower(json[i + 3]);
    if (ascii_lower(json[i + 2]) != 'd' || second < '8') return 0;
    return second == '8' || second == '9' || second == 'a' || second == 'b' ? 'h' : 'l';
}

}  // namespace

void append_json(std::string& out, const ValueView& value) {
    if (value.kind != Kind::string) {
        out += value.kind == Kind::absent || value.kind == Kind::null ? "null" : value.text();
        return;
    }
    out += '"';
    append_string(out, value);
    out += '"';
}

std::string_view mended_json(std::string_view json, Arena& arena) {
    std::string out;
    size_t kept = 0;
    for (size_t i = json.find('\\'); i != std::string_view::npos; i = json.find('\\', i)) {
        const char kind = surrogate_at(json, i);
        if (kind == 'h' && surrogate_at(json, i + 6) == 'l') {
            i += 12;
        } else if (kind != 0) {
            out.append(json, kept, i - kept);
            out += "\\ufffd";
            i += 6;
            kept = i;
        } else {
            i += 2;
        }
        if (i >= json.size()) break;
    }
    if (kept == 0) return json;
    out.append(json, kept, std::string_view::npos);
    return arena.copy(out);
}

void ExtraObject::add(std::string_view path, const ValueView& key, const ValueView& value) {
    const size_t start = names_.size();
    append_escaped(names_, path);
    append_string(names_, key);
    members_.push_back(
        {static_cast<uint32_t>(start), static_cast<uint32_t>(names_.size() - start), value});
}

void ExtraObject::clear() {
    names_.clear();
    members_.clear();
}

void ExtraObject::write(std::string& out) {
    std::sort(members_.begin(), members_.end(), [&](const Member& a, const Member& b) {
        const int order = name_of(a).compare(name_of(b));
        return order != 0 ? order < 0 : a.start < b.start;  // values of a name as they came
    });
    out += '{';
    for (size_t i = 0; i < members_.size();) {
        size_t end = i + 1;
        while (end < members_.size() && name_of(members_[end]) == name_of(members_[i])) ++end;
        if (i > 0) out += ',';
        out += '"';
        out += name_of(members_[i]);
        out += "\":";
        if (end - i > 1) out += '[';
        for (size_t j = i; j < end; ++j) {
            if (j > i) out += ',';
            append_json(out, members_[j].value);
        }
        if (end - i > 1) out += ']';
        i = end;
    }
    out += '}';
}

}  // namespace yagura::store
