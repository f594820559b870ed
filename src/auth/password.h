// Passwords: which are accepted, and the slow hash that is kept of them (argon2id, RFC 9106).
//
//   YAGURA_CHECK(check_password(name, password));
//   YAGURA_TRY(const std::string kept, hasher.hash(password));
//   YAGURA_TRY(const bool right, hasher.verify(password, kept));
//
// A hash takes memory and time on purpose. Only a few are worked on at once and few may wait, so
// that a flood of logins eats neither; who finds no room gets Code::busy. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yagura::auth {

constexpr size_t kShortestPassword = 12;        // characters (code points)
constexpr size_t kLongestPasswordBytes = 1024;  // so that reading it costs nothing

// Code::invalid with a sentence for the person when `password` is too short, too long, not UTF-8,
// the name itself, or one that everybody tries. Any script and any character is welcome.
Result<void> check_password(std::string_view name, std::string_view password);

class PasswordHasher {
  public:
    struct Options {
        uint64_t passes = 3;
        size_t memory_bytes = size_t{64} << 20;
        size_t at_once = 2;
        size_t waiting = 6;
    };

    explicit PasswordHasher(const Options& options);

    // What is kept: algorithm, cost, a random salt of libsodium and the hash, as text.
    Result<std::string> hash(std::string_view password);

    // Whether `kept` was made of `password`. An empty `kept` is nobody's: never right, and takes as
    // long as a wrong password.
    Result<bool> verify(std::string_view password, std::string_view kept);

    // Made with another cost than today's: to be hashed again while the password is at hand.
    bool is_outdated(std::string_view kept) const;

    // Hashes worked out so far.
    uint64_t worked() const { return worked_; }

  private:
    // Room for one hash; gives it back when destroyed.
    class Room;

    Options options_;
    std::string nobody_;  // a hash of today's cost that no password has
    std::mutex mutex_;
    std::condition_variable freed_;
    std::atomic<uint64_t> worked_{0};
    size_t working_ = 0;
    size_t waiting_ = 0;
};

}  // namespace yagura::auth
