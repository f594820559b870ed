// From a row's origin back to its object and to the record's bytes.
//
// Both may be called from the engine's threads: calls take turns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "decode/record_fetcher.h"
#include "store/lake.h"

namespace yagura::query {

// Objects by their id, each looked up once until the lake changes.
class Objects {
  public:
    explicit Objects(store::Lake& lake) : lake_(lake) {}

    std::optional<store::LedgerObject> find(int64_t id);
    // Somebody has committed: what is known may have changed.
    void forget();
    // The file that still holds what was ingested; empty when none does.
    std::string readable_file(const store::LedgerObject& object) const;

  private:
    store::Lake& lake_;
    std::mutex mutex_;
    std::unordered_map<int64_t, std::optional<store::LedgerObject>> known_;
};

// Exact bytes of records: out of the object where it was, or out of the lake's own copy
// (--keep-raw). Either counts only while its content is what was ingested.
class Records {
  public:
    explicit Records(Objects& objects) : objects_(objects) {}

    // Absent when the object is gone or holds something else by now.
    std::optional<std::string> read(int64_t object_id, int64_t ordinal);

  private:
    // A file whose content was checked, and how to see that it is still the same.
    struct Checked {
        std::string file;  // empty: none holds what was ingested
        Sha256 content{};
        uintmax_t size = 0;
        std::filesystem::file_time_type modified{};
    };

    // The file to read; empty when none holds what was ingested.
    const std::string& file_of(const store::LedgerObject& object);

    Objects& objects_;
    std::mutex mutex_;
    std::unordered_map<int64_t, Checked> files_;
    decode::RecordFetcher fetcher_;
};

}  // namespace yagura::query
