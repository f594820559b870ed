// Which paths and contents the ledger may have, without asking it.
//
//   if (known.may_have_path(path, ask)) …look it up in the catalog…
//
// Nearly every object of a large ingest is new, and a question to SQLite that finds nothing still
// takes its locks: three of them were a thirtieth of an ingest of small files. So when many are
// asked, the hashes of all paths and contents are read once; few objects into a large lake ask the
// catalog as ever. A lake has one writer, so what the writer adds is all that can come. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "store/hash_set.h"

namespace yagura::store {

class KnownObjects {
  public:
    // Reads every path and content of the ledger.
    using Visit = std::function<void(std::string_view path, const Sha256& content)>;
    using ReadAll = std::function<Result<void>(const Visit& visit)>;

    // `in_ledger`: about how many there are.
    KnownObjects(uint64_t in_ledger, ReadAll read_all);

    // False: it has none. True: ask.
    Result<bool> may_have_path(std::string_view path);
    Result<bool> may_have_content(const Sha256& content);

    void add(std::string_view path, const Sha256& content);

  private:
    Result<bool> may_have(uint64_t key);
    void remember(std::string_view path, const Sha256& content);

    uint64_t in_ledger_;
    ReadAll read_all_;
    uint64_t asked_ = 0;
    bool is_loaded_ = false;
    HashSet keys_;
};

}  // namespace yagura::store
