// The file people's decisions are kept in, beside a lake: LAKE/console/console.sqlite.
//
//   YAGURA_TRY(auto notebook, Notebook::open(lake));
//   YAGURA_TRY(auto id, notebook->change([&](sqlite::Database& file) -> Result<int64_t> { … }));
//   YAGURA_TRY(auto views, notebook->read([&](sqlite::Database& file) { return … }));
//
// The classes beside it (triage.h, aliases.h, views.h, …) each own some tables and are what
// everybody else uses. The lake can be made again from its logs; this file cannot, so it is not
// part of the catalog. Only its owner may read it (0600). Thread-safe: one caller at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "sqlite/database.h"

namespace yagura::console {

// LAKE/console: what belongs to the console, not to the logs.
std::filesystem::path console_folder(const std::filesystem::path& lake);

class Notebook {
  public:
    // Makes the folder and the file when they are missing; tables of an earlier program are brought
    // up to date. A newer file is Code::unsupported, a damaged one Code::corrupt.
    static Result<std::unique_ptr<Notebook>> open(const std::filesystem::path& lake);

    // For looking only, without making anything: null when nobody has decided anything yet.
    static Result<std::unique_ptr<Notebook>> find(const std::filesystem::path& lake);

    // What `body(sqlite::Database&)` returns, a Result. It must not come back here.
    template <class Body>
    std::invoke_result_t<Body&, sqlite::Database&> read(Body&& body) {
        const std::lock_guard lock(mutex_);
        return body(database_);
    }
    // The same as one transaction: all of what `body` does, or nothing when it fails.
    template <class Body>
    std::invoke_result_t<Body&, sqlite::Database&> change(Body&& body) {
        const std::lock_guard lock(mutex_);
        ++changes_;
        return database_.transaction([&] { return body(database_); });
    }

    // A number that changes when anything in the file does, whoever did it.
    Result<int64_t> version();

  private:
    explicit Notebook(sqlite::Database database) : database_(std::move(database)) {}

    std::mutex mutex_;
    sqlite::Database database_;
    int64_t changes_ = 0;  // of ours; SQLite tells only those of others
};

}  // namespace yagura::console
