// Replays a corpus through a fuzz target where there is no libFuzzer (g++).
//
//   fuzz_ip fuzz/corpus/ip          runs every file, and every file cut short at each quarter
//
// The cuts cost nothing and catch readers that run past the end of truncated input.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

std::vector<std::filesystem::path> files_under(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_regular_file(path)) return {path};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// Each input is an exactly sized heap block, so that a sanitizer sees one byte too many.
void run(const std::vector<char>& bytes, size_t size) {
    const std::vector<uint8_t> input(bytes.begin(),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

void replay(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    for (size_t quarter = 0; quarter <= 4; ++quarter) run(bytes, bytes.size() * quarter / 4);
}

}  // namespace

int main(int argc, char** argv) {
    size_t count = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& file : files_under(argv[i])) {
            replay(file);
            ++count;
        }
    }
    std::printf("%zu inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
