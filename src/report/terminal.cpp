#include "report/terminal.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/report.h"
#include "base/text.h"
#include "finding/severity.h"

namespace yagura::report {

std::string Terminal::paint(std::string_view text, std::string_view sgr) const {
    if (!colour || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", sgr, text);
}

std::string Terminal::level(match::Level which, size_t columns) const {
    const finding::Severity& severity = finding::severity(which);
    return paint(pad_right(std::string(severity.title.in(language())), columns), severity.colour);
}

std::string shown(std::string_view text, size_t columns) {
    // A log may hold megabytes in one value; escaping them only to cut them off would be slow.
    const std::string_view head =
        columns == SIZE_MAX ? text : text.substr(0, std::min(text.size(), columns * 4 + 16));
    return shorten(printable(head), columns);
}

std::string pad_right(std::string text, size_t columns) {
    const size_t width = display_width(text);
    if (width < columns) text.append(columns - width, ' ');
    return text;
}

std::string pad_left(std::string text, size_t columns) {
    const size_t width = display_width(text);
    if (width < columns) text.insert(0, columns - width, ' ');
    return text;
}

std::string sparkline(const std::vector<uint64_t>& values) {
    constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t largest = 0;
    for (const uint64_t value : values) largest = std::max(largest, value);
    std::string out;
    for (const uint64_t value : values) {
        if (value == 0) {
            out += " ";
            continue;
        }
        const double share = static_cast<double>(value) / static_cast<double>(largest);
        out += kBars[std::min<size_t>(7, static_cast<size_t>(share * 8))];
    }
    return out;
}

std::string listed(const std::vector<std::string_view>& names, size_t columns) {
    std::string out;
    size_t count = 0;
    for (const std::string_view name : names) {
        const std::string next = shown(name, columns);
        const size_t reserve = count + 1 < names.size() ? 7 : 0;  // " (+123)"
        if (count > 0 && display_width(out) + 2 + display_width(next) + reserve > columns) break;
        if (count > 0) out += ", ";
        out += next;
        ++count;
    }
    if (count < names.size()) out += fmt::format(" (+{})", with_thousands(names.size() - count));
    return out;
}

std::string counted(uint64_t number, const Text& one, const Text& many) {
    return say(number == 1 ? one : many, with_thousands(number));
}

std::string counted_rows(uint64_t number) {
    return counted(number, message::tell_row, message::tell_rows);
}

std::string shell_word(std::string_view text) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+:@%,").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
    std::string quoted = "'";
    for (const char c : printable(text)) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

}  // namespace yagura::report
