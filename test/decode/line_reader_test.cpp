// Text logs.
#include <doctest/doctest.h>

#include "decode/collect.h"
#include "decode/pack.h"

namespace yagura::decode {
namespace {

const std::string kFlow =
    "version account-id interface-id srcaddr\n"
    "2 111122223333 eni-1 10.0.0.1\n"
    "\r\n"
    "2 111122223333 eni-1 10.0.0.2\r\n"
    "version account-id interface-id srcaddr\n"
    "2 111122223333 eni-1 10.0.0.3";

TEST_CASE("every line is delivered, header lines too, blank ones not") {
    const Collector sink = collect(kFlow);
    REQUIRE(sink.lines().size() == 5);
    CHECK(sink.lines()[0] == "version account-id interface-id srcaddr");
    CHECK(sink.lines()[2] == "2 111122223333 eni-1 10.0.0.2");
    CHECK(sink.lines()[4] == "2 111122223333 eni-1 10.0.0.3");
    for (const Seen& one : sink.seen) CHECK(kFlow.substr(one.offset, one.text.size()) == one.text);
    CHECK(sink.seen[4].ordinal == 4);
}

TEST_CASE("lines do not depend on windows") {
    const Collector whole = collect(kFlow);
    for (const size_t window : {1, 2, 5, 31, 64, 1000}) {
        ReadOptions options;
        options.window_bytes = window;
        options.probe_bytes = 1;
        options.whole_bytes = 0;
        CHECK(collect(kFlow, options).seen == whole.seen);
        CHECK(collect(gzip(kFlow), options).seen == whole.seen);
    }
}

TEST_CASE("bad UTF-8 in a line is mended and flagged") {
    const Collector sink = collect("good line\nbad \xFF line\n");
    CHECK(sink.lines() == Texts{"good line", "bad \xEF\xBF\xBD line"});
    CHECK(!sink.seen[0].repaired);
    CHECK(sink.seen[1].repaired);
}

TEST_CASE("a JSON object among lines of text is a record") {
    const Collector sink = collect("# comment\n{\"eventVersion\":\"1\"}\n{not json}\n");
    CHECK(sink.lines() == Texts{"# comment", "{not json}"});
    CHECK(sink.records() == Texts{"{\"eventVersion\":\"1\"}"});
}

TEST_CASE("an object around Records among lines of text is its records") {
    const Collector sink =
        collect("a title\n{\"Records\":[{\"n\":1},5,{\"n\":2}],\"x\":0}\n{\"n\":3}\n");
    CHECK(sink.records() == Texts{"{\"n\":1}", "{\"n\":2}", "{\"n\":3}"});
    CHECK(sink.faults() == Texts{"not_a_record"});
    CHECK(sink.seen[1].offset == 20);
    CHECK(sink.seen[3].ordinal == 3);
}

TEST_CASE("lines that begin with a bracket are text") {
    const Texts lines{"[2024-07-31 12:00:00] started", "[2024-07-31 12:00:01] {stopped}"};
    CHECK(collect(lines[0] + "\n" + lines[1]).lines() == lines);
}

TEST_CASE("a line beyond 16 MiB is one fault, whatever the window") {
    const std::string text = "first\n" + std::string((16 << 20) + 1, 'x') + "\nlast\n";
    for (const std::string& bytes : {text, bzip2(text)}) {
        ReadOptions options;
        options.max_ratio = 1 << 30;
        const Collector sink = collect(bytes, options);
        CHECK(sink.lines() == Texts{"first", "last"});
        CHECK(sink.faults() == Texts{"too_long"});
        CHECK(sink.seen[1].ordinal == 1);
        CHECK(sink.seen[1].offset == 6);
        CHECK(sink.seen[2].ordinal == 2);
    }
}

TEST_CASE("a refused line is quarantined with its bytes and offset") {
    Collector sink;
    sink.refuse_lines = true;
    RecordReader reader;
    auto input = source::Input::of_bytes("one\ntwo\n", "object");
    const ReadStats stats = reader.read(input, sink).value();
    CHECK(sink.seen[1].text == "unknown_type two");
    CHECK(sink.seen[1].offset == 4);
    CHECK(stats.records == 0);
    CHECK(stats.record_faults == 2);
}

TEST_CASE("UTF-16 text is read") {
    std::string little = "\xFF\xFE", big = "\xFE\xFF";
    for (const char c : std::string("{\"a\":\"b\"}")) {
        little += std::string{c, '\0'};
        big += std::string{'\0', c};
    }
    for (const std::string& bytes : {little, big, little.substr(2), big.substr(2)}) {
        const Collector sink = collect(bytes);
        CHECK(sink.records() == Texts{"{\"a\":\"b\"}"});
        CHECK(sink.seen[0].repaired);
    }
    // A pair, and a mark that is none as it does not come first.
    CHECK(collect(std::string("\xFF\xFEx\0\x3D\xD8\0\xDE\xFF\xFE", 10)).lines() ==
          Texts{"x\xF0\x9F\x98\x80\xEF\xBB\xBF"});
    // A high surrogate alone, and half a code unit at the end.
    const Collector sink = collect(std::string("\xFF\xFEx\0\x00\xD8y\0z", 9));
    CHECK(sink.lines() == Texts{"x\xEF\xBF\xBDy\xEF\xBF\xBD"});
}

TEST_CASE("a byte order mark is taken off and flags the first record only") {
    const Collector json = collect("\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}");
    CHECK(json.records() == Texts{"{\"a\":1}", "{\"a\":2}"});
    CHECK(json.seen[0].repaired);
    CHECK(!json.seen[1].repaired);
    CHECK(collect("\xEF\xBB\xBFversion a").lines() == Texts{"version a"});
    // Files with marks, joined.
    CHECK(collect("{\"a\":1}\n\xEF\xBB\xBF{\"a\":2}").records().size() == 2);
}

TEST_CASE("the sink can stop the reading") {
    Collector sink;
    sink.stop_after = 10;
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "line\n";
    RecordReader reader;
    auto input = source::Input::of_bytes(text, "object");
    const ReadStats stats = reader.read(input, sink).value();
    CHECK(stats.stopped);
    CHECK(stats.records < 50'000);
}

}  // namespace
}  // namespace yagura::decode
