// Who reads a lake, so that a file stays for as long as somebody may still open it, and no longer.
//
// Each change of the list of live segments makes the next generation of it (SegmentList). Who reads
// holds a shared lock on one byte of `readers.lock`: the one whose offset is the generation of its
// list. A segment is in the lists of the generations from the one that published it up to the one
// that retired it, so that its files may go once none of those bytes is locked. The locks are those
// of open file descriptions (fcntl(2), F_OFD_SETLK): they end with whoever holds them, however it
// ends. A writer only looks; nobody waits for anybody.
//
//   ReaderLock reading(lake, 0);  // or from any generation that is past
//   YAGURA_TRY(const SegmentList list, catalog.segment_list());
//   reading.narrow(list.generation);
//
// Who is no reader of ours locks the whole file, with flock(1) for one, and keeps everything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>

namespace yagura::store {

class ReaderLock {
  public:
    static constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();

    // Of the generations [from, before). Holds nothing where the file system has no locks, where
    // the file may not be opened, or is missing, as only earlier programs wrote the lake: reading
    // leaves it untouched.
    explicit ReaderLock(const std::filesystem::path& lake, int64_t from, int64_t before = kNoEnd);
    ReaderLock(const ReaderLock&) = delete;
    ReaderLock& operator=(const ReaderLock&) = delete;
    ~ReaderLock();

    // Lets go of all but this one of them.
    void narrow(int64_t generation);

  private:
    int descriptor_;
    int64_t from_;
    int64_t before_;
};

// Looks at the locks, for the holder of the writer's lock. Makes the file when it is missing.
class Readers {
  public:
    explicit Readers(const std::filesystem::path& lake);
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;
    ~Readers();

    // Does somebody read a list of one of the generations [from, before)? Nothing when that cannot
    // be told, as the file system has no locks. Nobody begins to read a list of the past.
    std::optional<bool> read_any(int64_t from, int64_t before) const;

  private:
    int descriptor_;
    bool is_locked_as_a_whole_ = false;
};

}  // namespace yagura::store
