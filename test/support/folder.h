// A folder of its own for one test, gone when the test ends.
//
//   const test::Folder folder;
//   folder.write("logs/a.json", text);        // makes the folders above it
//   scan(folder / "logs");
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace yagura::test {

class Folder {
  public:
    Folder() : path_(unused_path()) { std::filesystem::create_directories(path_); }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    // The file `name` below the folder; write() starts it anew, append() lets it grow.
    std::filesystem::path write(std::string_view name, std::string_view text) const {
        return put(name, text, std::ios::binary);
    }
    std::filesystem::path append(std::string_view name, std::string_view text) const {
        return put(name, text, std::ios::binary | std::ios::app);
    }
    std::string read(std::string_view name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

  private:
    // Programs of tests run side by side, and threads inside them.
    static std::filesystem::path unused_path() {
        static std::atomic<int> count = 0;
        auto path = std::filesystem::temp_directory_path() /
                    fmt::format("yagura-test-{}-{}", getpid(), count++);
        std::filesystem::remove_all(path);  // of a program that died and had our number
        return path;
    }
    std::filesystem::path put(std::string_view name,
                              std::string_view text,
                              std::ios::openmode mode) const {
        const auto file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, mode) << text;
        return file;
    }

    std::filesystem::path path_;
};

}  // namespace yagura::test
