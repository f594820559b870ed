// Slows down guessing of passwords: after a few failures each further try has to wait longer.
//
//   const auto wait = throttle.begin(name, address, now);
//   if (wait > 0s) … refuse without looking at the password …
//   if (right) throttle.succeeded(name, address);
//
// Two counts: per name and address, and per address over all names. Nobody is locked out: the
// longest wait is minutes, and a stranger's failures do not touch the same name at another address.
// A try counts as failed from its beginning, so trying in parallel gains nothing. IPv6 addresses
// count by their /64. Bounded; the oldest are forgotten first. What a restart must not forget is
// handed out by to_keep() and taken back by restore(). Thread-safe.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/time.h"

namespace yagura::auth {

class Throttle {
  public:
    struct Options {
        int free_by_name = 4;                // failures before a name at an address has to wait
        int free_by_address = 20;            // and an address, over all names
        std::chrono::seconds first_wait{1};  // doubles with each failure
        std::chrono::seconds longest_wait{300};
        std::chrono::seconds forget_after{3600};  // without a failure
        size_t most = 20'000;                     // counts kept
    };

    explicit Throttle(const Options& options) : options_(options) {}

    // How long to wait; zero: go on, and the try counts as failed until succeeded().
    std::chrono::seconds begin(std::string_view name, std::string_view address, Timestamp now);

    // Forgets the failures of the name at the address, and takes the try back for the address.
    void succeeded(std::string_view name, std::string_view address);

    // The try did not happen after all: there was no room to look at the password.
    void take_back(std::string_view name, std::string_view address);

    // A count that makes people wait, by a hash: a name may be a password in the wrong field.
    struct Kept {
        std::string key;   // 32 bytes
        int failures = 0;  // 0: no longer to be kept
        Timestamp last;
        Timestamp until;
    };
    // What is to be written down of the name and the address since the last time; mostly nothing.
    std::vector<Kept> to_keep(std::string_view name, std::string_view address);
    // The oldest first.
    void restore(const Kept& kept);

    const Options& options() const { return options_; }
    size_t size() const;

  private:
    struct Count {
        std::string key;
        int failures = 0;
        Timestamp last;
        Timestamp until;       // no try before
        bool is_kept = false;  // by whoever asked to_keep()
    };
    using Counts = std::list<Count>;  // the one used last in front

    Count& place_for(const std::string& key, Timestamp now);
    Count& count_of(const std::string& key, Timestamp now);
    void forget(Counts::iterator count);
    std::chrono::seconds wait_of(const std::string& key, Timestamp now);
    void add_failure(Count& count, int free, Timestamp now) const;
    void drop_failure(const std::string& key);

    Options options_;
    mutable std::mutex mutex_;
    Counts counts_;
    std::unordered_map<std::string, Counts::iterator, TextHash, std::equal_to<>> by_key_;
};

}  // namespace yagura::auth
