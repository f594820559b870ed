#include "base/byte_scan.h"

#include <string>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("Every byte is told apart, wherever it stands in a text of any length") {
    for (size_t size = 1; size < 20; ++size) {
        for (size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                // Neighbours that would lend a borrow.
                for (const char around : {'a', ' ', '!', '~', '\x80', '\xFF', '#', ']'}) {
                    std::string text(size, around);
                    text[at] = static_cast<char>(byte);
                    const bool is_control = byte < 0x20 || byte == 0x7F;
                    REQUIRE(has_control_or<>(text) == is_control);
                    const bool is_all_ascii = byte < 0x80 && (size == 1 || around > 0);
                    REQUIRE(is_ascii(text) == is_all_ascii);
                    const bool has_escape = is_control || byte == '"' || byte == '\\';
                    REQUIRE(has_control_or<'"', '\\'>(text) == has_escape);
                    REQUIRE(is_plain_ascii<'"', '\\'>(text) == (is_all_ascii && !has_escape));
                }
            }
        }
    }
    CHECK_FALSE(has_control_or<'"'>(""));
    CHECK(is_ascii(""));
    CHECK(is_plain_ascii<'"'>(""));
}
