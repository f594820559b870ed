// What came to files that are still being written: complete lines since the last look, or the whole
// of a file that makes sense only as a whole.
//
//   Tail tail;
//   for (const Object& object : listing.objects) tail.skip(object.path);   // only what comes
//   …
//   YAGURA_TRY(auto part, tail.next(path, change.is_closed));
//   while (part) { …read_records(*part, sink)…; YAGURA_TRY(part, tail.next(path, is_closed)); }
//
// Lines (text logs, one JSON value a line) are given as they are completed, a header line of a text
// log before each part again. Compressed files and JSON over several lines are given once their
// writer has closed them. A file that shrank or was replaced counts as new. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "source/input.h"

namespace yagura::source {

class Tail {
  public:
    // Lines given at once; a longer line is given in pieces, which then are faults of the reader.
    static constexpr size_t kMaxPart = size_t{16} << 20;

    // Everything the file holds now counts as given.
    void skip(const std::string& path);
    void forget(const std::string& path) { files_.erase(path); }

    // The next part of the file, or nothing for now. A file that is gone has nothing.
    Result<std::optional<Input>> next(const std::string& path, bool is_closed);

  private:
    struct File {
        uint64_t device = 0;
        uint64_t inode = 0;
        uint64_t given = 0;     // bytes
        std::string start;      // the first of them: a replaced file may get the same inode
        bool in_lines = false;  // else given as a whole
        std::string header;     // first line of a text log, with its newline
        int64_t modified = 0;   // of what was given as a whole, nanoseconds
    };
    std::optional<Input> next_lines(const std::string& path,
                                    File& file,
                                    std::string bytes,
                                    bool is_closed);

    std::unordered_map<std::string, File> files_;
};

}  // namespace yagura::source
