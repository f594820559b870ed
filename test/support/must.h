// What has to go well for a test to go on: its value, or the test ends with the error's sentence.
//
//   auto lake = must(store::Lake::open(folder / "lake"));
//   const TimeRange day{at("2024-07-31"), at("2024-08-01")};
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include "base/result.h"
#include "base/time.h"

namespace yagura::test {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().sentence()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The moment an ISO 8601 text names.
inline Timestamp at(std::string_view text) {
    const auto time = parse_iso8601(text);
    REQUIRE_MESSAGE(time.has_value(), text);
    return *time;
}

}  // namespace yagura::test
