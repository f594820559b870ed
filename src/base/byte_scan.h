// Whether a text has a byte that most texts do not have, eight bytes at a time.
//
//   if (has_control_or<'"', '\\'>(text)) …      // what JSON must escape
//
// Method: "has a byte less than n" and "has a zero byte" of Anderson's Bit Twiddling Hacks. Both
// answer exactly for a whole word, though not which byte it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace yagura {
namespace byte_scan {

constexpr uint64_t kEach = 0x0101010101010101;
constexpr uint64_t kTops = 0x80 * kEach;

// Calls `visit` with words that together hold all bytes of a text, some of them more than once, and
// no other byte.
template <class Visit>
inline void each_word(std::string_view text, Visit&& visit) {
    const auto load = [&](auto word, size_t at) {
        std::memcpy(&word, text.data() + at, sizeof word);
        return word;
    };
    const size_t size = text.size();
    if (size >= 8) {
        for (size_t at = 0; at + 8 < size; at += 8) visit(load(uint64_t{}, at));
        visit(load(uint64_t{}, size - 8));
    } else if (size >= 4) {
        visit(uint64_t{load(uint32_t{}, 0)} << 32 | load(uint32_t{}, size - 4));
    } else if (size > 0) {
        const auto byte = [&](size_t at) { return uint64_t{static_cast<uint8_t>(text[at])}; };
        visit(byte(0) * (kEach << 16) | byte(size / 2) << 8 | byte(size - 1));
    }
}

// The top bit of some byte is set when one of `word` is zero.
inline uint64_t zeros(uint64_t word) {
    return (word - kEach) & ~word;
}

// The top bit of some byte is set when one of `word` is a control character of ASCII (below 0x20,
// or 0x7F) or one of `Others`.
template <char... Others>
inline uint64_t control_or(uint64_t word) {
    return ((word - 0x20 * kEach) & ~word) | zeros(word ^ (0x7F * kEach)) |
           (zeros(word ^ (static_cast<uint8_t>(Others) * kEach)) | ... | uint64_t{0});
}

}  // namespace byte_scan

template <char... Others>
inline bool has_control_or(std::string_view text) {
    uint64_t found = 0;
    byte_scan::each_word(text,
                         [&](uint64_t word) { found |= byte_scan::control_or<Others...>(word); });
    return (found & byte_scan::kTops) != 0;
}

inline bool is_ascii(std::string_view text) {
    uint64_t found = 0;
    byte_scan::each_word(text, [&](uint64_t word) { found |= word; });
    return (found & byte_scan::kTops) == 0;
}

// ASCII without control characters and without `Others`.
template <char... Others>
inline bool is_plain_ascii(std::string_view text) {
    uint64_t found = 0;
    byte_scan::each_word(
        text, [&](uint64_t word) { found |= word | byte_scan::control_or<Others...>(word); });
    return (found & byte_scan::kTops) == 0;
}

}  // namespace yagura
