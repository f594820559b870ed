// Whether a text has a byte that most texts do not have, eight bytes at a time.
//
//   if (has_control_or<'"', '\\'>(text)) …      // what JSON must escape
//
// Method: "has a byte less than n" and "has a zero byte" of Anderson's Bit Twiddling Hacks. Both
// answer exactly for a whole word, though not which byte it was.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace yagura {

// A control character of ASCII (below 0x20, or 0x7F) or one of `Others`.
template <char... Others>
inline bool has_control_or(std::string_view text) {
    constexpr uint64_t kEach = 0x0101010101010101;
    const auto zeros = [](uint64_t word) { return (word - kEach) & ~word; };
    uint64_t found = 0;
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        found |= ((word - 0x20 * kEach) & ~word) | zeros(word ^ (0x7F * kEach));
        found |= (zeros(word ^ (static_cast<uint8_t>(Others) * kEach)) | ... | uint64_t{0});
    }
    const auto is_meant = [](char c) {
        const auto byte = static_cast<uint8_t>(c);
        return byte < 0x20 || byte == 0x7F || ((c == Others) || ... || false);
    };
    return (found & (0x80 * kEach)) != 0 ||
           std::any_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_meant);
}

inline bool is_ascii(std::string_view text) {
    uint64_t found = 0;
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        found |= word;
    }
    for (; at < text.size(); ++at) found |= static_cast<uint8_t>(text[at]);
    return (found & 0x8080808080808080) == 0;
}

}  // namespace yagura
