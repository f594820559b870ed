// Text laid out in terminal columns: padding and cutting by display width (Japanese counts two),
// colours only when wanted, and nothing from a log unescaped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "match/ir.h"

namespace yagura::report {

struct Terminal {
    size_t width = 100;  // columns; summaries are laid out for 80 to 120
    bool colour = false;

    // `text` in the given SGR colour, or plain.
    std::string paint(std::string_view text, std::string_view sgr) const;
    std::string bold(std::string_view text) const { return paint(text, "1"); }
    std::string dim(std::string_view text) const { return paint(text, "2"); }
    // The level's name in the user's language and its colour, padded to `columns`.
    std::string level(match::Level level, size_t columns = 0) const;
};

// Escapes what a log may hold (printable) and cuts to `columns`.
std::string shown(std::string_view text, size_t columns = SIZE_MAX);

std::string pad_right(std::string text, size_t columns);
std::string pad_left(std::string text, size_t columns);

// "▁▃█▁" — one bar per value, scaled to the largest; a value above 0 always shows.
std::string sparkline(const std::vector<uint64_t>& values);

// "1.2.3.4, 5.6.7.8 (+3)": as many whole names as fit into `columns`, at least one.
std::string listed(const std::vector<std::string_view>& names, size_t columns);

// "1 rule", "31 rules": English has two forms, Japanese the same twice.
std::string counted(uint64_t number, const Text& one, const Text& many);
std::string counted_rows(uint64_t number);

// A shell word: quoted when it holds anything but plain characters.
std::string shell_word(std::string_view text);

}  // namespace yagura::report
