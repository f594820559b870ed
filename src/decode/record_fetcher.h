// The exact bytes of single records, read again from the object they came from.
//
//   RecordFetcher fetcher;
//   YAGURA_TRY(auto texts, fetcher.fetch("logs/a.json.gz", ordinals));   // texts[i] belongs to
//   ordinals[i]
//
// A row of the lake knows its object and ordinal, not its text: an object of 5,000 records is
// inflated again in some milliseconds, and the records of the last objects asked for stay in
// memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/record_reader.h"

namespace yagura::decode {

class RecordFetcher {
  public:
    // Keeps at most `cache_bytes` of text; an object that holds more is read anew each time.
    explicit RecordFetcher(size_t cache_bytes = size_t{64} << 20) : cache_bytes_(cache_bytes) {}

    // `path` is the object's, without a member; ordinals as RecordOrigin has them, in any order. A
    // JSON record is the text of its object, out of its envelope; a line is without its line break.
    // Absent when there is no such record (any more): the object was rewritten, or the record is
    // not decodable.
    Result<std::vector<std::optional<std::string>>> fetch(const std::string& path,
                                                          std::span<const uint64_t> ordinals);

  private:
    struct Cached {
        std::string path;
        uint64_t size;
        Timestamp modified;
        std::string text;            // of all records, one behind the other
        std::vector<uint64_t> ends;  // where the record with ordinal i ends in text
        std::vector<bool> present;

        size_t bytes() const { return text.size() + ends.size() * sizeof(uint64_t); }
    };
    class Capture;

    void keep(Cached entry);

    size_t cache_bytes_;
    size_t used_bytes_ = 0;
    std::list<Cached> cached_;  // most recently used first
    RecordReader reader_;
};

}  // namespace yagura::decode
