// Records read again by object and ordinal.
#include "decode/record_fetcher.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "decode/collect.h"
#include "decode/pack.h"

namespace yagura::decode {
namespace {

namespace fs = std::filesystem;

// A file that is gone when the test ends.
class TemporaryFile {
  public:
    TemporaryFile() {
        std::string pattern = (fs::temp_directory_path() / "yagura-XXXXXX").string();
        ::close(::mkstemp(pattern.data()));
        path_ = pattern;
    }
    ~TemporaryFile() { fs::remove(path_); }
    void write(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
    std::string path() const { return path_.string(); }

  private:
    fs::path path_;
};

std::string log_of(int records) {
    std::string out = R"({"Records":[)";
    for (int i = 0; i < records; ++i) {
        out += R"({"n": )" + std::to_string(i) + R"(, "text":"\u0041"},)";
    }
    out.back() = ']';
    return out + "}";
}

TEST_CASE("records are found by ordinal, as they stand in the object") {
    TemporaryFile file;
    file.write(gzip(log_of(1000)));
    for (const size_t cache_bytes : {size_t{1} << 20, size_t{100}}) {  // kept, and not kept
        RecordFetcher fetcher(cache_bytes);
        for (int again = 0; again < 2; ++again) {
            const uint64_t ordinals[] = {999, 0, 7, 7, 1000, kNoOrdinal};
            const auto texts = fetcher.fetch(file.path(), ordinals).value();
            REQUIRE(texts.size() == 6);
            CHECK(texts[0] == R"({"n": 999, "text":"\u0041"})");
            CHECK(texts[1] == R"({"n": 0, "text":"\u0041"})");
            CHECK(texts[2] == R"({"n": 7, "text":"\u0041"})");
            CHECK(texts[3] == texts[2]);
            CHECK(!texts[4]);
            CHECK(!texts[5]);
        }
    }
}

TEST_CASE("ordinals are those the first reading gave, also beside broken records") {
    TemporaryFile file;
    const std::string log = "{\"k\":1}\n{\"k\":01}\nrubbish\n{\"k\":\"\xFF\"}\n{\"k\":2}\n";
    file.write(log);
    RecordFetcher fetcher;
    for (const Seen& one : collect(log).seen) {
        const uint64_t ordinals[] = {one.ordinal};
        const auto texts = fetcher.fetch(file.path(), ordinals).value();
        if (one.what == Seen::What::fault) {
            CHECK(!texts[0]);
        } else {
            CHECK(texts[0] == one.text);
        }
    }
}

TEST_CASE("a rewritten object is read anew") {
    TemporaryFile file;
    file.write("first line\nsecond line\n");
    RecordFetcher fetcher;
    const uint64_t ordinals[] = {1};
    CHECK(fetcher.fetch(file.path(), ordinals).value()[0] == "second line");
    file.write("only\n");
    CHECK(!fetcher.fetch(file.path(), ordinals).value()[0]);
}

TEST_CASE("the cache is bounded and forgets the object not used longest") {
    TemporaryFile files[3];
    RecordFetcher fetcher(25'000);
    const uint64_t ordinals[] = {5};
    for (int round = 0; round < 2; ++round) {
        for (const TemporaryFile& file : files) {
            file.write(log_of(500));  // some 13 kB: not even two fit
            CHECK(fetcher.fetch(file.path(), ordinals).value()[0] ==
                  R"({"n": 5, "text":"\u0041"})");
        }
    }
}

TEST_CASE("an object that is gone is an error") {
    RecordFetcher fetcher;
    const uint64_t ordinals[] = {0};
    CHECK(fetcher.fetch("/nowhere/a.json", ordinals).error().code() == Code::not_found);
}

}  // namespace
}  // namespace yagura::decode
