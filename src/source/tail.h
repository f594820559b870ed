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
// writer has closed them. A file that shrank or was replaced counts as new.
//
// Who keeps what was given needs to know it again after a restart: with `with_content`, lines come
// as Input::part() with the hash of all bytes up to their end, and resume() goes on from there. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
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

    explicit Tail(bool with_content = false) : with_content_(with_content) {}

    // Everything the file holds now counts as given.
    void skip(const std::string& path);
    // The first `size` bytes count as given if their hash is `content`; false when it is not, and
    // the file counts as new.
    bool resume(const std::string& path, uint64_t size, const Sha256& content);
    void forget(const std::string& path) { files_.erase(path); }

    // All of a file in lines up to its last complete one, as a part from its beginning that is read
    // as it is asked for; it then counts as given. Nothing of other files.
    Result<std::optional<Input>> all(const std::string& path);

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
        bool is_json = false;
        int64_t modified = 0;                // of what was given as a whole, nanoseconds
        std::unique_ptr<Sha256Stream> hash;  // of what was given; null until it is needed
    };
    std::optional<Input> next_lines(
        const std::string& path, File& file, std::string bytes, bool is_closed, bool is_all);

    bool with_content_;
    std::unordered_map<std::string, File> files_;
};

}  // namespace yagura::source
