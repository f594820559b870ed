// Inside auth/ only: the file everything about people is kept in, `LAKE/console/auth.sqlite`.
//
// Only its owner may read it (mode 0600, its folder 0700). Two connections: one that changes, one
// that looks things up, so that a lookup does not wait for a disk. Other processes (`yagura user`)
// may change it at the same time. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "auth/secret.h"
#include "base/result.h"
#include "base/time.h"
#include "sqlite/database.h"

namespace yagura::auth {

using Clock = std::function<Timestamp()>;

class File {
  public:
    // Makes folder and file when they are missing and brings an older file up to date. A file of a
    // newer Yagura is Code::unsupported and stays as it is.
    static Result<std::unique_ptr<File>> open(const std::filesystem::path& folder,
                                              Clock clock,
                                              Randomness randomness);

    using Work = std::function<Result<void>(sqlite::Database&)>;
    // One transaction: all of `work`, or nothing when it fails. Must not call change() or look().
    Result<void> change(const Work& work);
    Result<void> look(const Work& work);

    const std::filesystem::path& path() const { return path_; }
    Timestamp now() const { return clock_(); }
    const Randomness& randomness() const { return randomness_; }

  private:
    struct Side {
        std::mutex mutex;
        sqlite::Database database;
        explicit Side(sqlite::Database opened) : database(std::move(opened)) {}
    };
    File(std::filesystem::path path,
         Clock clock,
         Randomness randomness,
         sqlite::Database writer,
         sqlite::Database reader);

    std::filesystem::path path_;
    Clock clock_;
    Randomness randomness_;
    Side writer_;
    Side reader_;
};

// Runs a prepared statement over its rows.
Result<void> each_row(sqlite::Statement& statement, const std::function<void()>& visit);

}  // namespace yagura::auth
