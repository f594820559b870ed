#include <string>

#include <doctest/doctest.h>

#include "decode/inflate.h"
#include "pack.h"

using namespace yagura::decode;
using Outcome = GzipInflater::Outcome;

namespace {

constexpr size_t kLimit = 1 << 20;

struct Inflated {
    Outcome outcome;
    std::string text;
};

Inflated inflate(std::string_view bytes) {
    GzipInflater inflater;
    Buffer out;
    const Outcome outcome = inflater.inflate(bytes, out, kLimit);
    return {outcome, std::string(out.view())};
}

// A member as `text` makes it, with other flags and what they announce after the ten fixed bytes.
std::string with_header(std::string_view text, int flags, std::string_view fields) {
    std::string bytes = gzip(text);
    bytes[3] = static_cast<char>(flags);
    return bytes.insert(10, fields);
}

using namespace std::string_literals;
using namespace std::string_view_literals;
const std::string kText(5000, 'x');

}  // namespace

TEST_CASE("whatever stands in a gzip header is stepped over") {
    CHECK(inflate(with_header(kText, 0, "")).text == kText);
    CHECK(inflate(with_header(kText, 1, "")).text == kText);  // "probably text"
    CHECK(inflate(with_header(kText,
                              4,
                              "\x03\x00"
                              "abc"sv))
              .text == kText);
    CHECK(inflate(with_header(kText, 8, "a.json\0"sv)).text == kText);
    CHECK(inflate(with_header(kText, 16, "made by hand\0"sv)).text == kText);
    CHECK(inflate(with_header(kText, 2, "??")).text == kText);
    CHECK(inflate(with_header(kText, 31, "\x01\x00-a\0b\0??"sv)).text == kText);
}

TEST_CASE("a header that is none or never ends is left to the stream") {
    CHECK(inflate(with_header(kText, 32, "")).outcome == Outcome::stream);
    CHECK(inflate(with_header(kText, 4, "\xFF\xFF")).outcome == Outcome::stream);
    const std::string endless = "\x1F\x8B\x08\x08" + std::string(40, 'a');
    CHECK(inflate(endless).outcome == Outcome::stream);
    CHECK(inflate("\x1F\x8B\x08\x04" + std::string(14, '\xFF')).outcome == Outcome::stream);
    CHECK(inflate("\x1F\x8B\x07" + gzip(kText).substr(3)).outcome == Outcome::stream);
}

TEST_CASE("data that its checksum or its size contradicts is left to the stream") {
    const std::string good = gzip(kText);
    REQUIRE(inflate(good).outcome == Outcome::whole);
    for (size_t from_end = 1; from_end <= 8; ++from_end) {
        std::string bad = good;
        bad[bad.size() - from_end] = static_cast<char>(bad[bad.size() - from_end] ^ 1);
        CHECK(inflate(bad).outcome == Outcome::stream);
    }
    for (size_t size = 1; size < good.size(); ++size)
        CHECK(inflate(good.substr(0, size)).outcome != Outcome::whole);
}

TEST_CASE("members one after another are one text, and what follows them is told") {
    const std::string two = gzip(kText) + gzip("y");
    CHECK(inflate(two).text == kText + "y");
    const Inflated more = inflate(two + "and more\0\0\0\0"s);
    CHECK(more.outcome == Outcome::garbage);
    CHECK(more.text == kText + "y");
}
