// Gathers log files and writes them gzipped, several at a time.
//
//   LogFiles files("out/logs", 2);
//   files.add("AWSLogs/1/CloudTrail/…json.gz", std::move(text));
//   YAGURA_CHECK(files.write());           // what was added so far
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"

namespace yagura::simulate {

class LogFiles {
  public:
    LogFiles(std::filesystem::path root, uint32_t threads);

    // `path` is relative to the root, with / between folders.
    void add(std::string path, std::string text);

    // Compresses and writes everything added since the last call; existing files are replaced.
    Result<void> write();

    uint64_t files() const { return files_; }
    uint64_t bytes() const { return bytes_; }            // before compression
    uint64_t compressed() const { return compressed_; }  // on disk

  private:
    struct File {
        std::string path;
        std::string text;
    };
    Result<void> make_folders();

    std::filesystem::path root_;
    uint32_t threads_;
    std::vector<File> pending_;
    std::unordered_set<std::string> folders_;
    uint64_t files_ = 0;
    uint64_t bytes_ = 0;
    uint64_t compressed_ = 0;
};

}  // namespace yagura::simulate
