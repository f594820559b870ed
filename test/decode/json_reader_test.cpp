// Shapes of JSON logs, broken ones, and windows.
#include <doctest/doctest.h>

#include "decode/collect.h"
#include "decode/pack.h"

namespace yagura::decode {
namespace {

TEST_CASE("every shape of the same two records gives the same two records") {
    const Texts wanted{R"({"eventVersion":"1","n":1})", R"({"eventVersion":"1","n":2})"};
    const std::string a = wanted[0], b = wanted[1];
    const std::string shapes[] = {
        R"({"Records":[)" + a + "," + b + "]}",
        R"({"before":{"x":[1,"]"]},"Records": [ )" + a + " ,\n" + b + R"( ] , "after" : "}" })",
        "[" + a + "," + b + "]",
        a + b,
        a + "\n" + b + "\n",
        a + "\r\n\r\n" + b,
        "\n\n  " + a + " \t " + b,
        R"({"Records":[)" + a + R"(]}{"Records":[)" + b + "]}",
        "[" + a + "]\n[" + b + "]",
        R"({"Records":[]})" + a + "[]" + b,
    };
    for (const std::string& shape : shapes) {
        CAPTURE(shape);
        const Collector sink = collect(shape);
        CHECK(sink.records() == wanted);
        CHECK(sink.faults() == Texts{});
        for (const Seen& one : sink.seen)
            CHECK(shape.substr(one.offset, one.text.size()) == one.text);
    }
}

const std::string kA = R"({"eventVersion":"1","n":1})";
const std::string kB = R"({"eventVersion":"1","n":2})";
const std::string kC = R"({"eventVersion":"1","n":3})";

// `bad` in the middle of good records, in the shapes that matter.
void costs_only_itself(const std::string& bad, const std::string& fault) {
    for (const std::string& text : {R"({"Records":[)" + kA + "," + bad + "," + kB + "," + kC + "]}",
                                    "[" + kA + ",\n" + bad + " ,\n" + kB + "," + kC + "]",
                                    kA + "\n" + bad + "\n" + kB + "\n" + kC}) {
        CAPTURE(text);
        const Collector sink = collect(text);
        CHECK(sink.records() == Texts{kA, kB, kC});
        REQUIRE(sink.faults() == Texts{fault});
        CHECK(sink.seen[1].text == fault + " " + bad);
        CHECK(sink.seen[1].offset == text.find(bad));
        CHECK(sink.seen[1].ordinal == 1);
        CHECK(sink.seen[3].ordinal == 3);
    }
}

TEST_CASE("one bad record costs that record") {
    costs_only_itself(R"({"eventVersion":"1","n":01})", "bad_json");
    costs_only_itself(R"({"eventVersion":"1","n":})", "bad_json");
    costs_only_itself(R"({"eventVersion":"1" "n":1})", "bad_json");
    costs_only_itself(R"({"eventVersion":"1","n":"x"y"})", "bad_json");  // a quote too many
    costs_only_itself(R"({"eventVersion":"1","n":"x})", "bad_json");     // one too few
    costs_only_itself(R"({"eventVersion":"1","n":[1,2})", "bad_json");   // brackets
    costs_only_itself("{\"eventVersion\":\"1\",\"n\":\"a\tb\"}",
                      "bad_json");  // a raw control character
    costs_only_itself(R"({"eventVersion":"1","n":tru})", "bad_json");
    costs_only_itself(R"({"eventVersion":"1","n":"\u12G4"})", "bad_json");
}

TEST_CASE("a record without its closing bracket does not swallow its neighbours") {
    const std::string bad = R"({"eventVersion":"1","n":{"a":1})";
    const Collector sink = collect("[" + kA + "," + bad + "," + kB + "," + kC + "]");
    CHECK(sink.records() == Texts{kA, kB, kC});
    CHECK(sink.faults() == Texts{"bad_json"});
}

TEST_CASE("limits cost the record that breaks them") {
    std::string deep =
        R"({"eventVersion":"1","d":)" + std::string(200, '[') + std::string(200, ']') + "}";
    costs_only_itself(deep, "too_deep");
}

