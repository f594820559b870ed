// However text is cut into windows and regions, the same records and faults come out: generated
// logs, good and broken, are read whole and through windows of many sizes.
#include <functional>
#include <random>

#include <doctest/doctest.h>

#include "decode/collect.h"
#include "decode/pack.h"

namespace yagura::decode {
namespace {

class Generator {
  public:
    explicit Generator(uint32_t seed) : random_(seed) {}

    uint32_t below(uint32_t limit) { return random_() % limit; }

    std::string text() {
        static const char* const kParts[] = {"a",
                                             "GetObject",
                                             "\\\"",
                                             "\\\\",
                                             "},{",
                                             "[{",
                                             "]}",
                                             "\\n",
                                             "é",
                                             "\\u00e9",
                                             "日本",
                                             "{\\\"k\\\":1}",
                                             ",",
                                             ":",
                                             " "};
        std::string out = "\"";
        for (uint32_t i = below(6); i > 0; --i) out += kParts[below(std::size(kParts))];
        return out + "\"";
    }

    std::string value(int depth) {
        switch (below(depth > 3 ? 4 : 7)) {
            case 0:
                return std::to_string(below(100000));
            case 1:
                return "null";
            case 2:
            case 3:
                return text();
            case 4:
                return "[" + join([&] { return value(depth + 1); }, below(4)) + "]";
            default:
                return object(text(), depth + 1);
        }
    }

    std::string object(const std::string& first_key, int depth = 0) {
        std::string out = "{" + first_key + ":" + blank() + value(depth);
        for (uint32_t i = below(5); i > 0; --i) {
            out += "," + blank() + text() + ":" + value(depth);
        }
        return out + blank() + "}";
    }

    std::string record() { return below(8) == 0 ? object(text()) : object("\"eventVersion\""); }

    std::string broken_record() {
        std::string out = record();
        const size_t at = 1 + below(static_cast<uint32_t>(out.size() - 1));
        switch (below(6)) {
            case 0:
                return out.erase(at, 1);
            case 1:
                return out.insert(at, "\"");
            case 2:
                return out.insert(at, "\xFF");
            case 3:
                return out.insert(at, std::string(1, "{}[],:"[below(6)]));
            case 4:
                return out.substr(0, at);
            default:
                return out.insert(at, "\n");
        }
    }

    std::string log(bool broken) {
        const auto next = [&] { return broken && below(6) == 0 ? broken_record() : record(); };
        const uint32_t count = below(12);
        switch (below(5)) {
            case 0:
                return R"({"Records":[)" + join(next, count) + "]}";
            case 1:
                return R"({"x":)" + value(0) + R"(,"Records":[)" + join(next, count) + R"(],"y":)" +
                       value(0) + "}";
            case 2:
                return "[" + join(next, count) + "]\n" + record();
            case 3:
                return join(next, count + 1, "\n") + "\n";
            default:
                return join(next, count + 1, "");
        }
    }

  private:
    static std::string join(const std::function<std::string()>& next,
                            uint32_t count,
                            const char* separator = ",") {
        std::string out;
        for (uint32_t i = 0; i < count; ++i) out += (i == 0 ? "" : separator) + next();
        return out;
    }
    std::string blank() { return below(5) == 0 ? " " : ""; }

    std::mt19937 random_;
};

Collector collect_windowed(const std::string& bytes, size_t window) {
    ReadOptions options;
    options.window_bytes = window;
    options.probe_bytes = 1;
    options.whole_bytes = 0;  // gzip streams as well
    return collect(bytes, options);
}

void check_windows(const std::string& log) {
    CAPTURE(log);
    const Collector whole = collect(log);
    for (const size_t window : {1, 2, 3, 7, 16, 61, 256, 1000, 4096}) {
        CAPTURE(window);
        CHECK(collect_windowed(log, window).seen == whole.seen);        // regions over whole text
        CHECK(collect_windowed(gzip(log), window).seen == whole.seen);  // a stream
    }
}

TEST_CASE("good logs do not depend on windows") {
    for (uint32_t seed = 0; seed < 300; ++seed) {
        Generator generate(seed);
        const std::string log = generate.log(false);
        const Collector whole = collect(log);
        CAPTURE(log);
        CHECK(whole.faults() == Texts{});
        check_windows(log);
    }
}

TEST_CASE("broken logs do not depend on windows") {
    for (uint32_t seed = 1000; seed < 1600; ++seed) check_windows(Generator(seed).log(true));
}

TEST_CASE("ordinals count every record once, in order") {
    for (uint32_t seed = 2000; seed < 2300; ++seed) {
        const std::string log = Generator(seed).log(true);
        CAPTURE(log);
        uint64_t next = 0;
        for (const Seen& one : collect(log).seen) {
            if (one.ordinal != kNoOrdinal) CHECK(one.ordinal == next++);
        }
    }
}

}  // namespace
}  // namespace yagura::decode
