#include "rule/sigma/encode.h"

#include <cstdint>

#include "base/text.h"

namespace yagura::rule::sigma {

std::string base64(std::string_view bytes) {
    constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t left = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = 0;
        for (size_t k = 0; k < 3; ++k) {
            group = group << 8 | (k < left ? static_cast<uint8_t>(bytes[i + k]) : 0);
        }
        for (size_t k = 0; k < 4; ++k) {
            out += k <= left ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
        }
    }
    return out;
}

std::array<std::string, 3> base64_at_offsets(std::string_view bytes) {
    // Characters at the front that mix with the bytes before, and at the end with those after.
    constexpr size_t kFront[] = {0, 2, 3};
    constexpr size_t kBack[] = {0, 3, 2};
    std::array<std::string, 3> out;
    for (size_t offset = 0; offset < 3; ++offset) {
        const std::string whole = base64(std::string(offset, ' ') + std::string(bytes));
        const size_t back = kBack[(bytes.size() + offset) % 3];
        if (whole.size() > kFront[offset] + back) {
            out[offset] = whole.substr(kFront[offset], whole.size() - kFront[offset] - back);
        }
    }
    return out;
}

namespace {

template <class Append>
std::string utf16(std::string_view text, Append append) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        uint32_t point = next_code_point(text, at);
        if (point >= 0x10000) {
            point -= 0x10000;
            append(out, static_cast<uint16_t>(0xD800 | point >> 10));
            point = 0xDC00 | (point & 0x3FF);
        }
        append(out, static_cast<uint16_t>(point));
    }
    return out;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<uint8_t>(c) >= 0x80;
}

}  // namespace

std::string utf16_little_endian(std::string_view text) {
    return utf16(text, [](std::string& out, uint16_t unit) {
        out += static_cast<char>(unit & 0xFF);
        out += static_cast<char>(unit >> 8);
    });
}

std::string utf16_big_endian(std::string_view text) {
    return utf16(text, [](std::string& out, uint16_t unit) {
        out += static_cast<char>(unit >> 8);
        out += static_cast<char>(unit & 0xFF);
    });
}

std::vector<std::string> dash_variants(std::string_view text) {
    constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
    std::vector<size_t> places;
    for (size_t i = 0; i + 1 < text.size(); ++i) {
        const bool is_dash = text[i] == '-' || text[i] == '/';
        if (is_dash && (i == 0 || !is_word(text[i - 1])) && is_word(text[i + 1]))
            places.push_back(i);
    }
    if (places.size() > 3) return {};
    std::vector<std::string> out{""};
    size_t from = 0;
    for (size_t place : places) {
        std::vector<std::string> longer;
        for (const std::string& front : out) {
            for (std::string_view dash : kDashes) {
                longer.push_back(front + std::string(text.substr(from, place - from)) +
                                 std::string(dash));
            }
        }
        out = std::move(longer);
        from = place + 1;
    }
    for (std::string& variant : out) variant += text.substr(from);
    return out;
}

}  // namespace yagura::rule::sigma
