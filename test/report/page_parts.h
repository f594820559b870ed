// What tests of HTML pages look at.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace yagura::report {

inline size_t count_of(const std::string& text, std::string_view part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

inline std::string between(const std::string& text, std::string_view start, std::string_view end) {
    const size_t from = text.find(start) + start.size();
    return text.substr(from, text.find(end, from) - from);
}

// Every word that the scripts and markup of a page ask for is in its data; returns how many they
// ask.
inline size_t check_words(const std::string& text) {
    const std::string data = between(text, "id=\"data\">", "</script>");
    size_t asked = 0;
    for (const std::string_view start : {"t('", "data-t=\""}) {
        for (size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
            const size_t from = at + start.size();
            const bool is_word =
                at == 0 ||
                !(std::isalnum(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '.');
            const std::string key = text.substr(from, text.find_first_of("'\"", from) - from);
            if (!is_word || key.empty()) continue;
            ++asked;
            CHECK_MESSAGE(data.find("\"" + key + "\":[") != std::string::npos, key);
        }
    }
    return asked;
}

}  // namespace yagura::report
