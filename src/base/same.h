// Whether two texts are the same, for short ones that mostly are.
//
//   if (is_same(value, latest)) ...
//
// In line, eight bytes at a time: for names, ids and ARNs a call of memcmp() takes longer than the
// comparison.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace yagura {

template <class Word>
inline bool is_same_word(const char* a, const char* b) {
    Word first, second;
    std::memcpy(&first, a, sizeof first);
    std::memcpy(&second, b, sizeof second);
    return first == second;
}

inline bool is_same(std::string_view one, std::string_view other) {
    constexpr size_t kLong = 128;
    const size_t size = one.size();
    if (size != other.size()) return false;
    const char* const a = one.data();
    const char* const b = other.data();
    if (size >= kLong) return std::memcmp(a, b, size) == 0;
    if (size >= 8) {
        for (size_t i = 0; i + 8 < size; i += 8) {
            if (!is_same_word<uint64_t>(a + i, b + i)) return false;
        }
        return is_same_word<uint64_t>(a + size - 8, b + size - 8);
    }
    if (size >= 4)
        return is_same_word<uint32_t>(a, b) && is_same_word<uint32_t>(a + size - 4, b + size - 4);
    // Of up to three bytes the first, the middle and the last are all.
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

}  // namespace yagura
