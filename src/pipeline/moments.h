// Moments of events in microseconds since 1970, some of them not known, all of them from logs.
//
// What is not known loses to what is; a sum stays within half of what fits, so that a difference of
// two of them fits too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace yagura::pipeline {

inline std::optional<int64_t> earlier(std::optional<int64_t> a, std::optional<int64_t> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

inline std::optional<int64_t> later(std::optional<int64_t> a, std::optional<int64_t> b) {
    if (!a || !b) return a ? a : b;
    return std::max(*a, *b);
}

inline int64_t plus(int64_t time, int64_t span) {
    int64_t sum = 0;
    if (__builtin_add_overflow(time, span, &sum)) return span < 0 ? INT64_MIN / 2 : INT64_MAX / 2;
    return std::clamp(sum, INT64_MIN / 2, INT64_MAX / 2);
}

}  // namespace yagura::pipeline
