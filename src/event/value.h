// One value of a record, as it stands in the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"

namespace yagura::event {

enum class Kind : uint8_t { absent, null, boolean, number, string, object, array };

// Points into the buffer of the record it came from (or an arena); valid as long as that lives.
// A string's view lies between its quotes and is still escaped when `escaped` is set; numbers keep
// their own spelling, so no digit is lost; objects and arrays are the JSON text of the sub-tree.
struct ValueView {
    const char* data = nullptr;
    uint32_t size = 0;
    Kind kind = Kind::absent;
    bool escaped = false;

    std::string_view text() const { return {data, size}; }
    bool is_present() const { return kind != Kind::absent; }

    static ValueView of_string(std::string_view text) {
        return {text.data(), static_cast<uint32_t>(text.size()), Kind::string, false};
    }
    static ValueView of_number(std::string_view text) {
        return {text.data(), static_cast<uint32_t>(text.size()), Kind::number, false};
    }
};

// A string's content with its escapes resolved into `arena` when there are any; other kinds as they
// stand. Lone surrogates become U+FFFD. Never fails: a bad escape is kept as written.
std::string_view unescaped_text(const ValueView& value, Arena& arena);
inline std::string_view plain_text(const ValueView& value, Arena& arena) {
    if (value.kind == Kind::absent || value.kind == Kind::null) return {};
    return value.escaped ? unescaped_text(value, arena) : value.text();
}

// Appends what is between the quotes of a JSON string, escapes resolved. Returns false if a lone
// surrogate or a bad escape had to be repaired.
bool append_unescaped(std::string& out, std::string_view between_quotes);

}  // namespace yagura::event
