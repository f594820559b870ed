#include "match/options.h"

#include <algorithm>
#include <cstddef>

namespace yagura::match {
namespace {

constexpr size_t kMaxWords = 4096;

bool is_option_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A command line that came as one text, cut at its blanks.
std::vector<std::string_view> cut(const std::vector<std::string>& words) {
    std::vector<std::string_view> out;
    if (words.size() != 1) {
        out.assign(words.begin(),
                   words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), kMaxWords)));
        return out;
    }
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::string_view line = words[0];
    for (size_t at = 0; out.size() < kMaxWords;) {
        const size_t from = line.find_first_not_of(kBlanks, at);
        if (from == std::string_view::npos) break;
        at = std::min(line.find_first_of(kBlanks, from), line.size());
        out.push_back(line.substr(from, at - from));
    }
    return out;
}

enum class Takes { nothing, value, value_in_word };

Takes what_takes(std::string_view known, size_t at) {
    const auto is_colon = [&](size_t i) { return i < known.size() && known[i] == ':'; };
    if (!is_colon(at + 1)) return Takes::nothing;
    return is_colon(at + 2) ? Takes::value_in_word : Takes::value;
}

}  // namespace

void append_options(const std::vector<std::string>& words,
                    std::string_view known,
                    std::string_view letter,
                    std::vector<std::string>& out) {
    const std::vector<std::string_view> line = cut(words);
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    const auto found = [&](char option, std::string_view value) {
        const std::string name(1, option);
        if (!letter.empty()) {
            if (name == letter) out.emplace_back(value);
        } else if (std::find(out.begin() + first, out.end(), name) == out.end()) {
            out.push_back(name);
        }
    };
    for (size_t word = 0; word < line.size() && line[word] != "--"; ++word) {
        const std::string_view text = line[word];
        if (text.size() < 2 || text[0] != '-' || text[1] == '-') continue;
        for (size_t i = 1; i < text.size(); ++i) {
            const size_t at = is_option_letter(text[i]) ? known.find(text[i]) : known.npos;
            if (at == known.npos) continue;
            const Takes takes = what_takes(known, at);
            const std::string_view rest = text.substr(i + 1);
            if (takes == Takes::nothing) {
                found(text[i], "");
                continue;
            }
            if (!rest.empty() || takes == Takes::value_in_word) {
                found(text[i], rest);
            } else if (word + 1 < line.size()) {
                found(text[i], line[++word]);
            }
            break;
        }
    }
}

bool is_option_list(std::string_view known) {
    size_t colons = 2;  // none may come first
    for (const char c : known) {
        colons = c == ':' ? colons + 1 : 0;
        if (colons > 2 || (c != ':' && !is_option_letter(c))) return false;
    }
    return !known.empty();
}

}  // namespace yagura::match