TEST_CASE("10,000 keys are one record, one more is a fault") {
    const auto with_keys = [](int count) {
        std::string out = R"({"eventVersion":1)";
        for (int i = 1; i < count; ++i) out += ",\"k" + std::to_string(i) + "\":0";
        return out + "}";
    };
    CHECK(collect(with_keys(10'000)).records().size() == 1);
    const Collector sink = collect(kA + with_keys(10'001) + kB);
    CHECK(sink.records() == Texts{kA, kB});
    CHECK(sink.faults() == Texts{"too_many_keys"});
}

TEST_CASE("a value too long to keep is one fault") {
    const std::string text =
        "[" + kA + ",{\"eventVersion\":\"" + std::string(40 << 20, 'x') + "\"}," + kB + "]";
    ReadOptions options;
    options.max_ratio = 1 << 30;
    for (const size_t whole_bytes : {size_t{0}, size_t{64} << 20}) {
        options.whole_bytes = whole_bytes;
        for (const std::string& bytes : {text, gzip(text)}) {
            const Collector sink = collect(bytes, options);
            CHECK(sink.records() == Texts{kA, kB});
            CHECK(sink.faults() == Texts{"too_long"});
            CHECK(sink.seen.back().ordinal == 2);
        }
    }
}

TEST_CASE("an array may hold objects around Records, of any size, and plain records") {
    const std::string one = R"({"v":1,"Records":[)" + kA + "," + kB + R"(],"w":[2]})";
    const std::string large =
        R"({"Records":[{"eventVersion":"1","pad":")" + std::string(100'000, 'x') + "\"}]}";
    for (const size_t window : {size_t{64}, size_t{1000}, size_t{1} << 20}) {
        ReadOptions options;
        options.window_bytes = window;
        const Collector sink = collect(
            "[" + one + "," + kC + ",\n" + large + ",{\"Records\":[]}," + one + "]", options);
        CHECK(sink.records().size() == 6);
        CHECK(sink.records()[2] == kC);
        CHECK(sink.records()[5] == kB);
        CHECK(sink.faults() == Texts{});
    }
    const Collector broken = collect("[{\"Records\":[" + kA + "]:}," + kB + "]");
    CHECK(broken.records().front() == kA);
    CHECK(broken.records().back() == kB);
    CHECK(!broken.faults().empty());
}

TEST_CASE("a record with brackets too many does not take the next one with it") {
    for (const std::string extra : {"{[", "[", "{", "[[", "{[{["}) {
        CAPTURE(extra);
        const std::string bad = R"({"eventVersion":"1","n":)" + extra + R"(,"m":0})";
        const Collector sink =
            collect("{\"Records\":[" + kA + "," + bad + "," + kB + "," + kC + "]}");
        CHECK(sink.records() == Texts{kA, kB, kC});
        CHECK(sink.faults().front() == "bad_json");
    }
}

TEST_CASE("bad UTF-8 is mended and flags only its record") {
    const std::string bad = "{\"eventVersion\":\"1\",\"n\":\"\xFF\xC0\x80\"}";
    const Collector sink = collect("{\"Records\":[" + kA + "," + bad + "," + kB + "]}");
    REQUIRE(sink.records().size() == 3);
    CHECK(sink.faults() == Texts{});
    CHECK(sink.records()[1].find("\xEF\xBF\xBD") != std::string::npos);
    CHECK(!sink.seen[0].repaired);
    CHECK(sink.seen[1].repaired);
    CHECK(!sink.seen[2].repaired);
    CHECK(sink.seen[2].offset == 12 + kA.size() + bad.size() + 2);
}

TEST_CASE("text cut off in a record, or between records, is told once") {
    const Collector inside = collect("{\"Records\":[" + kA + "," + kB.substr(0, 10));
    CHECK(inside.records() == Texts{kA});
    CHECK(inside.faults().size() == 1);
    const Collector between = collect("{\"Records\":[" + kA + ",");
    CHECK(between.records() == Texts{kA});
    CHECK(between.faults() == Texts{"truncated"});
}

TEST_CASE("values that are no objects are no records, a run of them is one fault") {
    const Collector sink = collect("[1,\"two\",null,[3]," + kA + ",4,5]");
    CHECK(sink.records() == Texts{kA});
    CHECK(sink.faults() == Texts{"not_a_record", "not_a_record"});
    CHECK(collect("42").faults() == Texts{"not_a_record"});
    CHECK(collect("\"text\"").faults() == Texts{"not_a_record"});
}

TEST_CASE("rubbish between records is told and skipped") {
    const Collector sink =
        collect(kA + "\nrubbish \"quote\n" + kB + "\n}}\n" + kC + "\n\x01\n" + kA);
    CHECK(sink.records() == Texts{kA, kB, kC, kA});
    CHECK(sink.faults() == Texts{"bad_json", "bad_json", "bad_json"});
}

TEST_CASE("commas that are missing or too many are told once and cost no record") {
    const Collector sink = collect("[" + kA + " " + kB + ",," + kC + ",]");
    CHECK(sink.records() == Texts{kA, kB, kC});
    CHECK(sink.faults() == Texts{"bad_json"});
    CHECK(sink.seen[1].ordinal == kNoOrdinal);
}

TEST_CASE("a record the sink refuses is quarantined whole, and the next one follows") {
    Collector sink;
    sink.refuse = "\"n\":2";
    RecordReader reader;
    auto input = source::Input::of_bytes("[" + kA + "," + kB + "," + kC + "]", "object");
    const ReadStats stats = reader.read(input, sink).value();
    CHECK(sink.records() == Texts{kA, kC});
    CHECK(sink.seen[1].text == "unknown_type " + kB);
    CHECK(stats.records == 2);
    CHECK(stats.record_faults == 1);
    CHECK(stats.object_faults == 0);
}

TEST_CASE("quarantined bytes are limited") {
    const Collector sink = collect("{\"a\":\"" + std::string(10'000, 'x') + "\",}");
    CHECK(sink.seen[0].text.size() == std::string("bad_json ").size() + kQuarantineBytes);
}

// Each of these made some parser quadratic or recursive. They end, and end soon.
TEST_CASE("hostile nesting and rubbish take linear time") {
    std::string unclosed, mixed, quotes;
    for (int i = 0; i < 200'000; ++i) {
        unclosed += "{\"\":";
        mixed += "{\"k\":1,";
        quotes += "{\"k\":\"},";
    }
    for (const std::string& text : {std::string(1'000'000, '['),
                                    std::string(1'000'000, '{'),
                                    unclosed,
                                    "[" + unclosed,
                                    "[" + mixed,
                                    "[{\"k\":1}," + mixed,
                                    "[{\"k\":1}," + quotes,
                                    std::string(1'000'000, '"'),
                                    "[" + std::string(1'000'000, ','),
                                    "[" + std::string(1'000'000, '}'),
                                    "{\"Records\":" + std::string(1'000'000, '[')}) {
        Collector sink;
        sink.refuse_lines = true;
        RecordReader reader;
        auto input = source::Input::of_bytes(text, "object");
        const ReadStats stats = reader.read(input, sink).value();
        CHECK(stats.record_faults + stats.object_faults > 0);
    }
}

}  // namespace
}  // namespace yagura::decode
