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
                    REQUIRE(is_ascii(text) == (byte < 0x80 && (size == 1 || around > 0)));
                    REQUIRE(has_control_or<'"', '\\'>(text) ==
                            (is_control || byte == '"' || byte == '\\'));
                }
            }
        }
    }
    CHECK_FALSE(has_control_or<'"'>(""));
}
