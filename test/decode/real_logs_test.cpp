// Real CloudTrail files, where they are at hand: every way of reading them gives the same records.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <doctest/doctest.h>

#include "decode/collect.h"
#include "decode/pack.h"

namespace yagura::decode {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> real_logs() {
    const char* shared = std::getenv("YAGURA_SHARED");
    const fs::path root = shared ? fs::path(shared) : fs::path(YAGURA_SOURCE_DIR) / ".." / "shared";
    std::vector<fs::path> out;
    std::error_code error;
    for (const auto& entry :
         fs::recursive_directory_iterator(root / "data" / "cloudtrail", error)) {
        if (entry.path().extension() == ".json") out.push_back(entry.path());
    }
    if (out.empty()) MESSAGE("no real logs under ", root.string(), "; skipped");
    return out;
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

TEST_CASE("real logs give the same records through any container and window") {
    for (const fs::path& file : real_logs()) {
        CAPTURE(file.filename().string());
        const std::string text = contents(file);
        const Collector whole = collect(text);
        CHECK(whole.faults() == Texts{});
        CHECK(!whole.records().empty());
        for (const Seen& one : whole.seen)
            CHECK(text.compare(one.offset, one.text.size(), one.text) == 0);
        ReadOptions options;
        options.whole_bytes = 0;
        options.window_bytes = 10'000;
        CHECK(collect(text, options).seen == whole.seen);
        CHECK(collect(gzip(text), options).seen == whole.seen);
        CHECK(collect(zstd(text)).seen == whole.seen);
    }
}

TEST_CASE("a broken byte anywhere in a real log costs at most a few records") {
    const auto files = real_logs();
    for (size_t i = 0; i < files.size(); i += 10) {
        CAPTURE(files[i].filename().string());
        std::string text = contents(files[i]);
        const size_t records = collect(text).records().size();
        for (const char broken : {'"', '{', '}', '\\', '\n', '\xFF'}) {
            for (size_t at = text.size() / 7; at < text.size(); at += text.size() / 3) {
                const char before = std::exchange(text[at], broken);
                CHECK(collect(text).records().size() + 2 >= records);
                text[at] = before;
            }
        }
    }
}

}  // namespace
}  // namespace yagura::decode
