#include "base/time.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/text.h"

namespace yagura {
namespace {

using std::chrono::microseconds;

// 9999-12-31T23:59:59.999999Z: the last time that prints with four digits of a year.
constexpr Timestamp kLast = from_micros(253'402'300'799'999'999);
// Longer distances than this are no distances people mean, and their sums could overflow.
constexpr microseconds kLongest = std::chrono::hours(24 * 365 * 10'000);

// Reads exactly `count` digits at `position`; -1 when there are fewer.
int read_digits(std::string_view text, size_t& position, size_t count) {
    if (position + count > text.size()) return -1;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
        const char c = text[position + i];
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    position += count;
    return value;
}

bool take(std::string_view text, size_t& position, char wanted) {
    if (position >= text.size() || text[position] != wanted) return false;
    ++position;
    return true;
}

// ".123456789" → microseconds; digits beyond the sixth are dropped.
std::optional<int64_t> read_fraction(std::string_view text, size_t& position) {
    int64_t micros = 0;
    int64_t scale = 100000;
    const size_t start = position;
    for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
        micros += (text[position] - '0') * scale;
        scale /= 10;
    }
    if (position == start) return std::nullopt;
    return micros;
}

// "Z", "+09:00", "+0900", "+09" or nothing (UTC) → minutes east of UTC.
std::optional<int> read_offset(std::string_view text, size_t& position) {
    if (position == text.size()) return 0;
    if (text[position] == 'Z' || text[position] == 'z') {
        ++position;
        return 0;
    }
    if (text.substr(position) == " UTC") {
        position += 4;
        return 0;
    }
    const char sign = text[position];
    if (sign != '+' && sign != '-') return std::nullopt;
    ++position;
    const int hours = read_digits(text, position, 2);
    if (hours < 0 || hours > 14) return std::nullopt;
    int minutes = 0;
    if (position < text.size()) {
        take(text, position, ':');
        minutes = read_digits(text, position, 2);
        if (minutes < 0 || minutes > 59) return std::nullopt;
    }
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<microseconds> unit_length(std::string_view unit) {
    using namespace std::chrono;
    if (unit == "ms") return milliseconds(1);
    if (unit == "s" || unit == "sec") return seconds(1);
    if (unit == "m" || unit == "min") return minutes(1);
    if (unit == "h" || unit == "hr") return hours(1);
    if (unit == "d" || unit == "day" || unit == "days") return days(1);
    if (unit == "w" || unit == "week" || unit == "weeks") return weeks(1);
    if (unit == "y" || unit == "year" || unit == "years") return days(365);
    return std::nullopt;
}

}  // namespace

std::optional<Timestamp> parse_iso8601(std::string_view text) {
    using namespace std::chrono;
    size_t at = 0;
    const int year_number = read_digits(text, at, 4);
    if (year_number < 1970 || !take(text, at, '-')) return std::nullopt;
    const int month_number = read_digits(text, at, 2);
    if (month_number < 1 || !take(text, at, '-')) return std::nullopt;
    const int day_number = read_digits(text, at, 2);
    const year_month_day date{year(year_number),
                              month(static_cast<unsigned>(month_number)),
                              day(static_cast<unsigned>(day_number < 0 ? 0 : day_number))};
    if (!date.ok()) return std::nullopt;
    const auto midnight = time_point_cast<microseconds>(sys_days(date));
    if (at == text.size()) return midnight;
    if (!take(text, at, 'T') && !take(text, at, ' ') && !take(text, at, 't')) return std::nullopt;

    const int hour = read_digits(text, at, 2);
    if (hour < 0 || hour > 23 || !take(text, at, ':')) return std::nullopt;
    const int minute = read_digits(text, at, 2);
    if (minute < 0 || minute > 59) return std::nullopt;
    int second = 0;
    int64_t micros = 0;
    if (take(text, at, ':')) {
        second = read_digits(text, at, 2);
        if (second < 0 || second > 60)
            return std::nullopt;  // 60: a leap second counts as the next minute
        if (take(text, at, '.') || take(text, at, ',')) {
            const auto fraction = read_fraction(text, at);
            if (!fraction) return std::nullopt;
            micros = *fraction;
        }
    }
    const auto offset = read_offset(text, at);
    if (!offset || at != text.size()) return std::nullopt;
    const Timestamp result =
        midnight + hours(hour) + minutes(minute - *offset) + seconds(second) + microseconds(micros);
    if (result < Timestamp() || result > kLast) return std::nullopt;
    return result;
}

std::optional<Timestamp> parse_epoch(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0))
        return std::nullopt;
    // 1e11 s is the year 5138, 1e11 ms is 1973: magnitudes do not overlap for times logs can hold.
    if (value < 1e11) return from_micros(static_cast<int64_t>(std::llround(value * 1e6)));
    if (value < 1e14) return from_micros(static_cast<int64_t>(std::llround(value * 1e3)));
    if (value < 2.5e17) return from_micros(static_cast<int64_t>(value));
    return std::nullopt;
}

std::string format_day(Timestamp time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:04}-{:02}-{:02}",
                       static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::string format_iso8601(Timestamp time) {
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const int64_t micros = (time - midnight).count();
    const int64_t seconds = micros / 1'000'000;
    const int64_t fraction = micros % 1'000'000;
    std::string out = fmt::format(
        "{}T{:02}:{:02}:{:02}", format_day(time), seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (fraction != 0)
        out += fraction % 1000 == 0 ? fmt::format(".{:03}", fraction / 1000)
                                    : fmt::format(".{:06}", fraction);
    return out + "Z";
}

std::optional<microseconds> parse_duration(std::string_view text) {
    microseconds total{0};
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        const size_t digits = text.find_first_not_of("0123456789");
        if (digits == 0 || digits > 9 || digits == std::string_view::npos) return std::nullopt;
        int64_t count = 0;
        std::from_chars(text.data(), text.data() + digits, count);
        const size_t unit_end = std::min(text.find_first_of("0123456789", digits), text.size());
        const auto length = unit_length(text.substr(digits, unit_end - digits));
        if (!length || count > kLongest / *length) return std::nullopt;
        total += count * *length;
        if (total > kLongest) return std::nullopt;
        text.remove_prefix(unit_end);
    }
    return total;
}

Result<Timestamp> parse_time_expression(std::string_view text, Timestamp now) {
    const std::string_view word = trim(text);
    if (equals_ignore_case(word, "now")) return now;
    if (const auto time = parse_iso8601(word)) return *time;
    const std::string_view distance = !word.empty() && word[0] == '-' ? word.substr(1) : word;
    if (const auto back = parse_duration(distance)) return std::max(Timestamp(), now - *back);
    if (word.size() >= 9) {
        if (const auto time = parse_epoch(word)) return *time;
    }
    return fail(Code::invalid, say(message::bad_time_expression, printable(text)));
}

Result<TimeRange> parse_time_range(std::string_view from, std::string_view to, Timestamp now) {
    TimeRange range;
    if (!from.empty()) {
        YAGURA_TRY(range.from, parse_time_expression(from, now));
    }
    if (!to.empty()) {
        YAGURA_TRY(range.to, parse_time_expression(to, now));
    }
    if (range.from && range.to && *range.to < *range.from)
        return fail(Code::invalid,
                    say(message::backward_time_range, printable(from), printable(to)));
    return range;
}

Timestamp current_time() {
    return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

}  // namespace yagura
