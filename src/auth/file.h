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
#include <type_traits>

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

    // What `work(sqlite::Database&)` returns, a Result. One transaction: all of it, or nothing when
    // it fails. Must not call change() or look().
    template <class Work>
    std::invoke_result_t<Work&, sqlite::Database&> change(Work&& work) {
        const std::lock_guard lock(writer_.mutex);
        return writer_.database.transaction([&] { return work(writer_.database); });
    }
    // The same for looking only.
    template <class Work>
    std::invoke_result_t<Work&, sqlite::Database&> look(Work&& work) {
        const std::lock_guard lock(reader_.mutex);
        return work(reader_.database);
    }

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

}  // namespace yagura::auth
