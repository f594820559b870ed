#include "rule/sigma/encode.h"

#include <doctest/doctest.h>

using namespace yagura::rule::sigma;

TEST_CASE("base64 has the vectors of RFC 4648") {
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob") == "Zm9vYg==");
    CHECK(base64("fooba") == "Zm9vYmE=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("a text is found in base64 at any of its three alignments") {
    const auto variants = base64_at_offsets("foobar");
    CHECK(variants[0] == "Zm9vYmFy");
    CHECK(variants[1] == "Zvb2Jhc");
    CHECK(variants[2] == "mb29iYX");
    for (std::string_view before : {"", "x", "xy", "xyz"}) {
        for (std::string_view after : {"", "1", "12"}) {
            const std::string whole = base64(std::string(before) + "foobar" + std::string(after));
            CHECK(whole.find(variants[before.size() % 3]) != std::string::npos);
        }
    }
}

TEST_CASE("UTF-16 in both byte orders, beyond the first plane too") {
    CHECK(utf16_little_endian("a") == std::string("a\0", 2));
    CHECK(utf16_big_endian("a") == std::string("\0a", 2));
    CHECK(utf16_little_endian("語") == "\x9e\x8a");
    CHECK(utf16_little_endian("😀") == std::string("\x3d\xd8\x00\xde", 4));
    CHECK(utf16_big_endian("😀") == std::string("\xd8\x3d\xde\x00", 4));
}

TEST_CASE("option dashes are varied only in front of words") {
    CHECK(dash_variants("plain").size() == 1);
    CHECK(dash_variants("a-b").size() == 1);
    CHECK(dash_variants(" - ").size() == 1);
    CHECK(dash_variants("-a").size() == 5);
    const auto two = dash_variants(" -param-name /x");
    CHECK(two.size() == 25);
    CHECK(two[0] == " -param-name -x");
    CHECK(two[24] == " \u2015param-name \u2015x");
    CHECK(dash_variants("-a -b -c").size() == 125);
    CHECK(dash_variants("-a -b -c -d").empty());
}
