// Notices that certificate and key were replaced. Private to the server; for one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "server/server.h"

namespace yagura::server {

// Two files are rarely written at one moment: new ones count once they have stayed as they are from
// one look to the next.
class CertificateWatch {
  public:
    using Clock = std::chrono::steady_clock;

    explicit CertificateWatch(const Options& options);

    // True once for every new pair.
    bool is_changed(Clock::time_point now);

  private:
    struct Stamp {
        uint64_t inode = 0, size = 0;
        int64_t changed_ns = 0;  // 0: not there
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    struct Pair {
        Stamp certificate, key;
        friend bool operator==(const Pair&, const Pair&) = default;
    };
    static Stamp stamp_of(const std::filesystem::path& file);
    Pair look() const { return {stamp_of(options_.certificate), stamp_of(options_.key)}; }

    const Options& options_;
    Pair used_, seen_;
    Clock::time_point next_{};
};

}  // namespace yagura::server
