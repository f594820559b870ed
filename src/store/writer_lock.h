// Only one process writes a lake at a time.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"

namespace yagura::store {

// Held from acquire() until destruction; the system gives it up when the process dies, however it
// dies.
class WriterLock {
  public:
    // Waits up to `wait`; then Code::busy with the id of the process that holds it.
    static Result<WriterLock> acquire(const std::filesystem::path& lake,
                                      std::chrono::milliseconds wait);
    WriterLock(WriterLock&& other) noexcept;
    WriterLock& operator=(WriterLock&&) = delete;
    ~WriterLock();

  private:
    explicit WriterLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace yagura::store
