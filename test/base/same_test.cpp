#include "base/same.h"

#include <string>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("texts of every length are the same, or differ in whichever byte it is") {
    for (size_t size = 0; size < 300; ++size) {
        const std::string text(size, 'a');
        std::string other = text;
        CAPTURE(size);
        REQUIRE(is_same(text, other));
        for (size_t i = 0; i < size; ++i) {
            other[i] = 'b';
            REQUIRE_FALSE(is_same(text, other));
            other[i] = 'a';
        }
        REQUIRE_FALSE(is_same(text, text + "a"));
    }
    CHECK(is_same({}, ""));
}
