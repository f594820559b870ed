// The floor under the main job: inflate (libdeflate) and parse (simdjson DOM) the same files, one
// core, nothing else. Whole-process measurements are told as a part of its rate.
//
//   bench_floor FOLDER        prints seconds, bytes and records as JSON
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <libdeflate.h>
#include <simdjson.h>

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    libdeflate_decompressor* inflater = libdeflate_alloc_decompressor();
    simdjson::dom::parser parser;
    std::vector<char> text;
    uint64_t bytes_in = 0;
    uint64_t bytes = 0;
    uint64_t records = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
        if (!entry.is_regular_file()) continue;
        const std::string packed = read_file(entry.path());
        uint32_t size = 0;
        if (packed.size() < 18) continue;
        std::memcpy(&size, packed.data() + packed.size() - 4, 4);
        if (text.size() < size + simdjson::SIMDJSON_PADDING)
            text.resize(size + simdjson::SIMDJSON_PADDING);
        size_t inflated = 0;
        if (libdeflate_gzip_decompress(
                inflater, packed.data(), packed.size(), text.data(), text.size(), &inflated))
            continue;
        bytes_in += packed.size();
        bytes += inflated;
        const auto document = parser.parse(text.data(), inflated, false);
        simdjson::dom::array found;
        if (!document["Records"].get(found)) records += found.size();
    }
    std::printf("{\"seconds\":%.4f,\"bytes_in\":%lu,\"bytes_inflated\":%lu,\"records\":%lu}\n",
                seconds_since(start),
                bytes_in,
                bytes,
                records);
    libdeflate_free_decompressor(inflater);
    return 0;
}
