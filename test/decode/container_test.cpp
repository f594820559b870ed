// Containers: told by content, opened one in the other, good parts used, bombs stopped.
#include <algorithm>

#include <doctest/doctest.h>

#include "decode/collect.h"
#include "decode/pack.h"

namespace yagura::decode {
namespace {

const std::string kRecord = R"({"eventVersion":"1.08","eventName":"GetObject"})";

std::string many_records(size_t count) {
    std::string out = R"({"Records":[)";
    for (size_t i = 0; i < count; ++i) {
        out += R"({"eventVersion":"1.08","n":)" + std::to_string(i) + R"(,"id":")" +
               std::to_string(i * 2654435761u) + "\"},";
    }
    out.back() = ']';
    return out + "}";
}

// Everything through streams, also what would be inflated in one go.
ReadOptions streaming() {
    ReadOptions options;
    options.whole_bytes = 0;
    return options;
}

TEST_CASE("every container gives its text") {
    for (const std::string& bytes : {kRecord, gzip(kRecord), zstd(kRecord), bzip2(kRecord)}) {
        for (const ReadOptions& options : {ReadOptions{}, streaming()}) {
            CHECK(collect(bytes, options).records() == Texts{kRecord});
            CHECK(collect(bytes, options).faults() == Texts{});
        }
    }
}

TEST_CASE("several members or frames are one text") {
    const std::string half = kRecord.substr(0, 20), rest = kRecord.substr(20);
    for (const auto& press : {+[](const std::string& text) { return gzip(text); },
                              +[](const std::string& text) { return zstd(text); },
                              +[](const std::string& text) { return bzip2(text); }}) {
        for (const ReadOptions& options : {ReadOptions{}, streaming()}) {
            const Collector sink = collect(press(half) + press(rest) + press(kRecord), options);
            CHECK(sink.records() == Texts{kRecord, kRecord});
            CHECK(sink.faults() == Texts{});
        }
    }
}

TEST_CASE("bytes behind the compressed data are flagged and cost nothing") {
    for (const std::string& bytes : {gzip(kRecord), zstd(kRecord), bzip2(kRecord)}) {
        for (const std::string& garbage : {std::string("garbage"), std::string(64, '\0')}) {
            for (const ReadOptions& options : {ReadOptions{}, streaming()}) {
                const Collector sink = collect(bytes + garbage, options);
                CHECK(sink.records() == Texts{kRecord});
                CHECK(sink.faults() == Texts{"trailing_garbage"});
            }
        }
    }
}

TEST_CASE("the good part of cut off data is used") {
    const std::string text = many_records(20'000);
    for (const std::string& bytes : {gzip(text), zstd(text), bzip2(text)}) {
        const Collector sink = collect(std::string_view(bytes).substr(0, bytes.size() * 9 / 10));
        CHECK(sink.records().size() > 5'000);
        CHECK(sink.records().size() < 20'000);
        const auto faults = sink.faults();
        REQUIRE(!faults.empty());
        CHECK(faults.back() == "truncated");
        CHECK(faults.size() <= 2);  // the last record may have been cut as well
    }
}

TEST_CASE("a wrong checksum is flagged after the text was used") {
    std::string bytes = gzip(kRecord);
    bytes[bytes.size() - 6] ^= 1;
    const Collector sink = collect(bytes);
    CHECK(sink.records() == Texts{kRecord});
    CHECK(sink.faults() == Texts{"bad_compression"});
}

TEST_CASE("a size in the trailer that is a lie does no harm") {
    std::string bytes = gzip(kRecord);
    for (size_t i = bytes.size() - 4; i < bytes.size(); ++i) bytes[i] = '\xFF';
    const Collector sink = collect(bytes);
    CHECK(sink.records() == Texts{kRecord});
    CHECK(sink.faults() == Texts{"bad_compression"});
}

TEST_CASE("a bomb is stopped, and what came before it is used") {
    const std::string bomb = kRecord + "\n" + std::string(40 << 20, ' ');
    for (const std::string& bytes : {gzip(bomb), zstd(bomb), bzip2(bomb)}) {
        const Collector sink = collect(bytes);
        CHECK(sink.records() == Texts{kRecord});
        CHECK(sink.faults() == Texts{"bomb"});
    }
    const Collector sink = collect(zip({{"a.json", bomb}}));
    CHECK(sink.records() == Texts{kRecord});
    CHECK(sink.faults() == Texts{"bomb"});
}

TEST_CASE("an object inflates to its limit and not a byte more") {
    const std::string text = many_records(1'000);
    ReadOptions options;
    options.max_inflated_bytes = text.size();
    CHECK(collect(gzip(text), options).faults() == Texts{});
    CHECK(collect(zstd(text), options).faults() == Texts{});
    options.max_inflated_bytes = text.size() - 1;
    for (const std::string& bytes : {gzip(text), zstd(text), bzip2(text)}) {
        const Collector sink = collect(bytes, options);
        CHECK(sink.records().size() == 1'000);
        CHECK(sink.faults() == Texts{"bomb"});
    }
}

TEST_CASE("an archive may hold more than one text may") {
    const std::string text = many_records(1'000);
    ReadOptions options;
    options.max_inflated_bytes = text.size() + 100;
    const Members members{
        {"a", text}, {"b", text}, {"c", text + std::string(1000, ' ')}, {"d", text}};
    for (const std::string& bytes : {gzip(tar(members)), zip(members)}) {
        const Collector sink = collect(bytes, options);
        CHECK(sink.records().size() == 4'000);
        REQUIRE(sink.faults() == Texts{"bomb"});
        CHECK(std::find_if(sink.seen.begin(), sink.seen.end(), [](const Seen& one) {
                  return one.what == Seen::What::fault && one.object == "object!c";
              }) != sink.seen.end());
    }
    CHECK(collect(tar(members), options).faults() == Texts{});  // nothing is inflated
}

TEST_CASE("layers may not multiply what each of them is allowed") {
    std::string bytes(64 << 20, ' ');
    for (int layer = 0; layer < 3; ++layer) bytes = gzip(bytes);
    REQUIRE(bytes.size() < 2'000);
    CHECK(collect(bytes).faults() == Texts{"bomb"});
}

TEST_CASE("zstd may remember 128 MiB of its text, and no more") {
    const std::string text = many_records(20'000);
    for (const int window_log : {24, 27}) {
        const Collector sink = collect(zstd(text, window_log) + zstd(kRecord));
        CHECK(sink.records().size() == 20'001);
        CHECK(sink.faults() == Texts{});
    }
    const Collector sink = collect(zstd(text, 28));
    CHECK(sink.records() == Texts{});
    CHECK(sink.faults() == Texts{"window_too_large"});
}

TEST_CASE("layers of zstd may remember no more together than one alone") {
    const std::string text = many_records(5'000);
    const auto faults = [&](int outer, int inner) {
        return collect(zstd(zstd(text, inner), outer)).faults();
    };
    CHECK(faults(26, 25) == Texts{});
    CHECK(faults(27, 23) == Texts{});
    CHECK(faults(27, 24) == Texts{"window_too_large"});
    CHECK(faults(24, 27) == Texts{"window_too_large"});
    // Members of an archive follow one another, and so do frames.
    const Members members{{"a", zstd(text, 26)}, {"b", zstd(text, 26) + zstd(text, 26)}};
    const Collector sink = collect(zstd(tar(members), 24));
    CHECK(sink.records().size() == 15'000);
    CHECK(sink.faults() == Texts{});
}

TEST_CASE("zstd that needs a dictionary is not called damaged") {
    const Collector sink = collect(zstd_with_dictionary(kRecord));
    CHECK(sink.records() == Texts{});
    CHECK(sink.faults() == Texts{"needs_dictionary"});
}

TEST_CASE("archives give their members in order, ordinals count through") {
    const Members members{{"logs/", ""},
                          {"logs/a.json", kRecord + kRecord},
                          {"../../b.json.gz", gzip(kRecord)},
                          {"empty", ""},
                          {"c.txt", "a line\n"}};
    for (const std::string& bytes : {tar(members),
                                     zip(members),
                                     gzip(tar(members)),
                                     zstd(tar(members)),
                                     bzip2(zip(members))}) {
        const Collector sink = collect(bytes);
        REQUIRE(sink.seen.size() == 5);
        CHECK(sink.records() == Texts{kRecord, kRecord, kRecord});
        CHECK(sink.lines() == Texts{"a line"});
        CHECK(sink.faults() == Texts{"empty_object"});
        CHECK(sink.seen[0].object == "object!logs/a.json");
        CHECK(sink.seen[1].ordinal == 1);
        CHECK(sink.seen[1].offset == kRecord.size());
        CHECK(sink.seen[2].object == "object!../../b.json.gz");
        CHECK(sink.seen[2].ordinal == 2);
        CHECK(sink.seen[3].object == "object!empty");
        CHECK(sink.seen[3].ordinal == kNoOrdinal);
        CHECK(sink.seen[4].ordinal == 3);
    }
}

TEST_CASE("archives lie in archives, four deep and no deeper") {
    std::string bytes = kRecord;
    for (int depth = 1; depth <= 4; ++depth) {
        bytes = depth % 2 == 0 ? tar({{"inner", bytes}}) : gzip(zip({{"inner", bytes}}));
        CHECK(collect(bytes).records() == Texts{kRecord});
        CHECK(collect(bytes).faults() == Texts{});
    }
    const Collector sink = collect(zip({{"inner", bytes}}));
    CHECK(sink.records() == Texts{});
    CHECK(sink.faults() == Texts{"nested_too_deep"});
}

TEST_CASE("compression within compression ends somewhere") {
    std::string bytes = kRecord;
    for (int i = 0; i < 20; ++i) bytes = gzip(bytes);
    CHECK(collect(bytes).faults() == Texts{"nested_too_deep"});
}

TEST_CASE("a damaged member does not cost the others") {
    const std::string bad = gzip(many_records(5'000));
    const Collector sink =
        collect(tar({{"bad.gz", bad.substr(0, bad.size() / 2)}, {"good", kRecord}}));
    CHECK(sink.records().back() == kRecord);
    CHECK(sink.records().size() > 1'000);
    const std::string whole = tar({{"a", kRecord}, {"b", std::string(100'000, ' ') + kRecord}});
    const Collector cut = collect(std::string_view(whole).substr(0, whole.size() / 2));
    CHECK(cut.records() == Texts{kRecord});
    CHECK(!cut.faults().empty());
}

TEST_CASE("a wrong checksum is told at the end of what it is of") {
    const std::string text = many_records(50);
    std::string bytes = gzip(text);
    bytes[bytes.size() - 8] ^= 1;
    const Collector sink = collect(bytes);
    CHECK(sink.records().size() == 50);
    CHECK(sink.seen.back().offset == text.size());
}

TEST_CASE("a member whose checksum is wrong is used, and told") {
    const Members members{{"a", many_records(50)}, {"b", kRecord}};
    CHECK(collect(plain_zip(members)).faults() == Texts{});
    const Collector spoilt = collect(plain_zip(members, 1));
    CHECK(spoilt.records().size() == 51);
    CHECK(spoilt.faults() == Texts{"bad_compression", "bad_compression"});
    std::string deflated = zip(members);
    deflated[deflated.find("PK\x07\x08") + 4] ^= 1;  // behind the first member's data
    CHECK(collect(deflated).records().size() == 51);
    CHECK(collect(deflated).faults() == Texts{"bad_compression"});
    std::string frame = zstd(many_records(50), 0, true);
    frame.back() = static_cast<char>(frame.back() ^ 1);
    const Collector sink = collect(frame);
    CHECK(sink.records().size() == 50);
    CHECK(sink.faults() == Texts{"bad_compression"});
}

TEST_CASE("of an archive that is cut off all is used that is there, and it is told once") {
    const std::string large = many_records(30'000);
    for (const std::string& bytes : {zip({{"a", kRecord}, {"b", large}}),
                                     plain_zip({{"a", kRecord}, {"b", large}}),
                                     tar({{"a", kRecord}, {"b", large}})}) {
        const Collector sink = collect(bytes.substr(0, bytes.size() / 2));
        CHECK(sink.records().size() > 10'000);
        CHECK(sink.faults().back() == "truncated");
        CHECK(sink.seen.back().object == "object!b");
    }
}

TEST_CASE("a second name of a member is no empty member") {
    const std::string bytes = pack({{"a.json", kRecord}}, {.second_name = "b.json"});
    CHECK(collect(bytes).records() == Texts{kRecord});
    CHECK(collect(bytes).faults() == Texts{});
}

TEST_CASE("members behind a bomb are read") {
    const std::string bomb(40 << 20, ' ');
    const Collector sink = collect(zip({{"a.json", kRecord}, {"b", bomb}, {"c.json", kRecord}}));
    CHECK(sink.records() == Texts{kRecord, kRecord});
    CHECK(sink.faults() == Texts{"bomb"});
}

TEST_CASE("an encrypted member is told as such") {
    const Collector sink = collect(encrypted_zip({{"a", kRecord}}));
    CHECK(sink.records() == Texts{});
    CHECK(sink.faults() == Texts{"encrypted"});
    CHECK(sink.seen[0].object == "object!a");
}

TEST_CASE("names say nothing: a gzip called .json and text called .gz are read") {
    const Collector sink = collect(tar({{"a.json", gzip(kRecord)}, {"b.gz", kRecord}}));
    CHECK(sink.records() == Texts{kRecord, kRecord});
}

TEST_CASE("large data streams, with the same result") {
    const std::string text = many_records(50'000);
    ReadOptions options;
    options.whole_bytes = 1 << 20;
    options.window_bytes = 1 << 18;
    const Collector whole = collect(text);
    CHECK(whole.records().size() == 50'000);
    for (const std::string& bytes : {text, gzip(text), zstd(text), bzip2(text)}) {
        CHECK(collect(bytes, options).seen == whole.seen);
    }
}

TEST_CASE("empty and unknown objects are told") {
    CHECK(collect("").faults() == Texts{"empty_object"});
    CHECK(collect(" \n\t ").faults() == Texts{"empty_object"});
    CHECK(collect(gzip("")).faults() == Texts{"empty_object"});
    CHECK(collect(std::string("\x7F"
                              "ELF\0\0\1",
                              7))
              .faults() == Texts{"unknown_type"});
    CHECK(collect("PAR1" + std::string(100, '\x01')).faults() == Texts{"unknown_type"});
    CHECK(collect(zip({})).faults() == Texts{"empty_object"});
}

}  // namespace
}  // namespace yagura::decode
