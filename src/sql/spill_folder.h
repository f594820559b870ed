// Where an engine puts what does not fit in memory: a folder of its own, for our eyes only.
//
// Engines name their files alike, so two in one folder would read each other's. The folder goes
// with its owner; what a killed one left in a folder of ours is removed by the next to make one
// there.
#pragma once

#include <filesystem>

namespace yagura::sql {

class SpillFolder {
  public:
    // Below `parent`, which is made when it is missing; empty: below the system's temporary folder.
    // Where none can be made, path() is empty.
    explicit SpillFolder(const std::filesystem::path& parent);
    SpillFolder(const SpillFolder&) = delete;
    SpillFolder& operator=(const SpillFolder&) = delete;
    ~SpillFolder();

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    int lock_ = -1;  // held as long as the folder is in use
};

}  // namespace yagura::sql
