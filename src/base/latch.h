// A lock for what takes a few loads: waiting for it costs no call of the system.
//
//   const std::lock_guard hold(latch);
//
// Not for anything that may wait itself. Threads: any; not recursive.
#pragma once

#include <atomic>
#include <thread>

namespace yagura {

class Latch {
  public:
    void lock() {
        for (int tries = 1; taken_.exchange(true, std::memory_order_acquire); ++tries) {
            // Its holder may have lost the processor.
            if (tries % 64 == 0) std::this_thread::yield();
        }
    }
    void unlock() { taken_.store(false, std::memory_order_release); }

  private:
    std::atomic<bool> taken_{false};
};

}  // namespace yagura
