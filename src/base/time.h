// Time of events: microseconds since 1970-01-01T00:00:00Z, always UTC.
//
// Accepted texts are ISO 8601 as AWS writes it, with or without fraction and offset, "T" or a
// blank.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yagura {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

constexpr Timestamp from_micros(int64_t micros) {
    return Timestamp(std::chrono::microseconds(micros));
}
constexpr int64_t to_micros(Timestamp time) {
    return time.time_since_epoch().count();
}

// "2024-07-31T12:29:16Z", "2024-07-31 12:29:16.123+09:00", "2024-07-31". Years 1970–9999; nullopt
// otherwise.
std::optional<Timestamp> parse_iso8601(std::string_view text);

// Whole seconds, milliseconds or microseconds since 1970, told apart by magnitude; fractions
// allowed.
std::optional<Timestamp> parse_epoch(std::string_view text);

// "2024-07-31T12:29:16Z", with a fraction of 3 or 6 digits only when there is one.
std::string format_iso8601(Timestamp time);

// "2024-07-31": the day an event belongs to in the lake.
std::string format_day(Timestamp time);

// What a person types for --from, --to, --since: an ISO time, epoch seconds, "now", or a distance
// back from `now` such as 30d, -3h, 15m, 2w, 1d12h. Never before 1970.
Result<Timestamp> parse_time_expression(std::string_view text, Timestamp now);

// "90s", "15m", "3h", "30d", "2w", "1d12h"; nullopt for anything else and beyond 10,000 years.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

// A half-open range [from, to); an absent end is open.
struct TimeRange {
    std::optional<Timestamp> from;
    std::optional<Timestamp> to;
    bool contains(Timestamp time) const { return (!from || time >= *from) && (!to || time < *to); }
    bool is_open() const { return !from && !to; }
};

// The range between two such expressions, as --from and --to give it; an empty one leaves that end
// open.
Result<TimeRange> parse_time_range(std::string_view from, std::string_view to, Timestamp now);

// The system's clock, in our resolution.
Timestamp current_time();

}  // namespace yagura
