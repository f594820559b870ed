// How many rows of failed logins the audit log gets: guessing must not fill the disk.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/time.h"

namespace yagura::auth {

// Thread-safe.
class FailureRows {
  public:
    static constexpr int kMostPerMinute = 60;

    // Whether to write a row now, and how many were left out before it; nullopt: leave this out,
    // too.
    std::optional<uint64_t> next(Timestamp now) {
        const std::lock_guard lock(mutex_);
        if (now - minute_ >= std::chrono::minutes(1) || now < minute_) {
            minute_ = now;
            written_ = 0;
        }
        if (written_ >= kMostPerMinute) {
            ++left_out_;
            return std::nullopt;
        }
        ++written_;
        const uint64_t before = left_out_;
        left_out_ = 0;
        return before;
    }

  private:
    std::mutex mutex_;
    Timestamp minute_;
    int written_ = 0;
    uint64_t left_out_ = 0;
};

}  // namespace yagura::auth
