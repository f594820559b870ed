// Who reads a lake, so that files of replaced segments stay while somebody may need them.
//
// Readers share `readers.lock`; a writer only looks whether somebody does. Nobody waits for
// anybody.
#pragma once

#include <filesystem>

namespace yagura::store {

class ReaderLock {
  public:
    // Taken before the catalog is asked for segments. Holds nothing where the file may not be
    // opened, or is missing, as only earlier programs wrote the lake: reading leaves it untouched.
    explicit ReaderLock(const std::filesystem::path& lake);
    ReaderLock(const ReaderLock&) = delete;
    ReaderLock& operator=(const ReaderLock&) = delete;
    ~ReaderLock();

  private:
    int descriptor_;
};

// False when nobody does: then nobody looks at a segment that was retired before this call. For
// the holder of the writer's lock. Makes the file when it is missing.
bool may_be_read(const std::filesystem::path& lake);

}  // namespace yagura::store
