// Is the lake what it was when it was written?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace yagura::store {

// Something that is not as it should be: the file, what is wrong, what to do about it.
struct LakeProblem {
    std::string file;
    std::string what;
    std::string remedy;
};

struct VerifyReport {
    uint64_t segments = 0;
    uint64_t rows = 0;
    uint64_t signal_bytes = 0;  // kept for rules over several events, in catalog.sqlite
    uint64_t bytes = 0;
    uint64_t objects = 0;
    std::vector<LakeProblem> problems;
    std::vector<std::string> orphans;  // files of no segment; the next ingest removes them
};

// Reads every byte: the catalog's structure and seals, each segment's checksum, footer and row
// count, each side index, kept objects. Fails only when the catalog cannot be opened; a damaged one
// is a problem of the report. `progress` is told how many of how many segments are done.
Result<VerifyReport> verify(const std::filesystem::path& lake,
                            const std::function<void(uint64_t, uint64_t)>& progress = {});

}  // namespace yagura::store
