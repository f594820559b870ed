// Rule folders made for one test, and what loading them gives.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "rule/loader.h"

namespace doctest {

// One line per text, so that a failure can be read.
template <>
struct StringMaker<std::vector<std::string>> {
    static String convert(const std::vector<std::string>& lines) {
        std::string out;
        for (const std::string& line : lines) out += "\n    " + line;
        return out.c_str();
    }
};

}  // namespace doctest

namespace yagura::test {

namespace fs = std::filesystem;

// A folder that lives as long as the test.
class Folder {
  public:
    Folder()
        : path_(fs::temp_directory_path() / fmt::format("yagura-rules-{}-{}", getpid(), ++count_)) {
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }
    fs::path write(const std::string& name, std::string_view text) const {
        const fs::path file = path_ / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file;
    }

  private:
    static inline int count_ = 0;
    fs::path path_;
};

inline rule::RuleSet load(const rule::LoadOptions& options) {
    auto set = rule::load_rules(options);
    REQUIRE(set.has_value());
    return std::move(*set);
}

// "2.yml:7:9: no rule … (did you mean …?)" for each, without the folders in front.
inline std::vector<std::string> lines_of(const std::vector<Diagnostic>& diagnostics) {
    std::vector<std::string> out;
    for (const Diagnostic& d : diagnostics) {
        std::string line = fmt::format(
            "{}:{}:{}: {}", fs::path(d.file).filename().string(), d.line, d.column, d.message);
        if (!d.hint.empty()) line += " (" + d.hint + ")";
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace yagura::test
