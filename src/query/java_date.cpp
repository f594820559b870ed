// Reads times in the patterns of Java's DateTimeFormatter, as parseDate() takes them: y M d H h m s
// S a E X Z and quoted text.
// https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/time/format/DateTimeFormatter.html
#include <chrono>

#include "base/text.h"
#include "query/native.h"

namespace yagura::query {
namespace {

constexpr std::string_view kLetters = "yuMdHhmsSaEXxZ";
constexpr size_t kMostLetters = 9;  // of one part

struct Reader {
    std::string_view text;
    size_t at = 0;

    // Up to `most` digits, at least `least`.
    std::optional<int64_t> number(size_t least, size_t most) {
        int64_t value = 0;
        size_t count = 0;
        for (; count < most && at < text.size() && text[at] >= '0' && text[at] <= '9'; ++count)
            value = value * 10 + (text[at++] - '0');
        if (count < least) return std::nullopt;
        return value;
    }

    // Position in a list of three-letter names; longer spellings of the same name are read to their
    // end.
    std::optional<int64_t> name(std::string_view names) {
        for (size_t i = 0; i * 3 < names.size(); ++i) {
            if (!equals_ignore_case(text.substr(at, 3), names.substr(i * 3, 3))) continue;
            while (at < text.size() && ascii_lower(text[at]) >= 'a' && ascii_lower(text[at]) <= 'z')
                ++at;
            return static_cast<int64_t>(i);
        }
        return std::nullopt;
    }

    // Z, +09, +0900, +09:00 in minutes.
    std::optional<int64_t> offset() {
        if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
            ++at;
            return 0;
        }
        if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
        const int64_t sign = text[at++] == '-' ? -1 : 1;
        const auto hours = number(2, 2);
        if (!hours) return std::nullopt;
        if (at < text.size() && text[at] == ':') ++at;
        const auto minutes = number(0, 2);
        return sign * (*hours * 60 + minutes.value_or(0));
    }
};

struct Parts {
    int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0,
            offset = 0;
    bool afternoon = false, twelve = false;
};

bool read_part(Reader& in, Parts& parts, char letter, size_t count) {
    const auto take = [](std::optional<int64_t> value, int64_t& into) {
        if (value) into = *value;
        return value.has_value();
    };
    const size_t most = count == 1 ? 2 : count;
    switch (letter) {
        case 'y':
        case 'u':
            if (!take(in.number(count, count == 2 ? 2 : 4), parts.year)) return false;
            if (count == 2) parts.year += 2000;
            return true;
        case 'M':
            if (count < 3) return take(in.number(count, most), parts.month);
            if (!take(in.name("janfebmaraprmayjunjulaugsepoctnovdec"), parts.month)) return false;
            ++parts.month;
            return true;
        case 'd':
            return take(in.number(count, most), parts.day);
        case 'H':
            return take(in.number(count, most), parts.hour);
        case 'h':
            parts.twelve = true;
            return take(in.number(count, most), parts.hour);
        case 'm':
            return take(in.number(count, most), parts.minute);
        case 's':
            return take(in.number(count, most), parts.second);
        case 'S': {
            if (!take(in.number(count, count), parts.micros)) return false;
            for (size_t i = count; i < 6; ++i) parts.micros *= 10;
            for (size_t i = 6; i < count; ++i) parts.micros /= 10;
            return true;
        }
        case 'a': {
            const std::string_view half = in.text.substr(in.at, 2);
            parts.afternoon = equals_ignore_case(half, "pm");
            in.at += half.size();
            return parts.afternoon || equals_ignore_case(half, "am");
        }
        case 'E':
            return in.name("monTueWedThuFriSatSun").has_value();
        case 'X':
        case 'x':
        case 'Z':
            return take(in.offset(), parts.offset);
        default:
            return false;
    }
}

std::optional<Timestamp> to_time(const Parts& parts) {
    using namespace std::chrono;
    const year_month_day date{year(static_cast<int>(parts.year)),
                              month(static_cast<unsigned>(parts.month)),
                              day(static_cast<unsigned>(parts.day))};
    int64_t hour = parts.hour;
    if (parts.twelve && (hour < 1 || hour > 12)) return std::nullopt;
    if (parts.twelve) hour = hour % 12 + (parts.afternoon ? 12 : 0);
    if (!date.ok() || hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
    return time_point_cast<microseconds>(sys_days(date)) + hours(hour) +
           minutes(parts.minute - parts.offset) + seconds(parts.second) +
           microseconds(parts.micros);
}

}  // namespace

DatePattern check_java_pattern(std::string_view pattern) {
    DatePattern out;
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        if (c == '\'') {
            const size_t close = pattern.find('\'', i + 1);
            if (close == std::string_view::npos) {
                out.unknown = pattern.substr(i);
                return out;
            }
            i = close + 1;
            continue;
        }
        const size_t stop = std::min(pattern.find_first_not_of(c, i), pattern.size());
        const bool letter = ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
        if (letter && (kLetters.find(c) == std::string_view::npos || stop - i > kMostLetters)) {
            out.unknown = pattern.substr(i, stop - i);
            return out;
        }
        out.has_offset = out.has_offset || c == 'X' || c == 'x' || c == 'Z';
        i = stop;
    }
    return out;
}

// https://duckdb.org/docs/stable/sql/functions/dateformat
std::string unknown_in_strftime(std::string_view format) {
    constexpr std::string_view kDirectives = "aAwdbBmyYGHIMSfgpnzZjuUVWcxX%";
    for (size_t i = format.find('%'); i != std::string_view::npos; i = format.find('%', i)) {
        const size_t start = i++;
        if (i < format.size() && format[i] == '-') ++i;
        if (i >= format.size() || kDirectives.find(format[i]) == std::string_view::npos)
            return std::string(format.substr(start, i + 1 - start));
        ++i;
    }
    return {};
}

std::optional<Timestamp> parse_java_date(std::string_view text, std::string_view pattern) {
    Reader in{text};
    Parts parts;
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        const bool letter = ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
        if (letter) {
            const size_t stop = std::min(pattern.find_first_not_of(c, i), pattern.size());
            if (stop - i > kMostLetters || !read_part(in, parts, c, stop - i)) return std::nullopt;
            i = stop;
            continue;
        }
        std::string_view literal = pattern.substr(i++, 1);
        if (c == '\'') {
            const size_t close = std::min(pattern.find('\'', i), pattern.size());
            literal = close == i ? "'" : pattern.substr(i, close - i);  // '' is a quote
            i = std::min(close + 1, pattern.size());
        }
        if (text.substr(std::min(in.at, text.size()), literal.size()) != literal)
            return std::nullopt;
        in.at += literal.size();
    }
    if (in.at != text.size()) return std::nullopt;
    return to_time(parts);
}

}  // namespace yagura::query
