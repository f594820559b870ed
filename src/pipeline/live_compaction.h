// Keeps a lake that is written to every moment from becoming many small files.
//
//   LiveCompaction compaction(lake, writer);      // runs until it goes
//   const LiveCompaction::Pause pause(compaction);
//
// Segments of a log type and day are merged with others of about their size: eight of one class
// become one of the next, so that a row is copied a few times at most and a day of live commits is
// a few dozen files. A thread of its own with the lowest priority; the writer is held only for the
// commit of what was merged.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "store/writer.h"

namespace yagura::pipeline {

// What to merge next: segments of one log type, day and class of size, oldest first; empty when
// nothing is due. `now` and `rest`: the youngest are left alone for so long, as somebody may just
// be looking at what came last.
std::vector<store::Segment> next_merge(const std::vector<store::Segment>& segments,
                                       Timestamp now,
                                       std::chrono::seconds rest);

class LiveCompaction {
  public:
    LiveCompaction(std::filesystem::path lake, store::Writer& writer);
    ~LiveCompaction();

    // While one lives nothing is replaced: for who reads segments below a number, since merging
    // gives rows new ones.
    class Pause {
      public:
        explicit Pause(LiveCompaction& owner);
        ~Pause();
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

      private:
        LiveCompaction& owner_;
    };

  private:
    void run(const std::stop_token& stop);
    Result<bool> merge_once(const std::stop_token& stop);

    std::filesystem::path lake_;
    store::Writer& writer_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    uint32_t pauses_ = 0;
    std::jthread thread_;  // last
};

}  // namespace yagura::pipeline
