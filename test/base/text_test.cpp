#include "base/text.h"

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("words are compared without ASCII case") {
    CHECK(equals_ignore_case("GetObject", "getOBJECT"));
    CHECK(!equals_ignore_case("GetObject", "GetObjects"));
    CHECK(!equals_ignore_case("K", "\u212A"));  // the Kelvin sign is no ASCII letter
}

TEST_CASE("case folding reaches beyond ASCII") {
    CHECK(fold_case("AssumeRole") == "assumerole");
    CHECK(fold_case("ÀÉÎÕÜÞ") == "àéîõüþ");
    CHECK(fold_case("ŁÓDŹ Ÿ Ž") == "łódź ÿ ž");
    CHECK(fold_case("ΑΣΩ ς ΆΈΏ") == "ασω σ άέώ");
    CHECK(fold_case("ЁЖЯ Ґ") == "ёжя ґ");
    CHECK(fold_case("ＡＢＣ") == "ａｂｃ");
    CHECK(fold_case("\u212A") == "k");
    CHECK(fold_case("櫓 123 ×÷") == "櫓 123 ×÷");
}

TEST_CASE("case folding leaves invalid bytes alone") {
    CHECK(fold_case("A\xFF\xC3") == "a\xFF\xC3");
}

TEST_CASE("split keeps empty parts") {
    CHECK(split("a,b,,", ',') == std::vector<std::string_view>{"a", "b", "", ""});
    CHECK(split("", ',') == std::vector<std::string_view>{""});
}

TEST_CASE("trim removes blanks at both ends only") {
    CHECK(trim(" \t a b \r\n") == "a b");
    CHECK(trim("   ") == "");
}

TEST_CASE("valid UTF-8 is told from what only looks like it") {
    CHECK(is_valid_utf8("櫓 𝒳 é"));
    CHECK(!is_valid_utf8("\xC0\xAF"));          // over-long
    CHECK(!is_valid_utf8("\xE0\x80\xAF"));      // over-long
    CHECK(!is_valid_utf8("\xED\xA0\x80"));      // surrogate
    CHECK(!is_valid_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
    CHECK(is_valid_utf8("eight letters and more, then 櫓, then eight more"));
    for (size_t at = 0; at < 40; ++at) {
        std::string text(40, 'a');
        text[at] = '\xFF';
        CHECK(!is_valid_utf8(text));
    }
    CHECK(!is_valid_utf8("\x80"));
    CHECK(!is_valid_utf8("\xE6\xAB"));  // cut short
}

TEST_CASE("repair replaces what is invalid and keeps the rest") {
    CHECK(repair_utf8("a\xFF"
                      "b") == "a\uFFFDb");
    CHECK(repair_utf8("\xE6\xAB") == "\uFFFD\uFFFD");
    CHECK(repair_utf8("櫓") == "櫓");
}

TEST_CASE("code points are read one by one") {
    const std::string_view text = "a櫓\xFF";
    size_t at = 0;
    CHECK(next_code_point(text, at) == 'a');
    CHECK(next_code_point(text, at) == 0x6AD3);
    CHECK(next_code_point(text, at) == 0xFFFD);
    CHECK(at == text.size());
}

TEST_CASE("wide characters take two columns") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("櫓ab") == 4);
    CHECK(display_width("ｱｲ") == 2);
}

TEST_CASE("shorten counts columns and marks the cut") {
    CHECK(shorten("GetObject", 9) == "GetObject");
    CHECK(shorten("GetObject", 5) == "GetO…");
    CHECK(shorten("櫓櫓櫓", 4) == "櫓…");
    CHECK(shorten("櫓櫓", 1) == "…");
    CHECK(shorten("abc", 0) == "");
}

TEST_CASE("text of strangers cannot steer the terminal") {
    CHECK(printable("\x1b[31mred\x07") == "\\x1b[31mred\\x07");
    CHECK(printable("a\nb\tc\r") == "a\\nb\\tc\\x0d");
    CHECK(printable("\xC2\x9B") == "\\x9b");  // C1: CSI in one character
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    CHECK(printable("\xFF") == "\uFFFD");
}

TEST_CASE("text of strangers cannot change its reading order or hide parts of itself") {
    CHECK(printable("user\u202Egpj.exe") == "user\\u202egpj.exe");
    for (const char* mark : {"\u061C",
                             "\u200B",
                             "\u200E",
                             "\u200F",
                             "\u2028",
                             "\u2029",
                             "\u202A",
                             "\u2060",
                             "\u2066",
                             "\u2069",
                             "\uFEFF",
                             "\u00AD",
                             "\u180E",
                             "\uFFF9",
                             "\U000E0041"}) {
        CAPTURE(mark);
        CHECK(printable(mark).starts_with("\\"));
    }
    CHECK(printable("\U000E0041") == "\\U000e0041");
    CHECK(printable("櫓 é 𝒳") == "櫓 é 𝒳");
}

TEST_CASE("JSON strings are escaped") {
    CHECK(json_quote("a\"b\\c\n\r\t\x01\x7F") == R"("a\"b\\c\n\r\t\u0001\u007f")");
    CHECK(json_quote("櫓\xFF") == "\"櫓\uFFFD\"");
}

TEST_CASE("numbers are shown in groups of three") {
    CHECK(with_thousands(0) == "0");
    CHECK(with_thousands(999) == "999");
    CHECK(with_thousands(1000) == "1,000");
    CHECK(with_thousands(12345678) == "12,345,678");
}

TEST_CASE("sizes are shown in binary units") {
    CHECK(human_bytes(512) == "512 B");
    CHECK(human_bytes(1024) == "1.0 KiB");
    CHECK(human_bytes(1'395'864'371) == "1.3 GiB");
    CHECK(human_bytes(~0ULL).ends_with(" PiB"));
}
