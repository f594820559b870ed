// The parts of the program that can be wrong on their own: literal search, memo, address blocks.
#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "match/field_matcher.h"
#include "match/literal_set.h"
#include "match/value_memo.h"

using namespace yagura;
using namespace yagura::match;

namespace {

std::vector<uint32_t> found(const LiteralSet& set, std::string_view text) {
    LiteralMarks marks;
    std::vector<uint32_t> ids;
    set.find(text, marks, [&](uint32_t id) { ids.push_back(id); });
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<uint32_t> found_plainly(const LiteralSet& set, std::string_view text) {
    std::vector<uint32_t> ids;
    for (uint32_t id = 0; id < set.size(); ++id) {
        if (text.find(set.literal(id)) != std::string_view::npos) ids.push_back(id);
    }
    return ids;
}

std::string letters(std::mt19937_64& random, size_t size) {
    std::string out(size, 'a');
    for (char& c : out) c = static_cast<char>('a' + random() % 3);
    return out;
}

}  // namespace

TEST_CASE("a set finds exactly the strings that occur, short and long, few and many") {
    std::mt19937_64 random(7);
    for (const size_t count : {1, 3, 4, 5, 40, 300}) {
        CAPTURE(count);
        LiteralSet set;
        for (size_t i = 0; i < count; ++i) set.add(letters(random, 1 + random() % 9));
        set.build();
        for (int i = 0; i < 200; ++i) {
            const std::string text = letters(random, random() % 40);
            CAPTURE(text);
            CHECK(found(set, text) == found_plainly(set, text));
        }
    }
}

TEST_CASE("the same string has one number") {
    LiteralSet set;
    CHECK(set.add("one") == 0);
    CHECK(set.add("two") == 1);
    CHECK(set.add("one") == 0);
    CHECK(set.size() == 2);
}

TEST_CASE("what stands before or behind the text is not seen") {
    LiteralSet set;
    for (const char* literal : {"xyzabcd", "abcdxyz", "one1", "two2", "three3", "yz", "x"})
        set.add(literal);
    set.build();
    constexpr std::string_view kText = "xyzabcdxyz";
    set = {};
    for (const char* literal : {"xyzabcd", "abcdxyz", "one1", "qxyza", "xyzaq", "yz", "x"})
        set.add(literal);
    set.build();
    CHECK(found(set, kText.substr(1, 6)) == std::vector<uint32_t>{5});
    CHECK(found(set, kText.substr(3, 4)).empty());
    CHECK(found(set, kText.substr(3)) == std::vector<uint32_t>{1, 5, 6});
    CHECK(found(set, kText.substr(0, 7)) == std::vector<uint32_t>{0, 5, 6});
    CHECK(found(set, "").empty());
}

TEST_CASE("a small memo forgets, but never says what was not so") {
    ValueMemo memo(4096);
    std::mt19937_64 random(11);
    size_t known = 0;
    for (int i = 0; i < 20'000; ++i) {
        const uint32_t number = static_cast<uint32_t>(random() % 24);
        const std::string text = std::to_string(number);
        const std::vector<uint32_t> ids(number * 5, number);
        const auto key = ValueMemo::key_of(number % 2, event::ValueView::of_string(text));
        std::span<const uint32_t> remembered;
        if (memo.find(key, remembered)) {
            ++known;
            REQUIRE(std::equal(ids.begin(), ids.end(), remembered.begin(), remembered.end()));
        } else {
            memo.keep(key, ids);
        }
    }
    CHECK(known > 1000);
    CHECK(known < 19'000);
}

TEST_CASE("a memo tells fields, kinds and escapes apart") {
    ValueMemo memo(4096);
    const std::vector<uint32_t> ids = {1, 2};
    const auto view = event::ValueView::of_string("5");
    memo.keep(ValueMemo::key_of(1, view), ids);
    std::span<const uint32_t> remembered;
    CHECK(memo.find(ValueMemo::key_of(1, view), remembered));
    CHECK_FALSE(memo.find(ValueMemo::key_of(2, view), remembered));
    CHECK_FALSE(memo.find(ValueMemo::key_of(1, event::ValueView::of_number("5")), remembered));
    auto escaped = view;
    escaped.escaped = true;
    CHECK_FALSE(memo.find(ValueMemo::key_of(1, escaped), remembered));
    CHECK_FALSE(memo.find(ValueMemo::key_of(1, event::ValueView::of_string("6")), remembered));
}

TEST_CASE("a table of blocks answers like its blocks one by one") {
    constexpr std::string_view kBlocks[] = {"10.0.0.0/8",
                                            "10.1.0.0/16",
                                            "10.1.2.0/23",
                                            "10.1.2.3",
                                            "0.0.0.0/0",
                                            "192.168.0.0/29",
                                            "2001:db8::/33",
                                            "2001:db8::/128",
                                            "::/0",
                                            "10.0.0.0/8"};
    constexpr std::string_view kAddresses[] = {"10.1.2.3",
                                               "10.1.3.255",
                                               "10.1.4.0",
                                               "11.0.0.0",
                                               "192.168.0.7",
                                               "192.168.0.8",
                                               "2001:db8::",
                                               "2001:db8:7fff::1",
                                               "2001:db8:8000::1",
                                               "::ffff:10.1.2.3"};
    BlockTable table;
    for (uint32_t i = 0; i < std::size(kBlocks); ++i) table.add(*Cidr::parse(kBlocks[i]), i);
    table.build();
    for (const std::string_view text : kAddresses) {
        CAPTURE(text);
        const IpAddress address = *IpAddress::parse(text);
        std::vector<uint32_t> expected;
        for (uint32_t i = 0; i < std::size(kBlocks); ++i) {
            if (Cidr::parse(kBlocks[i])->contains(address)) expected.push_back(i);
        }
        std::vector<uint32_t> ids;
        table.find(address, ids);
        std::sort(ids.begin(), ids.end());
        CHECK(ids == expected);
    }
}
