// Files as they come: tells of files below folders that were written, moved in or removed.
//
//   YAGURA_TRY(FolderWatch watch, FolderWatch::open({"logs", "rules"}));
//   while (!stop) {
//       YAGURA_TRY(const auto changes, watch.wait(std::chrono::milliseconds(500)));
//       for (const Change& change : changes) …
//   }
//
// A file is told of once its writer closed it, or when nothing was written to it for
// kQuietPeriod, so that a file written in many pieces is one change; a file that is written
// without a pause is told of every kLongestSilence. One that was in a new folder before we looked
// counts as closed when nobody wrote to it for kPollInterval. A change may be told of twice, never
// lost: when the kernel's queue overflows, everything below the folders counts as changed. Uses
// inotify(7); where that is not to be had (some network file systems refuse it; too many folders,
// be it at first or as more come) the folders are listed every kPollInterval instead, large trees
// less often, and a file is told of once two listings show the same of it. Links are treated as by
// list_objects(). Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace yagura::source {

constexpr std::chrono::milliseconds kQuietPeriod{150};
constexpr std::chrono::milliseconds kLongestSilence{500};
constexpr std::chrono::milliseconds kPollInterval{1000};

struct Change {
    std::string path;        // lexically normal, as list_objects() names it
    bool is_closed = false;  // its writer closed it or moved it in; else it may still be growing
    bool is_gone = false;    // removed or moved away
};

struct WatchOptions {
    bool poll = false;  // never inotify: for file systems that do not report others' writes
    size_t most_folders = SIZE_MAX;  // watched with inotify; the kernel has a limit of its own
};

class FolderWatch {
  public:
    // `paths` are files or folders that exist. Only what happens from now on is told.
    static Result<FolderWatch> open(const std::vector<std::string>& paths,
                                    const WatchOptions& options = {});
    ~FolderWatch();
    FolderWatch(FolderWatch&&) noexcept;
    FolderWatch& operator=(FolderWatch&&) noexcept;

    // Waits until something changed, at most `timeout`; each file once, sorted by path.
    Result<std::vector<Change>> wait(std::chrono::milliseconds timeout);

    bool is_polling() const;

    class Impl;

  private:
    FolderWatch(std::vector<std::string> paths, std::unique_ptr<Impl> impl);
    std::vector<std::string> paths_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::source
