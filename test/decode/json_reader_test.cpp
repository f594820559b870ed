// Shapes of JSON logs, broken ones, and windows.
#include <doctest/doctest.h>

#include "decode/collect.h"

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

}  // namespace
}  // namespace yagura::decode
